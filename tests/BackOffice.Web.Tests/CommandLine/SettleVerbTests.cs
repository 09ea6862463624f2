using System.Text.Json;

namespace BackOffice.Web.Tests.CommandLine;

/// <summary>Usage, rates and settlements as an operator gives them.</summary>
public sealed class SettleVerbTests : IDisposable
{
    private const string Prices = """
        upstream,model,part,band,currency,price_per_million,valid_from,valid_until
        acme,m-1,uncached_input,all,USD,0.15,,
        acme,m-1,cache_read,all,USD,0.003,,
        acme,m-1,output,all,USD,0.6,,

        """;

    private const string Mappings = """
        name,upstream,model,valid_from,valid_until
        chat,acme,m-1,,

        """;

    private readonly ShopFolder _folder = ShopFolder.Migrated();
    private int _files;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("usage", 19_675, 0)]
    [InlineData("usage-blocked", 2_954, 4)]
    public async Task A_prepared_month_comes_to_the_prepared_answer(string name, int read, int putAside)
    {
        var fixture = Fixtures.Require(name);
        foreach (var kind in new[] { "mappings", "prices" })
            (await Worker.RunAsync(_folder, "import", kind, Path.Combine(fixture, kind + ".csv"))).IsDone();
        var usage = Path.Combine(fixture, "usage.jsonl");
        var first = Ended(await Worker.RunAsync(_folder, "import", "usage", usage, "--source", "new-api", "--json")).Json();
        Assert.Equal((read, putAside), (first.GetProperty("read").GetInt32(), first.GetProperty("put_aside").GetInt32()));
        var before = await SettleAsync("deepseek", "2026-09");
        AssertMet(fixture, before);
        AssertFindings(before, name == "usage-blocked" ? ["conflicting_record deepseek/2026-09/new-api/3", "unmapped_model deepseek/2026-09/mystery-model", "unpriced_part deepseek/2026-09/deepseek-embed/output", "usage_put_aside deepseek/2026-09/new-api/3"] : []);

        var again = Ended(await Worker.RunAsync(_folder, "import", "usage", usage, "--source", "new-api", "--json")).Json();

        Assert.Equal((0, read - putAside, putAside), (again.GetProperty("new").GetInt32(), again.GetProperty("repeated").GetInt32(), again.GetProperty("put_aside").GetInt32()));
        Assert.Equal(before, await SettleAsync("deepseek", "2026-09"));
        Assert.Equal(putAside, ShopRows.Count(_folder, "SELECT COUNT(*) FROM UsageAsides"));
        AssertSums();
    }

    [Fact]
    public async Task The_csv_has_a_row_a_line_and_the_blocked_month_says_what_blocks_it()
    {
        await ImportAsync("prices", Prices);
        await ImportAsync("mappings", Mappings);
        await ImportUsageAsync("""
            id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota
            1,2026-09-01T00:10:00+08:00,acme,chat,k1,20000,80000,,,5000,
            2,2026-09-02T00:10:00+08:00,acme,unheard,k1,7,,,,,
            3,2026-09-02T00:10:00+08:00,acme,chat,k1,,,9,,,

            """);
        var file = Path.Combine(_folder.Path, "september.csv");

        var answer = Ended(await Worker.RunAsync(_folder, "settle", "--upstream", "Acme", "--month", "2026-09", "--out", file));

        Assert.Equal(
            "upstream,model,part,band,valid_from,tokens,price_per_million,amount_nano,currency\r\n" +
            "acme,m-1,cache_read,all,,80000,0.003,240000,USD\r\nacme,m-1,output,all,,5000,0.6,3000000,USD\r\nacme,m-1,uncached_input,all,,20000,0.15,3000000,USD\r\n",
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.StartsWith("acme 2026-09: 0.01 USD to pay, 3 lines.", answer.Output, StringComparison.Ordinal);
        Assert.Contains("It cannot be approved: unmapped_model 1, unpriced_part 1.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_of_rates_repeats_ends_once_and_may_not_overlap()
    {
        await ImportAsync("prices", Prices);
        await ImportAsync("prices", Prices, repeated: 3);
        var ends = Prices.Replace("0.6,,", "0.6,,2026-10-01T00:00:00Z", StringComparison.Ordinal);
        await ImportAsync("prices", ends, fresh: 1, repeated: 2);
        await ImportAsync("prices", ends, repeated: 3);
        await ImportAsync("prices", Prices, repeated: 3);
        Assert.Equal(["2026-10-01 00:00:00"], ShopRows.Of(_folder, "SELECT SUBSTR(ValidUntil, 1, 19) FROM UpstreamPrices WHERE ValidUntil IS NOT NULL"));

        await RefusedAsync("output,peak,USD,0.7,2026-09-01T00:00:00Z,", "valid_from: A price of 0.6 in the band all holds from - until 2026-10-01T00:00:00Z");
        await RefusedAsync("output,all,USD,0.7,2026-10-01T00:07:00Z,", "valid_from: 2026-10-01T00:07:00Z is not on a whole quarter-hour");
        await RefusedAsync("output,all,USD,0.7,2026-11-01T00:00:00Z,2026-10-01T00:00:00Z", "valid_until: It would end at 2026-10-01");
        await RefusedAsync("outputs,all,USD,0.7,,", "part: outputs is none of the words");
        await RefusedAsync("output,all,USD,0.1234567,2026-10-01T00:00:00Z,", "price_per_million: 0.1234567 has 7 decimals");
        await RefusedAsync("output,all,XQZ,0.1,2026-10-01T00:00:00Z,", "currency:");
        Assert.Equal(3, ShopRows.Count(_folder, "SELECT COUNT(*) FROM UpstreamPrices"));
    }

    [Theory]
    [InlineData("settle --upstream nobody --month 2026-09", "There is no upstream nobody")]
    [InlineData("settle --upstream deepseek --month 2026-09 --out f.docx", "f.docx cannot be written")]
    [InlineData("import usage nowhere.jsonl --source new-api --source-name a/b", "source_name: a/b is no name of a console")]
    public async Task What_cannot_be_done_is_refused_in_a_sentence(string line, string sentence) =>
        (await Worker.RunAsync(_folder, line.Split(' '))).IsRefused(sentence);

    [Fact]
    public async Task What_no_price_is_known_of_stands_on_a_settlement_of_its_upstream()
    {
        await ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\nchat,only-mapped,m-9,,\n");
        await ImportUsageAsync("""
            id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota
            1,2026-09-02T00:10:00+08:00,only-mapped,chat,k1,5000,,,,7,
            2,2026-09-02T00:10:00+08:00,　Never-Heard　,chat,k1,3,,,,,
            """);
        Assert.Equal([("m-9", "unpriced_part", 7), ("m-9", "unpriced_part", 5000)], Unpriced(await SettleAsync("only-mapped", "2026-09")));
        Assert.Equal([("chat", "unmapped_model", 3)], Unpriced(await SettleAsync("never-heard", "2026-09")));

        static IEnumerable<(string, string, int)> Unpriced(string settlement) => JsonDocument.Parse(settlement).RootElement.GetProperty("unpriced").EnumerateArray()
            .Select(line => (line.GetProperty("name").GetString()!, line.GetProperty("reason").GetString()!, line.GetProperty("tokens").GetInt32()));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("deep seek")]
    [InlineData("new")]
    [InlineData("-x")]
    public async Task An_upstream_that_could_have_no_page_is_put_aside(string upstream)
    {
        await ImportAsync("prices", $"upstream,model,part,band,currency,price_per_million,valid_from,valid_until\n{upstream},m-1,output,all,CNY,1,,\n", putAside: 1);
        await ImportAsync("mappings", $"name,upstream,model,valid_from,valid_until\nchat,{upstream},m-1,,\n", putAside: 1);
        var file = Path.Combine(_folder.Path, "usage.csv");
        await File.WriteAllTextAsync(file, $"id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n1,2026-09-02T00:10:00+08:00,{upstream},chat,k1,1,,,,,\n", TestContext.Current.CancellationToken);
        Assert.Equal(1, Ended(await Worker.RunAsync(_folder, "import", "usage", file, "--source", "neutral", "--json")).Json().GetProperty("put_aside").GetInt32());
        Assert.Equal(["deepseek"], ShopRows.Of(_folder, "SELECT Name FROM Upstreams"));
    }

    [Fact]
    public async Task An_amount_that_does_not_fit_is_refused_in_a_sentence()
    {
        await ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-1,output,all,CNY,9223.372037,,\n");
        await ImportAsync("mappings", Mappings);
        await ImportUsageAsync("id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n1,2026-09-02T00:10:00+08:00,acme,chat,k1,,,,,1000000000000,\n");
        (await Worker.RunAsync(_folder, "settle", "--upstream", "acme", "--month", "2026-09")).IsRefused("larger than this program can settle");
    }

    [Fact]
    public async Task A_month_without_records_comes_to_nothing()
    {
        var settlement = JsonDocument.Parse(await SettleAsync("deepseek", "2025-02")).RootElement;

        Assert.Equal(0, settlement.GetProperty("total_nano").GetInt64());
        Assert.Equal(0, settlement.GetProperty("lines").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, settlement.GetProperty("cache_hit_rate").ValueKind);
    }

    private async Task RefusedAsync(string rest, string sentence)
    {
        var answer = await ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-1," + rest + "\n", putAside: 1);
        Assert.Contains(sentence, answer, StringComparison.Ordinal);
    }

    private async Task<string> ImportAsync(string kind, string content, int? fresh = null, int repeated = 0, int putAside = 0)
    {
        var file = Path.Combine(_folder.Path, $"{++_files}.csv");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var answer = Ended(await Worker.RunAsync(_folder, "import", kind, file, "--json"));
        var json = answer.Json();
        var lines = content.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1;
        Assert.Equal((fresh ?? lines - repeated - putAside, repeated, putAside), (json.GetProperty("new").GetInt32(), json.GetProperty("repeated").GetInt32(), json.GetProperty("put_aside").GetInt32()));
        return answer.Error;
    }

    private async Task ImportUsageAsync(string content)
    {
        var file = Path.Combine(_folder.Path, "usage.csv");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await Worker.RunAsync(_folder, "import", "usage", file, "--source", "neutral", "--json")).IsDone().Json().GetProperty("put_aside").GetInt32());
    }

    private async Task<string> SettleAsync(string upstream, string month)
    {
        var file = Path.Combine(_folder.Path, "settlement.json");
        Ended(await Worker.RunAsync(_folder, "settle", "--upstream", upstream, "--month", month, "--out", file));
        return await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
    }

    // Done, with or without words on standard error: what was put aside, what blocks.
    private static Answer Ended(Answer answer)
    {
        Assert.True(answer.Status == 0, answer.Error);
        return answer;
    }

    private static void AssertMet(string fixture, string settlement)
    {
        using var truth = JsonDocument.Parse(File.ReadAllText(Path.Combine(fixture, "truth.json")));
        using var ours = JsonDocument.Parse(settlement);
        Assert.All(truth.RootElement.EnumerateObject(), member => Assert.True(JsonElement.DeepEquals(member.Value, ours.RootElement.GetProperty(member.Name)), member.Name));
    }

    // In their order, and all of them in the queue; of the days of keys, those that differ.
    private void AssertFindings(string settlement, string[] others)
    {
        using var ours = JsonDocument.Parse(settlement);
        var told = ours.RootElement.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("kind").GetString()} {finding.GetProperty("subject").GetString()}").ToList();
        Assert.Equal(told.Order(StringComparer.Ordinal), told);
        Assert.Equal(told, ShopRows.Of(_folder, "SELECT CONCAT(Kind, ' ', Subject) FROM Findings WHERE State = 'open'").Order(StringComparer.Ordinal));
        Assert.Equal(others, told.Where(finding => !finding.StartsWith("charged_differs", StringComparison.Ordinal)));
    }

    // The sums, added up again from the records by queries of their own.
    private void AssertSums()
    {
        const string parts = "COUNT(*), SUM(UncachedInput), SUM(CacheRead), SUM(CacheWrite5m), SUM(CacheWrite1h), SUM(OutputTokens)";
        Assert.Equal(
            ShopRows.Of(_folder, $"SELECT Quarter, NamesId, {parts}, SUM(COALESCE(ChargedQuota, 0)) FROM UsageRecords GROUP BY Quarter, NamesId ORDER BY 1, 2"),
            ShopRows.Of(_folder, "SELECT Quarter, NamesId, Records, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens, ChargedQuota FROM UsageRollups ORDER BY 1, 2"));
        Assert.Equal(
            ShopRows.Of(_folder, $"SELECT DATE(OccurredAt, '+8 hours'), KeyId, {parts} FROM UsageRecords WHERE Flags < 8 GROUP BY 1, 2 ORDER BY 1, 2"),
            ShopRows.Of(_folder, "SELECT Day, KeyId, SUM(Records), SUM(UncachedInput), SUM(CacheRead), SUM(CacheWrite5m), SUM(CacheWrite1h), SUM(OutputTokens) FROM KeyRollups GROUP BY 1, 2 HAVING SUM(Records) > 0 ORDER BY 1, 2"));
    }
}
