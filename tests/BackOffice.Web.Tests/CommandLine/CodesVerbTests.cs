using BackOffice.Domain.Orders;
using Microsoft.Data.Sqlite;

namespace BackOffice.Web.Tests.CommandLine;

/// <summary>The verbs of redemption codes as an operator gives them.</summary>
public sealed class CodesVerbTests : IDisposable
{
    private readonly ShopFolder _folder = ShopFolder.Migrated();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_batch_is_issued_and_a_query_of_its_own_finds_it_whole()
    {
        var answer = (await Worker.RunAsync(_folder, "codes", "issue", "--package", "trial", "--count", "20000", "--format", "friendly", "--prefix", "vip", "--json")).IsDone().Json();
        Assert.Equal((1, 20_000, "ready"), (answer.GetProperty("batch").GetInt32(), answer.GetProperty("count").GetInt32(), answer.GetProperty("status").GetString()));
        Assert.True(answer.GetProperty("seconds").GetDouble() > 0);
        AssertWhole(20_000);
        var file = Path.Combine(_folder.Path, "codes.zip");
        var export = (await Worker.RunAsync(_folder, "codes", "export", "--batch", "1", "--out", file, "--reason", "For the fair", "--json")).IsDone().Json();
        Assert.Equal(20_000, export.GetProperty("codes").GetInt32());
        AssertAlphabet(file, export.GetProperty("passphrase").GetString()!, 20_000);
        (await Worker.RunAsync(_folder, "codes", "export", "--batch", "1", "--out", file, "--reason", "Again")).IsRefused("There is a file of this batch already");
        var voided = (await Worker.RunAsync(_folder, "codes", "void", "--batch", "1", "--reason", "A test", "--json")).IsDone().Json();
        Assert.Equal(20_000, voided.GetProperty("voided").GetInt32());
        Assert.Equal(["void|20000"], ShopRows.Of(_folder, "SELECT Status, COUNT(*) FROM Codes GROUP BY Status"));
        (await Worker.RunAsync(_folder, "codes", "void", "--batch", "1", "--reason", "Again")).IsRefused("void already");
    }

    [Fact]
    public async Task Above_the_limit_it_waits_for_somebody_else()
    {
        (string, string)[] limits = [("Approvals:CodesAbove", "1000")];
        ShopRows.AddStaff(_folder, "mara@example.com", "admin");
        ShopRows.AddStaff(_folder, "ilya@example.com", "admin");
        var waits = await Worker.RunAsync(_folder, limits, "codes", "issue", "--package", "trial", "--count", "1001", "--as", "mara@example.com", "--json");
        Assert.Equal(3, waits.Status);
        Assert.Equal("waits", waits.Json().GetProperty("status").GetString());
        Assert.Equal("Batch 1 waits for a second person: request 1.", Assert.Single(waits.Lines()));
        (await Worker.RunAsync(_folder, limits, "codes", "approve", "--batch", "1", "--as", "mara@example.com")).IsRefused("someone else");
        (await Worker.RunAsync(_folder, limits, "codes", "approve", "--batch", "1", "--as", "ilya@example.com")).IsDone();
        AssertWhole(1_001);
        (await Worker.RunAsync(_folder, limits, "codes", "approve", "--batch", "1", "--as", "ilya@example.com")).IsRefused("approval");
        var voiding = await Worker.RunAsync(_folder, limits, "codes", "void", "--batch", "1", "--reason", "A test", "--as", "mara@example.com");
        Assert.Equal((3, ""), (voiding.Status, voiding.Output));
    }

    [Theory]
    [InlineData("nobody@example.com", "Nobody on staff has the address nobody@example.com.", "codes issue --package trial --count 1")]
    [InlineData("gone@example.com", "gone@example.com is disabled", "codes issue --package trial --count 1")]
    [InlineData("finance@example.com", "finance@example.com has the role finance; this needs one of: admin.", "codes issue --package trial --count 1")]
    [InlineData("finance@example.com", "needs one of: admin", "codes approve --batch 1")]
    [InlineData("finance@example.com", "needs one of: admin", "codes resume --batch 1")]
    [InlineData("finance@example.com", "needs one of: admin", "codes export --batch 1 --out codes.zip --reason x")]
    [InlineData("finance@example.com", "needs one of: admin", "codes void --batch 1 --reason x")]
    [InlineData("finance@example.com", "needs one of: admin", "staff add new@example.com --role support")]
    [InlineData("support@example.com", "needs one of: finance, admin", "import orders orders.csv")]
    [InlineData("support@example.com", "needs one of: finance, admin", "reconcile --from 2026-10-01 --until 2026-10-02")]
    public async Task Who_is_named_must_be_on_staff_and_may_do_it(string by, string sentence, string line)
    {
        ShopRows.AddStaff(_folder, "finance@example.com", "finance");
        ShopRows.AddStaff(_folder, "support@example.com", "support");
        ShopRows.AddStaff(_folder, "gone@example.com", "admin", disabled: true);
        (await Worker.RunAsync(_folder, "codes", "issue", "--package", "trial", "--count", "5")).IsDone();
        (await Worker.RunAsync(_folder, [.. line.Split(' '), "--as", by])).IsRefused(sentence);
        Assert.Equal(["batch.requested"], ShopRows.Of(_folder, "SELECT Action FROM AuditEntries"));
    }

    [Theory]
    [InlineData("count", "0", "codes issue --package trial --count 0")]
    [InlineData("count", "-5", "codes issue --package trial --count -5")]
    [InlineData("count", "10000000", "codes issue --package trial --count 10000001")]
    [InlineData("units", "100000", "codes issue --package trial --count 1 --units 0")]
    [InlineData("units", "100,000", "codes issue --package professional --count 1 --units 100000 --set Console:QuotaPerToken=1000000")]
    [InlineData("package", "starter", "codes issue --package nothing --count 1")]
    [InlineData("prefix", "é", "codes issue --package trial --count 1 --format friendly --prefix é1")]
    [InlineData("prefix", "no prefix", "codes issue --package trial --count 1 --prefix VIP")]
    [InlineData("format", "console", "codes issue --package trial --count 1 --format friendly --publish-by api")]
    [InlineData("expires", "past", "codes issue --package trial --count 1 --expires 2020-01-01T00:00:00Z")]
    [InlineData("batch", "99", "codes void --batch 99 --reason x")]
    public async Task What_cannot_be_made_is_refused_in_a_sentence_and_nothing_is_made(string field, string word, string line)
    {
        var parts = line.Split(" --set ");
        (string, string)[] settings = parts.Length > 1 ? [(parts[1].Split('=')[0], parts[1].Split('=')[1])] : [];
        var answer = await Worker.RunAsync(_folder, settings, parts[0].Split(' '));
        answer.IsRefused(field + ":");
        if (!word.Contains(','))
            Assert.Contains(word, answer.Error, StringComparison.Ordinal);
        Assert.Equal(0, ShopRows.Count(_folder, "SELECT COUNT(*) FROM CodeBatches"));
    }

    [Fact]
    public async Task Without_its_key_ring_nothing_is_made()
    {
        Directory.Delete(Path.Combine(_folder.Path, "keys"), recursive: true);
        (await Worker.RunAsync(_folder, "codes", "issue", "--package", "trial", "--count", "10")).IsRefused("key ring");
        Assert.Equal(0, ShopRows.Count(_folder, "SELECT COUNT(*) FROM CodeBatches"));
    }

    [Fact]
    public async Task Killed_ten_times_on_the_way_it_is_whole_all_the_same()
    {
        const int count = 120_000;
        const int kills = 10;
        var atWork = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            var goal = count * kill / (kills + 1);
            using var worker = Worker.Start(_folder, kill == 1 ? ["codes", "issue", "--package", "trial", "--count", "120000"] : ["codes", "resume", "--batch", "1"]);
            while (!worker.HasEnded && ShopRows.Count(_folder, $"SELECT COUNT(*) FROM CodeBatches WHERE Made >= {goal}") == 0)
                await Task.Delay(1, TestContext.Current.CancellationToken);
            await worker.KillAsync();
            atWork += ShopRows.Count(_folder, "SELECT COUNT(*) FROM CodeBatches WHERE Status = 'generating'") == 1 ? 1 : 0;
        }
        (await Worker.RunAsync(_folder, "codes", "resume", "--batch", "1")).IsDone();
        Assert.Equal(kills, atWork);
        AssertWhole(count);
    }

    // By a reader that knows nothing of the program.
    private void AssertWhole(int count)
    {
        Assert.Equal(
            [$"{count}|{count}|1|{count}|available|available"],
            ShopRows.Of(_folder, "SELECT COUNT(*), COUNT(DISTINCT LookupKey), MIN(Sequence), MAX(Sequence), MIN(Status), MAX(Status) FROM Codes WHERE BatchNo = 1"));
        Assert.Equal([$"ready|{count}|{count}|{count}"], ShopRows.Of(_folder, "SELECT Status, Wanted, Made, Available FROM CodeBatches"));
    }

    private static void AssertAlphabet(string file, string passphrase, int count)
    {
        using var zip = new ICSharpCode.SharpZipLib.Zip.ZipFile(file) { Password = passphrase };
        using var reader = new StreamReader(zip.GetInputStream(0));
        var codes = reader.ReadToEnd().Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[2]).ToList();
        Assert.Equal(count, codes.Distinct().Count());
        Assert.All(codes, code =>
        {
            Assert.Matches("^VIP(-[0-9A-HJKMNP-TV-Z]{4}){4}$", code);
            Assert.True(PublicCode.IsWhole(code[4..].Replace("-", "", StringComparison.Ordinal)));
        });
        SqliteConnection.ClearAllPools();
    }
}
