using Microsoft.Data.Sqlite;

namespace BackOffice.Web.Tests.CommandLine;

public sealed class AuditVerbTests
{
    [Fact]
    public async Task What_a_verb_does_is_on_record_and_the_chain_can_be_verified()
    {
        using var folder = ShopFolder.Migrated();
        Assert.StartsWith("All 0 entries are as they were written. Head 0:00", (await Worker.RunAsync(folder, "audit", "verify")).IsDone().Output, StringComparison.Ordinal);
        ShopRows.AddStaff(folder, "mara@example.com", "finance");
        (await Worker.RunAsync(folder, "import", "orders", Files.Orders(folder, 2), "--as", "Mara@Example.com")).IsDone();
        (await Worker.RunAsync(folder, "reconcile", "--from", "2026-10-01", "--until", "2026-10-02")).IsDone();
        Assert.Equal(["mara@example.com|import.added|import:1", "system|run.requested|run:1"], ShopRows.Of(folder, "SELECT Who, Action, Subject FROM AuditEntries"));

        var whole = (await Worker.RunAsync(folder, "audit", "verify", "--json")).IsDone().Json();
        Assert.True(whole.GetProperty("whole").GetBoolean());
        Assert.Equal(2, whole.GetProperty("entries").GetInt64());
        var head = whole.GetProperty("head").GetString()!;
        (await Worker.RunAsync(folder, "audit", "verify", "--head", head)).IsDone();

        await TamperAsync(folder, "UPDATE AuditEntries SET Reason = 'changed' WHERE Sequence = 2");
        var broken = await Worker.RunAsync(folder, "audit", "verify");
        Assert.Equal(1, broken.Status);
        Assert.Equal("Entry 2 was changed: it is not what its hash was made of. 1 entries before it are as they were written.\n", broken.Output);
        Assert.Contains("The audit trail is broken", Assert.Single(broken.Lines()));
        var json = (await Worker.RunAsync(folder, "audit", "verify", "--json")).Json();
        Assert.Equal((2, "changed"), (json.GetProperty("broken").GetProperty("entry").GetInt64(), json.GetProperty("broken").GetProperty("how").GetString()));

        await TamperAsync(folder, "DELETE FROM AuditEntries WHERE Sequence = 2; UPDATE AuditHead SET Sequence = 1, Hash = (SELECT Hash FROM AuditEntries WHERE Sequence = 1)");
        (await Worker.RunAsync(folder, "audit", "verify")).IsDone();
        Assert.StartsWith("Entry 2 was removed", (await Worker.RunAsync(folder, "audit", "verify", "--head", head)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit verify --head 7")]
    [InlineData("audit verify --head 7:9f2c")]
    [InlineData("audit verify --head x:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_head_that_cannot_be_read_is_bad_usage(string line)
    {
        using var folder = ShopFolder.Empty();
        var answer = await Worker.RunAsync(folder, line.Split(' '));
        Assert.Equal(2, answer.Status);
        Assert.Contains("--head", Assert.Single(answer.Lines()));
    }

    private static async Task TamperAsync(ShopFolder folder, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={folder.DatabaseFile};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
