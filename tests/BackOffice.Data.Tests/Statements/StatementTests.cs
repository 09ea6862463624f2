using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Tests;

public sealed class StatementTests
{
    [Fact]
    public void The_statements_of_the_program_are_found()
    {
        Assert.Contains(Statement.All, statement => statement.Sql == WriteSession.ReadCounter);
        Assert.Contains(Statement.All, statement => statement.Name == $"{nameof(ImportStore)}.{nameof(ImportStore.Queue)}#0");
        Assert.True(Statement.All.Count > 50, $"Only {Statement.All.Count} statements were found.");
    }

    [Fact]
    public void Every_statement_keeps_to_the_words_both_engines_know() =>
        Complaints.None(Statement.All.SelectMany(statement => StatementRules.Complaints(statement).Select(complaint => $"{statement}: {complaint}")));

    [Fact]
    public void Every_argument_is_used() => Complaints.None(StatementRules.UnusedArguments(Statement.All));

    [Fact]
    public void Every_statement_binds_as_TSql_against_the_migrated_schema() =>
        Complaints.None(TSqlModelOfProgram.Complaints(Statement.All).SelectMany(complaints => complaints.Select(complaint => $"{complaints.Key}: {complaint}")));

    [Fact]
    public async Task Every_statement_can_be_prepared_on_SQLite()
    {
        await using var connection = await OpenSqliteAsync();
        Complaints.None(Statement.All.Where(statement => !statement.IsForSqlServerOnly).SelectMany(statement => Prepare(connection, statement).Select(complaint => $"{statement}: {complaint}")));
    }

    [Theory]
    [InlineData("SELECT LENGTH(Name) FROM Counters", "LENGTH")]
    [InlineData("SELECT SUBSTR(Name, 1, 2) FROM Counters", "SUBSTR")]
    [InlineData("SELECT Name || 'x' FROM Counters", "||")]
    [InlineData("SELECT ROUND(Value, 0) FROM Counters", "ROUND")]
    [InlineData("SELECT AVG(Value) FROM Counters", "AVG")]
    [InlineData("SELECT Name FROM Counters ORDER BY Name LIMIT 1", "LIMIT")]
    [InlineData("SELECT TOP 1 Name FROM Counters", "TOP")]
    [InlineData("DELETE FROM Counters OUTPUT deleted.Name WHERE Value = 1", "OUTPUT")]
    [InlineData("DELETE FROM Counters WHERE Value = 1 RETURNING Name", "RETURNING")]
    [InlineData("INSERT INTO Counters (Name, Value) VALUES ('a', 1) ON CONFLICT DO NOTHING", "ON CONFLICT")]
    [InlineData("SELECT Name FROM Counters WHERE Name IS NOT DISTINCT FROM 'a'", "DISTINCT FROM")]
    [InlineData("SELECT GREATEST(Value, 1) FROM Counters", "GREATEST")]
    [InlineData("UPDATE VaultKeys SET CreatedAt = GETDATE()", "instants")]
    [InlineData("SELECT Name FROM VaultKeys WHERE CreatedAt < datetime('now')", "instants")]
    [InlineData("SELECT c.* FROM Counters c", "SELECT *")]
    [InlineData("SELECT \"Nmae\" FROM Counters", "double quote")]
    [InlineData("SELECT CAST(Value AS decimal(19, 4)) FROM Counters", "decimals")]
    [InlineData("SELECT 7 * 1.0 / Value FROM Counters", "decimals")]
    [InlineData("SELECT Name + 'x' FROM Counters", "+ on text")]
    [InlineData("SELECT Slug + NameEnglish FROM Packages", "+ on text")]
    [InlineData("SELECT SUM(Units) FROM Orders", "2^31")]
    [InlineData("SELECT Package, Units FROM Orders GROUP BY Package", "Units is neither grouped")]
    [InlineData("SELECT Package, MAX(Units) FROM Orders", "Package is neither grouped")]
    [InlineData("SELECT MAX(Units) FROM Orders HAVING Package = 'a'", "Package is neither grouped")]
    [InlineData("SELECT COUNT(*) FROM Orders GROUP BY COALESCE(CreemOrderId, OrderNo)", "group by a column")]
    [InlineData("INSERT INTO Counters VALUES ('a', 1)", "without a list")]
    [InlineData("INSERT INTO Counters (Name, Value) VALUES ('a')", "1 values into 2 columns")]
    [InlineData("INSERT INTO Counters (Name, Value) SELECT Name FROM Counters UNION ALL SELECT Name FROM Counters", "1 values into 2 columns")]
    [InlineData("SELECT Name FROM Counters WHERE Value = 'a'", "Value is number")]
    [InlineData("SELECT Name FROM VaultKeys WHERE CreatedAt IN ('2026-01-01')", "CreatedAt is instant")]
    [InlineData("SELECT Name FROM Counters WHERE Name = @Name", "@Name is no property")]
    [InlineData("SELECT Name FROM", "line 1")]
    public void The_rules_notice(string text, string complaint) =>
        Assert.Contains(StatementRules.Complaints(new Statement("Bad", new Sql(text))), one => one.Contains(complaint, StringComparison.Ordinal));

    [Fact]
    public void The_rules_notice_arguments_that_do_not_fit()
    {
        var wrong = new Statement("Bad", new Sql<WrongArguments>(
            "UPDATE VaultKeys SET CreatedAt = @name WHERE CreatedAt = @Name AND Name IN @Ids AND Name = @Ids AND Name = @Kind"));

        var complaints = StatementRules.Complaints(wrong).ToList();

        Assert.Contains("@name is no property of WrongArguments", complaints);
        Assert.Contains("CreatedAt is instant, @Name is text", complaints);
        Assert.Contains("Ids is a list of Guid, which the engines take differently", complaints);
        Assert.Contains("the list @Ids stands outside of IN @Ids", complaints);
        Assert.Contains("Kind is DayOfWeek, which the engines take differently", complaints);
        Assert.Equal(["Bad: WrongArguments.Unused is not used"], StatementRules.UnusedArguments([wrong]));
    }

    [Fact]
    public void Binding_notices_what_is_not_there()
    {
        Statement[] bad =
        [
            new("Column", new Sql("SELECT Nmae FROM Counters")),
            new("Table", new Sql("SELECT Name FROM Cuonters")),
            new("Variable", new Sql("SELECT Name FROM Counters WHERE Name = @Name")),
            new("Function", new Sql("SELECT dbo.Nmae(Name) FROM Counters")),
            new("Cte", new Sql("WITH a AS (SELECT Name FROM Counters) SELECT a.Nmae FROM a")),
            new("Good", new Sql<Samples.WordList>("SELECT Name FROM Counters WHERE Name IN @Keys")),
        ];

        var complaints = TSqlModelOfProgram.Complaints(bad);

        Assert.Equal(["Column", "Cte", "Function", "Table", "Variable"], complaints.Select(one => one.Key).Order());
    }

    [Fact]
    public async Task Preparing_notices_what_SQLite_does_not_know()
    {
        await using var connection = await OpenSqliteAsync();

        Assert.NotEmpty(Prepare(connection, new Statement("Bad", new Sql("SELECT Nmae FROM Counters"))));
        Assert.NotEmpty(Prepare(connection, new Statement("Bad", new Sql("SELECT Name FROM Counters WHERE ISNULL(Name, 1) = 1"))));
        Assert.NotEmpty(Prepare(connection, new Statement("Bad", new Sql("SELECT Name FROM Counters; SELECT Nmae FROM Counters"))));
    }

    [Theory, EachEngine]
    public async Task Every_statement_runs(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var complaints = new List<string>();
        foreach (var statement in Statement.All.Where(statement => engine == DatabaseProvider.SqlServer || !statement.IsForSqlServerOnly))
        {
            // Any value will do, and nothing is kept: a broken key or check has got past the words.
            var failure = await Record.ExceptionAsync(() => home.Database.WriteAsync(WriteRank.Job, async session =>
            {
                await session.ExecuteAsync(statement.Sql, AnyValue.Of(statement.Sql.ArgsType));
                throw new OperationCanceledException();
            }));
            if (failure is not (OperationCanceledException or SqliteException { SqliteErrorCode: 19 } or SqlException { Number: 515 or 547 or 2601 or 2627 }))
                complaints.Add($"{statement}: {failure?.Message}");
        }
        Complaints.None(complaints);
    }

    private static async Task<SqliteConnection> OpenSqliteAsync()
    {
        var connection = new SqliteConnection(await (await Engines.CurrentAsync()).MigratedAsync(DatabaseProvider.Sqlite));
        await connection.OpenAsync();
        return connection;
    }

    private static IEnumerable<string> Prepare(SqliteConnection connection, Statement statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement.Sqlite;
        var failure = Record.Exception(command.Prepare);
        return failure is null ? [] : [failure.Message];
    }

    private sealed record WrongArguments(string Name, Guid[] Ids, DayOfWeek Kind, string Unused);
}
