using System.Text.RegularExpressions;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Orders;
using BackOffice.Data.Payments;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Search;
using Microsoft.Data.Sqlite;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BackOffice.Data.Tests;

/// <summary>A list must stay as fast with ten million rows (DESIGN 4): its page is found by an index, in the order of the index.</summary>
public sealed partial class PlanTests
{
    // Tables that may be read whole, and why.
    private static readonly Dictionary<string, string> Small = new()
    {
        ["Packages"] = "What the shop sells: a handful of rows.",
        ["StrayTransactions"] = "A run begins with them, and finds their observations by key.",
    };

    public static TheoryData<string> Lists => [.. Statement.All.Where(statement => statement.IsPage && !statement.IsForSqlServerOnly).Select(statement => statement.Name)];

    [Theory, MemberData(nameof(Lists))]
    public async Task No_list_scans_or_sorts(string name)
    {
        Complaints.None(await ComplaintsAsync(Statement.All.Single(statement => statement.Name == name)));
    }

    [Theory, MemberData(nameof(Lists))]
    public void No_list_bounds_a_column_twice_the_same_way(string name) => Complaints.None(BoundTwice(Statement.All.Single(statement => statement.Name == name)));

    [Theory]
    [InlineData("SELECT OrderNo FROM Orders WHERE CreatedAt < '2026-01-01' AND CreatedAt <= '2025-01-01' ORDER BY CreatedAt, OrderNo {page}", 1)]
    [InlineData("SELECT OrderNo FROM Orders WHERE CreatedAt < '2026-01-01' AND CreatedAt >= '2025-01-01' AND (CreatedAt < '2026-01-01' OR OrderNo < 'A') ORDER BY CreatedAt, OrderNo {page}", 0)]
    public void A_column_bounded_twice_is_noticed(string text, int complaints) => Assert.Equal(complaints, BoundTwice(new Statement("Made up", new Sql(text))).Count);

    // An index is read from one of two bounds, and it may be the wrong one: then each page reads all that was on the pages before.
    private static List<string> BoundTwice(Statement statement) =>
    [
        .. TSql.All<QuerySpecification>(TSql.Parse(statement.TSql)).SelectMany(query => Terms(query.WhereClause?.SearchCondition).OfType<BooleanComparisonExpression>()
            .Where(term => term.FirstExpression is ColumnReferenceExpression)
            .Select(term => (Column: ((ColumnReferenceExpression)term.FirstExpression).MultiPartIdentifier.Identifiers[^1].Value, Way: term.ComparisonType.ToString()[..4]))
            .Where(term => term.Way is "Less" or "Grea")
            .GroupBy(term => term)
            .Where(bounds => bounds.Count() > 1)
            .Select(bounds => $"BOUND TWICE: {bounds.Key.Column}")),
    ];

    private static IEnumerable<BooleanExpression> Terms(BooleanExpression? condition) => condition switch
    {
        null => [],
        BooleanBinaryExpression { BinaryExpressionType: BooleanBinaryExpressionType.And } both => Terms(both.FirstExpression).Concat(Terms(both.SecondExpression)),
        _ => [condition],
    };

    // What a person waits for, or an import asks for each portion: found by an index, whatever the table holds.
    public static TheoryData<string> ByKey => [.. Statement.All.Where(statement => ByKeyOnly.Any(holder => statement.Name.StartsWith(holder + ".", StringComparison.Ordinal))).Select(statement => statement.Name)];

    private static readonly string[] ByKeyOnly =
        [nameof(SearchQueries), nameof(OrderStatuses), nameof(OrderQueries), nameof(PaymentQueries), nameof(RevealStore), $"{nameof(ErasureStore)}", nameof(CaseFacts), nameof(FindingFactsReader), nameof(OrderIntake), nameof(DeliveryIntake), nameof(TransactionIntake)];

    [Theory, MemberData(nameof(ByKey))]
    public async Task What_is_asked_by_key_scans_nothing(string name) =>
        Complaints.None((await ComplaintsAsync(Statement.All.Single(statement => statement.Name == name))).Where(complaint => complaint.StartsWith("SCAN", StringComparison.Ordinal)));

    // Summed over all orders while somebody waits.
    [Fact]
    public async Task What_was_sold_is_summed_from_an_index_alone() =>
        Assert.Equal(["SCAN Orders USING COVERING INDEX IX_Orders_Sold"], await PlanAsync(Statement.All.Single(statement => statement.Name == "EarningsQueries.SumStanding")));

    [Theory]
    [InlineData("SELECT OrderNo FROM Orders WHERE Units = 2 ORDER BY OrderNo {page}")]
    [InlineData("SELECT o.OrderNo FROM Orders o WHERE o.Units = 2 ORDER BY o.CreatedAt, o.OrderNo {page}")]
    [InlineData("SELECT OrderNo FROM Orders WHERE CreatedAt >= '2026-01-01' ORDER BY RecordedAt {page}")]
    [InlineData("SELECT OrderNo FROM Orders WHERE CreatedAt >= '2026-01-01' ORDER BY CreatedAt, Units {page}")]
    [InlineData("SELECT CreatedAt FROM Orders ORDER BY Units {page}")]
    [InlineData("SELECT Units, COUNT(*) FROM Orders GROUP BY Units ORDER BY Units {page}")]
    [InlineData("SELECT OrderNo FROM Orders WHERE OrderNo IN (SELECT OrderNo FROM Deliveries WHERE Tokens = 5) ORDER BY OrderNo {page}")]
    public async Task A_list_that_scans_or_sorts_is_noticed(string text) => Assert.NotEmpty(await ComplaintsAsync(new Statement("Bad", new Sql(text))));

    [Theory]
    [InlineData("SELECT OrderNo FROM Orders ORDER BY CreatedAt, OrderNo {page}")]
    [InlineData("SELECT o.OrderNo FROM Orders o JOIN Packages p ON p.Slug = o.Package WHERE o.CreatedAt >= '2026-01-01' ORDER BY o.CreatedAt, o.OrderNo {page}")]
    [InlineData("SELECT Slug FROM Packages WHERE Active = 1 ORDER BY Slug {page}")]
    public async Task A_list_in_the_order_of_an_index_is_not(string text) => Assert.Empty(await ComplaintsAsync(new Statement("Good", new Sql(text))));

    private static async Task<List<string>> ComplaintsAsync(Statement statement)
    {
        var tables = TSql.All<NamedTableReference>(TSql.Parse(statement.TSql))
            .ToLookup(table => (table.Alias ?? table.SchemaObject.BaseIdentifier).Value, table => table.SchemaObject.BaseIdentifier.Value);
        var complaints = new List<string>();
        foreach (var step in await PlanAsync(statement))
        {
            if (step.Contains("TEMP B-TREE", StringComparison.Ordinal) && !step.EndsWith("DISTINCT", StringComparison.Ordinal))
                complaints.Add($"SORTS: {step}");
            // Reading an index from its start is right for a list of everything: the page ends it.
            if (Scan().Match(step) is { Success: true } scan && tables[scan.Groups["name"].Value].Any(table => !Small.ContainsKey(table)) && !IsListOfEverything(statement))
                complaints.Add($"SCAN: {step}");
        }
        return complaints;
    }

    private static bool IsListOfEverything(Statement statement) =>
        TSql.All<QuerySpecification>(TSql.Parse(statement.TSql)) is [{ WhereClause: null, GroupByClause: null, FromClause.TableReferences: [NamedTableReference] }];

    private static async Task<List<string>> PlanAsync(Statement statement)
    {
        await using var connection = new SqliteConnection(await (await Engines.CurrentAsync()).MigratedAsync(DatabaseProvider.Sqlite));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + statement.Sqlite;
        foreach (var name in statement.Arguments.Select(argument => argument.Name).Concat(["Skip", "Take"]).Distinct())
            command.Parameters.AddWithValue("@" + name, DBNull.Value);
        await using var reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync())
            steps.Add(reader.GetString(3));
        return steps;
    }

    [GeneratedRegex(@"^SCAN (?<name>\w+)")]
    private static partial Regex Scan();
}
