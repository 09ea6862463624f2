using BackOffice.Domain.Usage;
using BackOffice.Jobs.Imports;

namespace BackOffice.Web.Tests.Imports;

/// <summary>A console's log as a file: what a broken line costs, and what is a whole number (settlement rules 1).</summary>
public sealed class UsageJsonFileTests
{
    private const string Good = """{"id":1,"type":2,"created_at":1789000000,"model_name":"chat","prompt_tokens":10,"completion_tokens":3}""";

    private static readonly DateTime Now = new(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("not json", "not one whole JSON object")]
    [InlineData("null", "this is not a log row")]
    [InlineData("\"\"", "this is not a log row")]
    [InlineData("ated_at\": 1789000000, \"type\": 2}", "not one whole JSON object")]
    [InlineData("[]", "this is not a log row")]
    [InlineData("[1,2", "not one whole JSON object")]
    [InlineData("{\"id\":", "not one whole JSON object")]
    public void A_broken_first_line_costs_itself_as_any_other(string line, string sentence)
    {
        foreach (var text in new[] { $"{line}\n{Good}\n", $"\uFEFF{line}\r\n{Good}", $"{Good}\n{line}\n" })
        {
            var read = Read(text);
            Assert.Single(read.Records);
            Assert.Contains(sentence, Assert.Single(read.Asides), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[" + Good + "]")]
    [InlineData("[\n" + Good + "\n]\n")]
    [InlineData("[{\"id\":1,\n\"type\":2,\"created_at\":1789000000,\"model_name\":\"chat\",\"prompt_tokens\":10,\"completion_tokens\":3}]")]
    [InlineData("{\"items\":[" + Good + "]}")]
    public void An_array_and_a_page_are_read_as_well(string text)
    {
        var read = Read(text);
        Assert.Empty(read.Asides);
        Assert.Equal(10, Assert.Single(read.Records).Tokens.UncachedInput);
    }

    [Theory]
    [InlineData("id,occurred_at\n1,2026-09-01T00:00:00Z\n")]
    [InlineData("not json\n")]
    public void What_has_no_row_at_all_is_no_log(string text) =>
        Assert.Contains("this is not a log of JSON lines", Reading.WholeRefusal("usage.jsonl", new UsageJsonFile(Reading.Bytes(text), isNewApi: true, Now)), StringComparison.Ordinal);

    [Theory]
    [InlineData("12.0", 12L)]
    [InlineData("1.2e1", 12L)]
    [InlineData("1200E-2", 12L)]
    [InlineData("0.0", 0L)]
    [InlineData("-0", 0L)]
    [InlineData("0e999", 0L)]
    [InlineData("1000000000000", 1_000_000_000_000)]
    [InlineData("1e-40", null)]
    [InlineData("5.00000000000000000000000000000000001", null)]
    [InlineData("0.5", null)]
    [InlineData("1e-1", null)]
    [InlineData("1e400", null)]
    [InlineData("1e99999999999", null)]
    [InlineData("-1", null)]
    [InlineData("\"12\"", null)]
    [InlineData("true", null)]
    public void A_number_is_whole_by_its_digits(string number, long? tokens)
    {
        var read = Read(Good.Replace("\"prompt_tokens\":10", $"\"prompt_tokens\":{number}", StringComparison.Ordinal));
        Assert.Equal(tokens, read.Records.SingleOrDefault()?.Tokens.UncachedInput);
        Assert.Equal(tokens is null ? 1 : 0, read.Asides.Count);
    }

    [Fact]
    public void What_nobody_reads_may_lie_deep()
    {
        var deep = new string('[', 200) + new string(']', 200);
        var read = Read(Good.Replace("\"id\":1", $"\"id\":1,\"more\":{deep},\"other\":\"{{\\\"more\\\":{deep},\\\"cache_tokens\\\":4}}\"", StringComparison.Ordinal));
        Assert.Empty(read.Asides);
        Assert.Equal((6, 4), (Assert.Single(read.Records).Tokens.UncachedInput, read.Records[0].Tokens.CacheRead));
    }

    [Theory]
    [InlineData("\"[]\"")]
    [InlineData("\"5\"")]
    [InlineData("[1]")]
    public void An_other_that_is_no_object_is_put_aside_with_a_sentence(string other) =>
        Assert.Contains("the JSON in it is not an object. Export the log again, or write {}.", Assert.Single(Read(Good.Replace("\"id\":1", $"\"id\":1,\"other\":{other}", StringComparison.Ordinal)).Asides), StringComparison.Ordinal);

    [Theory]
    [InlineData(2, "\"prompt_tokens\":10", false)]
    [InlineData(2, "\"prompt_tokens\":0", true)]
    [InlineData(6, "\"prompt_tokens\":10", true)]
    public void A_row_without_a_model_is_taken_when_it_has_no_tokens(int type, string prompt, bool isTaken)
    {
        foreach (var name in new[] { "", ",\"model_name\":\"\"", ",\"model_name\":\"  \"", ",\"model_name\":null" })
        {
            var read = Read($$"""{"id":1,"type":{{type}},"created_at":1789000000{{name}},{{prompt}},"completion_tokens":0}""");
            Assert.Equal(isTaken, read.Records.Count == 1);
        }
    }

    [Theory]
    [InlineData("1546300800", 2019)]
    [InlineData("1791500000", 2026)]
    [InlineData("1789000000000", null)]
    [InlineData("\"soon\"", null)]
    public void What_is_put_aside_is_of_its_month_where_its_time_can_be_read(string created, int? year)
    {
        using var file = new UsageJsonFileReading(Good.Replace("1789000000", created, StringComparison.Ordinal));
        Assert.Equal(year, file.AsideYear());
    }

    private static Reading<UsageRecord> Read(string text) => Reading.All("usage.jsonl", new UsageJsonFile(Reading.Bytes(text), isNewApi: true, Now));

    private sealed class UsageJsonFileReading(string text) : IDisposable
    {
        private readonly MemoryStream _stream = Reading.Bytes(text);

        public int? AsideYear()
        {
            Assert.True(new UsageJsonFile(_stream, isNewApi: true, Now).TryRead(out _, out var aside));
            return aside!.Usage!.OccurredAt?.Year;
        }

        public void Dispose() => _stream.Dispose();
    }
}
