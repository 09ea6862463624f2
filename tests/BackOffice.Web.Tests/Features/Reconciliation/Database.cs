using Microsoft.Data.Sqlite;

namespace BackOffice.Web.Tests.Features.Reconciliation;

/// <summary>Changes rows that no act of the product changes: what an accident, or another version, would leave behind.</summary>
internal static class Database
{
    public static async Task ExecuteAsync(Site site, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(site.Folder, "backoffice.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
