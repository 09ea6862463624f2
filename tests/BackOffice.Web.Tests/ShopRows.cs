using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace BackOffice.Web.Tests;

/// <summary>What lies in a shop's tables, as text, so that two moments of a shop or two shops can be compared.</summary>
internal static class ShopRows
{
    public static readonly string[] FactTables = ["Orders", "PaymentObservations", "Payments", "Deliveries", "DeliveryEvents"];

    /// <summary>Columns that differ between two shops that hold the same facts: ids and nonces are dice, and each learnt at its own time.</summary>
    public static readonly string[] OwnToAShop = ["Id", "DeliveryId", "Cipher", "KeyName", "RecordedAt"];

    /// <summary>The rows of a table or of a query, one line each, in ordinal order, without the columns named.</summary>
    public static List<string> Of(ShopFolder folder, string tableOrQuery, params string[] without)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = tableOrQuery.Contains(' ', StringComparison.Ordinal) ? tableOrQuery : $"SELECT * FROM {tableOrQuery}";
        using var reader = command.ExecuteReader();
        var columns = Enumerable.Range(0, reader.FieldCount).Where(i => !without.Contains(reader.GetName(i))).ToList();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', columns.Select(i => Text(reader.GetValue(i)))));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>Number of rows and hash of each table.</summary>
    public static List<string> Hashes(ShopFolder folder, IEnumerable<string> tables, params string[] without) =>
        [.. tables.Select(table =>
        {
            var rows = Of(folder, table, without);
            return $"{table} {rows.Count} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows))))}";
        })];

    /// <summary>A member of staff who acts on the command line, and never signs in.</summary>
    public static void AddStaff(ShopFolder folder, string email, string role, bool disabled = false) => Change(folder, $"""
        INSERT INTO Staff (Id, Email, Name, Role, PasswordHash, SecurityStamp, CreatedAt, DisabledAt, Version)
        VALUES (randomblob(16), '{email}', '', '{role}', '', '', '2026-01-01 00:00:00.000', {(disabled ? "'2026-02-01 00:00:00.000'" : "NULL")}, 1)
        """);

    /// <summary>Changes rows behind the program's back.</summary>
    public static void Change(ShopFolder folder, string statement)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    public static long Count(ShopFolder folder, string query)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static SqliteConnection Open(ShopFolder folder)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = folder.DatabaseFile, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static string Text(object value) => value is byte[] bytes ? Convert.ToHexStringLower(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
