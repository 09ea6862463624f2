using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads usage in the neutral form (settlement rules 1): any gateway's records, one a line.</summary>
/// <param name="stream">The file.</param>
/// <param name="now">When it is imported, UTC: nothing much later can have happened.</param>
public sealed class UsageCsvFile(Stream stream, DateTime now) : CsvFile<UsageRecord>(stream, Columns)
{
    private static readonly string[] Columns =
        ["id", "occurred_at", "upstream", "model", "key", "uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "charged_quota"];

    /// <summary>Names of the columns, all of which the header must have, in any order.</summary>
    public static IReadOnlyList<string> Header => Columns;

    private protected override UsageRecord ReadColumns()
    {
        var model = Text(3, UsageRow.LongestName);
        return new UsageRecord
        {
            Line = Line,
            ExternalId = Text(0, UsageRow.LongestId),
            OccurredAt = When(1),
            Upstream = Trimmed(2).IsEmpty ? null : Upstream(2),
            ConsoleName = model,
            UpstreamName = model,
            Key = TextOrNull(4, UsageRow.LongestName),
            Channel = null,
            Tokens = new TokenCounts(Tokens(5), Tokens(6), Tokens(7), Tokens(8), Tokens(9)),
            ChargedQuota = Trimmed(10).IsEmpty ? null : Signed(10, UsageRules.MostTokens),
            Flags = UsageFlags.None,
        };
    }

    /// <summary>What is kept of a line that could not be read: enough to know it again, and its month.</summary>
    private protected override PutAside Aside(long line, Refusal reason) =>
        new(line, reason, new UsageAside(UsageRow.Fingerprint(Record), IsBroken ? null : IdOrNothing(), IsBroken ? null : InstantOrNothing(1)));

    private string? IdOrNothing()
    {
        var id = System.Text.Encoding.UTF8.GetString(Trimmed(0));
        return id.Length is > 0 and <= UsageRow.LongestId ? id : null;
    }

    private DateTime? InstantOrNothing(int column) => InstantText.Read(Trimmed(column), "", out var instant) is null ? instant : null;

    private DateTime When(int column)
    {
        var instant = Instant(column);
        if (instant != default && UsageRow.WhyNotThen(instant, now, Columns[column]) is { } refusal)
            Refuse(column, refusal.Code, refusal.Args);
        return instant;
    }

    private long Tokens(int column) => Trimmed(column).IsEmpty ? 0 : WholeNumber(column, 0, UsageRules.MostTokens);

    private string Text(int column, int longest)
    {
        if (TextOrNull(column, longest) is { } text && !string.IsNullOrWhiteSpace(text))
            return text;
        Refuse(column, "FieldBlank");
        return "";
    }
}
