using System.Globalization;
using System.Text.Json;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Tests.Settlement;

/// <summary>
/// The prepared months that lie beside the checkout, in shared/fixtures, worked out by another program: every member of the answer is met. The reader here is as
/// small as the files allow; a checkout alone has none of them, then these tests are skipped, visibly.
/// </summary>
public sealed class PreparedMonthTests
{
    [Theory]
    [InlineData("usage", 0, 0)]
    [InlineData("usage-blocked", 3, 1)]
    public void A_prepared_month_comes_to_its_answer(string name, int putAside, int conflicts)
    {
        var folder = Require(name);
        var month = ReadUsage(Path.Combine(folder, "usage.jsonl"));
        Assert.Equal((putAside, conflicts), (month.PutAside, month.Conflicts));

        var draft = Settle(folder, month.Records);

        using var truth = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "truth.json")));
        foreach (var member in truth.RootElement.EnumerateObject())
            Assert.Equal(Compact(member.Value), Compact(Member(draft, member.Name)));
        Assert.True(draft.Check.IsClosed);
        Assert.Equal("audio-1", Assert.Single(draft.NotTokens).Name);
    }

    [Fact]
    public void A_month_imported_twice_is_all_repeats_and_comes_to_the_same()
    {
        var folder = Require("usage-blocked");
        var lines = File.ReadAllLines(Path.Combine(folder, "usage.jsonl"));
        var once = new Month();
        var twice = new Month();
        foreach (var line in lines)
            once.Read(line);
        foreach (var line in lines.Concat(lines))
            twice.Read(line);
        Assert.Equal(once.Records.Count, twice.Records.Count);
        Assert.Equal(DraftText.Of(Settle(folder, once.Records)), DraftText.Of(Settle(folder, twice.Records)));
        Assert.Equal(once.Repeats * 2 + once.Records.Count, twice.Repeats);
    }

    private static string Require(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "BackOffice.sln")))
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        var folder = Path.GetFullPath(Path.Combine(root.FullName, "..", "shared", "fixtures", name));
        Assert.SkipUnless(Directory.Exists(folder), $"There is no shared/fixtures/{name} beside the checkout.");
        return folder;
    }

    private static SettlementDraft Settle(string folder, IEnumerable<UsageRecord> records)
    {
        var book = new RateBook(
            Rows(folder, "prices.csv", (id, fields) => new PriceRow(
                id, fields[0], fields[1], TokenParts.Parse(fields[2])!.Value, PriceBands.Parse(fields[3])!.Value, fields[4], Micro(fields[5]), Instant(fields[6]), Instant(fields[7]))),
            Rows(folder, "mappings.csv", (id, fields) => new MappingRow(id, fields[0], fields[1], fields[2], Instant(fields[3]), Instant(fields[4]))),
            [new UpstreamTerms("deepseek", "CNY", Shelf.Beijing, null, null)], [BandCalendar.DeepSeek(1)], []);
        var names = new List<UsageNames>();
        var engine = new SettlementEngine(book, "deepseek", book.Period("deepseek", new DateOnly(2026, 9, 1)), names);
        var places = new Dictionary<UsageNames, int>();
        foreach (var record in records.Where(record => record.OccurredAt >= Shelf.September.From && record.OccurredAt < Shelf.September.Until))
        {
            var of = new UsageNames("new-api", record.Upstream, record.ConsoleName, record.UpstreamName, record.Channel);
            if (places.TryAdd(of, names.Count))
                names.Add(of);
            engine.Add(new UsageCell(places[of], Quarters.Of(record.OccurredAt), record.Tokens, 1));
        }
        return engine.Draft();
    }

    private static JsonElement Member(SettlementDraft draft, string name) => JsonSerializer.SerializeToElement<object?>(name switch
    {
        "lines" => draft.Lines.Select(line => new
        {
            upstream = draft.Upstream,
            model = line.Model,
            part = TokenParts.NameOf(line.Part),
            band = PriceBands.NameOf(line.Band),
            valid_from = line.ValidFrom?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            tokens = line.Tokens,
            price_per_million = RateRules.PriceText(line.PriceMicro),
            amount_nano = line.AmountNano,
            currency = line.Currency,
        }),
        "total_nano" => draft.TotalNano,
        "payable_minor" => draft.PayableMinor,
        "residue_nano" => draft.ResidueNano,
        "reads" => draft.Reads,
        "input" => draft.Input,
        "cache_hit_rate" => draft.CacheHitRateText,
        "cache_saving_nano" => draft.CacheSavingNano,
        "unpriced" => draft.Unpriced.Select(line => new { name = line.Name, reason = line.Reason, part = TokenParts.NameOf(line.Part), tokens = line.Tokens }),
        _ => throw new InvalidOperationException($"The answer has a member {name} that is not compared."),
    });

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element).Replace("},{", "},\n{", StringComparison.Ordinal);

    private static IEnumerable<T> Rows<T>(string folder, string file, Func<long, string[], T> row) =>
        File.ReadLines(Path.Combine(folder, file)).Skip(1).Select((line, place) => row(place + 1, line.Split(',')));

    private static long Micro(string text)
    {
        Assert.Null(RateRules.ReadPrice(text, "price_per_million", out var micro));
        return micro;
    }

    private static DateTime? Instant(string text) =>
        text.Length == 0 ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime;

    private static Month ReadUsage(string file)
    {
        var month = new Month();
        foreach (var line in File.ReadLines(file))
            month.Read(line);
        return month;
    }

    /// <summary>Rows of a New API log, read by settlement rules 1 as far as the prepared files go.</summary>
    private sealed class Month
    {
        private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;
        private readonly Dictionary<string, UsageRecord> byId = [];
        private readonly HashSet<string> conflicting = [];

        public Dictionary<string, UsageRecord>.ValueCollection Records => byId.Values;

        public int PutAside { get; private set; }

        public int Repeats { get; private set; }

        public int Conflicts => conflicting.Count;

        public void Read(string line)
        {
            try
            {
                using var row = JsonDocument.Parse(line);
                if (Record(row.RootElement) is { } record)
                    Take(record);
            }
            catch (Exception unreadable) when (unreadable is JsonException or FormatException)
            {
                PutAside++;
            }
        }

        private void Take(UsageRecord record)
        {
            if (byId.TryAdd(record.ExternalId, record))
                return;
            if (byId[record.ExternalId] == record)
                Repeats++;
            else
                conflicting.Add(record.ExternalId);
        }

        private static UsageRecord? Record(JsonElement row)
        {
            var type = row.GetProperty("type").GetInt32();
            if (type is not (2 or 6))
                return null;
            var other = type == 6 ? Empty : Other(row);
            var flags = UsageFlags.Refund;
            var tokens = type == 6 ? TokenCounts.None : Figures(row, other).Normalise(out flags);
            var quota = row.GetProperty("quota").GetInt64();
            return new UsageRecord
            {
                Line = 0,
                ExternalId = row.GetProperty("id").ToString(),
                OccurredAt = OccurredAt(row),
                ConsoleName = row.GetProperty("model_name").GetString()!,
                UpstreamName = other.TryGetProperty("upstream_model_name", out var name) && name.GetString() is { Length: > 0 } text ? text : null,
                Key = UsageRules.KeyReference(row.GetProperty("token_id").GetInt64(), row.GetProperty("token_name").GetString()),
                Channel = row.GetProperty("channel").ToString(),
                Tokens = tokens,
                ChargedQuota = type == 6 ? UsageRules.ChargedByRefund(quota) : quota,
                Flags = flags,
            };
        }

        private static DateTime OccurredAt(JsonElement row)
        {
            var at = DateTime.UnixEpoch.AddSeconds(Number(row, "created_at") ?? 0);
            return UsageRules.IsPlausible(at, Shelf.At("2026-11-27 00:00")) ? at : throw new FormatException();
        }

        private static JsonElement Other(JsonElement row)
        {
            if (!row.TryGetProperty("other", out var member) || member.GetString() is not { Length: > 0 } text)
                return Empty;
            return JsonDocument.Parse(text).RootElement;
        }

        private static NewApiFigures Figures(JsonElement row, JsonElement other) => new(
            Number(row, "prompt_tokens") ?? 0, Number(row, "completion_tokens") ?? 0, Number(other, "cache_tokens") ?? 0,
            Number(other, "cache_creation_tokens_5m") ?? 0, Number(other, "cache_creation_tokens_1h") ?? 0,
            Number(other, "cache_creation_tokens") ?? 0, Number(other, "cache_write_tokens") ?? 0, Number(other, "input_tokens_total"),
            (other.TryGetProperty("claude", out var claude) && claude.ValueKind is JsonValueKind.True)
                || (other.TryGetProperty("usage_semantic", out var semantic) && semantic.ValueKind is JsonValueKind.String && semantic.GetString() == "anthropic"));

        private static long? Number(JsonElement of, string name)
        {
            if (!of.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null)
                return null;
            if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDecimal(out var number) || number < 0 || number != decimal.Truncate(number))
                throw new FormatException();
            return (long)number;
        }
    }
}
