using System.Globalization;
using System.Text.RegularExpressions;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Tests;

public sealed partial class SchemaTests
{
    // Made by Evolve, which has a text of its own for each engine; and by the tests themselves.
    private static bool IsOurs(string line) => !line.StartsWith("SchemaVersions", StringComparison.OrdinalIgnoreCase) && !line.StartsWith("Samples_", StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task Both_engines_have_the_same_tables_keys_indexes_and_checks()
    {
        await using var connection = new SqliteConnection(await (await Engines.CurrentAsync()).MigratedAsync(DatabaseProvider.Sqlite));
        await connection.OpenAsync();
        var sqlite = (await new SqliteSchemaLines(connection).AllAsync()).Where(IsOurs).Order(StringComparer.Ordinal).ToList();
        var tsql = TSqlSchemaLines.All().Where(IsOurs).Order(StringComparer.Ordinal).ToList();

        Complaints.None(sqlite.Except(tsql).Select(line => $"only SQLite: {line}").Concat(tsql.Except(sqlite).Select(line => $"only SQL Server: {line}")));
        Assert.Equal(tsql, sqlite);
        Assert.Contains("Orders.CreemOrderId nvarchar(80) ordinal NULL", sqlite);
        Assert.Contains("Orders unique (CreemOrderId) where CreemOrderIdISNOTNULL", sqlite);
        Assert.Contains("Orders foreign key (Package) references Packages (Slug)", sqlite);
        Assert.Contains("Orders check CK_Orders_Units UnitsBETWEEN1AND100000", sqlite);
    }

    [Fact]
    public async Task A_server_made_of_the_migrations_what_was_expected()
    {
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.SqlServer);
        await using var connection = new SqlConnection(home.Settings.ConnectionString);
        await connection.OpenAsync();

        var expected = Comparable(TSqlSchemaLines.All());
        var there = Comparable(await new SqlServerSchemaLines(connection).AllAsync());

        Complaints.None(there.Except(expected).Select(line => $"only the server: {line}").Concat(expected.Except(there).Select(line => $"not the server: {line}")));

        // A server keeps capitals as it likes, names indexes and words checks and filters in its own way.
        static List<string> Comparable(IEnumerable<string> lines) =>
            [.. lines.Where(IsOurs).Select(line => OwnWords().Replace(line.ToLowerInvariant(), "")).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Unique_indexes_over_what_may_be_missing_leave_the_missing_ones_out() => Complaints.None(
        from index in Indexes()
        where index.Kind == "unique" && !index.Line.Contains(" where ", StringComparison.Ordinal) && index.Columns.Any(column => column.Nullable)
        select $"{index.Line}: SQL Server takes one row without a value, SQLite any");

    [Fact]
    public void Text_in_keys_and_indexes_is_ordinal() => Complaints.None(
        from index in Indexes()
        from column in index.Columns
        where column.Family == "text" && !column.Ordinal
        select $"{index.Line}: {column.Name} orders and compares differently on SQLite and SQL Server");

    [Fact]
    public void Keys_and_indexes_are_no_longer_than_SQL_Server_takes() => Complaints.None(
        from index in Indexes()
        let most = index.Kind == "primary key" ? 900 : 1700
        where index.Columns.Sum(BytesOf) > most
        select $"{index.Line}: {index.Columns.Sum(BytesOf)} bytes, at most {most}");

    [Fact]
    public void Bulk_tables_fit_the_tables_they_fill()
    {
        var tables = Statement.Fields(typeof(IBulkTable)).Select(field => (field.Name, Table: (IBulkTable)field.Value)).ToList();

        Complaints.None(tables.SelectMany(one => Misfits(one.Table).Select(complaint => $"{one.Name}: {one.Table.Name}.{complaint}")));
        Assert.True(tables.Count >= 5, $"Only {tables.Count} bulk tables were found.");
    }

    [Fact]
    public void A_bulk_table_that_does_not_fit_is_noticed()
    {
        var bad = new BulkTable<int>(
            "Counters", ("Nmae", typeof(string), row => row), ("Value", typeof(int), row => row), ("Value", typeof(DateTimeOffset), row => row));

        Assert.Equal(
            ["Nmae is not there", "Name must be filled", "Value is named twice", "Value is bigint, filled with Int32", "Value is bigint, filled with DateTimeOffset"],
            Misfits(bad));
    }

    [Fact]
    public void Later_migrations_change_what_earlier_ones_made()
    {
        var objects = MigratedSchema.Of(
        [
            "CREATE TABLE A (Id int NOT NULL CONSTRAINT PK_A PRIMARY KEY, Old int NULL CONSTRAINT CK_Old CHECK (Old > 0), Gone int NULL); CREATE INDEX IX_A ON A (Old);",
            "ALTER TABLE A ADD New int NULL; ALTER TABLE A ADD CONSTRAINT CK_New CHECK (New > 0); ALTER TABLE A DROP CONSTRAINT CK_Old; ALTER TABLE A DROP COLUMN Gone;",
            "CREATE TABLE B (Id int NOT NULL); CREATE INDEX IX_B ON B (Id); DROP TABLE B; INSERT INTO A (Id) VALUES (1);",
        ]);

        Assert.Equal(2, objects.Count);
        Assert.Contains("New", objects[0], StringComparison.Ordinal);
        Assert.Contains("CK_New", objects[0], StringComparison.Ordinal);
        Assert.DoesNotContain("CK_Old", objects[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Gone", objects[0], StringComparison.Ordinal);
        Assert.Contains("IX_A", objects[1], StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => MigratedSchema.Of(["TRUNCATE TABLE A"]));
    }

    private static IEnumerable<string> Misfits(IBulkTable table)
    {
        var columns = Column.All.Where(column => column.Table == table.Name).ToDictionary(column => column.Name);
        foreach (var missing in table.Columns.Where(name => !columns.ContainsKey(name)))
            yield return $"{missing} is not there";
        foreach (var needed in columns.Values.Where(column => !column.Nullable && !column.HasDefault && !table.Columns.Contains(column.Name)))
            yield return $"{needed.Name} must be filled";
        foreach (var twice in table.Columns.GroupBy(name => name).Where(names => names.Count() > 1))
            yield return $"{twice.Key} is named twice";
        foreach (var (name, type) in table.Columns.Zip(table.Types).Where(pair => columns.ContainsKey(pair.First) && !Takes(columns[pair.First].Type, pair.Second)))
            yield return $"{name} is {columns[name].Type}, filled with {type.Name}";
    }

    private static bool Takes(string type, Type value) => type.Split('(')[0] switch
    {
        "nvarchar" or "nchar" => value == typeof(string),
        "int" => value == typeof(int),
        "bigint" => value == typeof(long),
        "bit" => value == typeof(bool),
        "datetime2" => value == typeof(DateTime),
        "date" => value == typeof(DateOnly),
        "binary" => value == typeof(byte[]) || value == typeof(Guid),
        "varbinary" => value == typeof(byte[]),
        _ => false,
    };

    private static int BytesOf(Column column)
    {
        var length = column.Type.Contains('(', StringComparison.Ordinal) ? int.Parse(column.Type.Split('(', ')')[1], CultureInfo.InvariantCulture) : 0;
        return column.Type.Split('(')[0] switch
        {
            "nvarchar" or "nchar" => 2 * length,
            "binary" or "varbinary" => length,
            "bigint" => 8,
            "datetime2" => 7,
            "date" => 3,
            "bit" => 1,
            _ => 4,
        };
    }

    private static IEnumerable<(string Line, string Kind, List<Column> Columns)> Indexes() =>
        from line in TSqlSchemaLines.All().Where(IsOurs)
        let match = IndexLine().Match(line)
        where match.Success
        let names = match.Groups["columns"].Value.Replace(" DESC", "", StringComparison.Ordinal).Split(", ")
        select (line, match.Groups["kind"].Value, names.Select(name => Column.All.Single(column => column.Table == match.Groups["table"].Value && column.Name == name)).ToList());

    [GeneratedRegex(@"^(?<table>\w+) (?<kind>primary key|unique|index|foreign key)( \w+)? \((?<columns>[^)]*)\)")]
    private static partial Regex IndexLine();

    [GeneratedRegex(@"(?<= index) \S+| where .*|(?<= check \S+) .*")]
    private static partial Regex OwnWords();
}
