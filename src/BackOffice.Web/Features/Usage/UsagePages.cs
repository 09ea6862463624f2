using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Usage;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Usage;

/// <summary>The list, how far the console was read, and the proofs.</summary>
/// <param name="Wanted">The filter.</param>
/// <param name="Page">Its rows.</param>
/// <param name="Sources">All consoles.</param>
/// <param name="Pull">How far the console was read; null when it never was.</param>
/// <param name="Windows">What of it was read wholly.</param>
/// <param name="IsPulled">Whether it is read by itself.</param>
/// <param name="Proofs">The newest ones.</param>
public sealed record UsagePage(
    UsageAddress Wanted, KeyedPage<UsageRow> Page, IReadOnlyList<string> Sources, UsagePullRow? Pull, IReadOnlyList<UsageWindow> Windows, bool IsPulled, IReadOnlyList<UsageProofRow> Proofs)
{
    public string? Newer => Page.HasBefore ? Wanted.Url(("after", UsageAddress.Text(Page.Rows[0]))) : null;

    public string? Older => Page.HasAfter ? Wanted.Url(("before", UsageAddress.Text(Page.Rows[^1]))) : null;

    /// <summary>What is filtered, as the words of the table's caption.</summary>
    public string Filters(Texts texts) => string.Join(", ", Wanted.Chips(texts).Select(chip => chip.Words));

    /// <summary>First instant that was not read any more, UTC; null when nothing was read wholly.</summary>
    public DateTime? ReadUntil => Windows.Count > 0 ? Windows[^1].UntilAt : null;

    /// <summary>Whether the records are up to date, and if not, why.</summary>
    /// <param name="texts">The reader's language.</param>
    /// <param name="local">The shop's clock.</param>
    public string Answer(Texts texts, Func<DateTime, DateTime> local) => this switch
    {
        { IsPulled: false } => texts["Usage.AnswerFiles"],
        { Pull.FailureReason: not null } => texts["Usage.AnswerFailed"],
        { ReadUntil: { } until } => texts["Usage.AnswerRead", local(until).ToString(texts["Format.Time"], CultureInfo.InvariantCulture)],
        _ => texts["Usage.AnswerNever"],
    };
}

/// <summary>A record, and what became of it.</summary>
/// <param name="Row">It.</param>
/// <param name="Mapping">What its names stand for, as rates are now.</param>
/// <param name="MappingRow">The row that says so; null without one.</param>
/// <param name="Lines">Its tokens by part, as far as there are any.</param>
/// <param name="Month">The month of the upstream it belongs to; null when it belongs to none alone.</param>
/// <param name="IsLate">It came in after that month was approved.</param>
public sealed record RecordPage(UsageRow Row, Mapping Mapping, MappingRow? MappingRow, IReadOnlyList<RecordLine> Lines, string? Month, bool IsLate)
{
    /// <summary>What it is and where it counts, in one sentence.</summary>
    public string Answer(Texts texts) => this switch
    {
        { Row.Known: var flags } when flags.HasFlag(UsageFlags.Refund) => texts["UsageRecord.AnswerRefund"],
        { Row.Tokens.IsNone: true } => texts["UsageRecord.AnswerNoTokens"],
        { Mapping.Kind: MappingKind.NotTokens } => texts["UsageRecord.AnswerNotTokens"],
        { Mapping.Kind: MappingKind.Unmapped } => texts["UsageRecord.AnswerUnmapped"],
        _ when Lines.Any(line => line.Price is null) => texts["UsageRecord.AnswerUnpriced", Mapping.Model!],
        _ => texts["UsageRecord.AnswerPriced", Mapping.Upstream!, Mapping.Model!],
    };

    /// <summary>Sum of the priced parts, exact, in trillionths of the unit; null when a part has no price.</summary>
    public Int128? Cost => Lines.Count > 0 && Lines.All(line => line.Price is not null) ? Lines.Aggregate(Int128.Zero, (sum, line) => sum + (Int128)line.Tokens * line.Price!.PriceMicro) : null;
}

/// <summary>Tokens of one part of a record.</summary>
/// <param name="Part">The part.</param>
/// <param name="Tokens">How many.</param>
/// <param name="Price">The row that prices them; null without one.</param>
public sealed record RecordLine(TokenPart Part, long Tokens, PriceRow? Price)
{
    /// <summary>Tokens times price, exact, in trillionths of the unit.</summary>
    public Int128? Cost => Price is null ? null : (Int128)Tokens * Price.PriceMicro;
}

/// <summary>A proof.</summary>
/// <param name="Proof">It.</param>
/// <param name="Progress">How far it is.</param>
public sealed record ProofPage(UsageProofRow Proof, WorkProgress Progress)
{
    public bool IsMoving => Proof.Status is "pending" or "running";

    public string State => StateOf(Proof);

    /// <summary>Over what it goes.</summary>
    public static string Scope(Texts texts, UsageProofRow proof) =>
        proof.Month is { } month && SettlementPeriod.Parse(month) is { } day ? day.ToString(texts["Format.Month"], CultureInfo.InvariantCulture) : texts["UsageProof.All"];

    /// <summary>What is, in one sentence.</summary>
    public string Answer(Texts texts) => Proof.Status switch
    {
        "pending" => texts["UsageProof.Waiting"],
        "running" => texts["UsageProof.Running"],
        "failed" => texts["UsageProof.Failed"],
        _ when Proof.Differences > 0 => texts["UsageProof.Differs", Proof.Differences],
        _ => texts["UsageProof.Equal", Figures.Count(Proof.Records), Proof.DaysTotal],
    };

    /// <summary>The state of a proof among <see cref="States"/>.</summary>
    public static string StateOf(UsageProofRow proof) => proof.Status switch
    {
        "pending" when proof.Failure is not null => "retrying",
        "pending" => "queued",
        "done" when proof.Differences > 0 => "broken",
        "done" => "matched",
        var status => status,
    };
}

/// <summary>Usage in words.</summary>
public static class UsageWords
{
    /// <summary>An id may hold any printable sign; a slash stays one, because hosts disagree about an escaped one.</summary>
    public static string Url(string source, string externalId) => $"{UsageAddress.Path}/{Uri.EscapeDataString(source)}/{string.Join('/', externalId.Split('/').Select(Uri.EscapeDataString))}";

    public static string Proof(long number) => FormattableString.Invariant($"/proofs/{number}");

    public static string FlagsOf(Texts texts, UsageRow row) => string.Join(", ", UsageFlagNames.NamesOf(row.Known).Select(flag => texts["UsageFlag." + flag]));

    /// <summary>Trillionths of the unit as a decimal without needless zeros, two at least.</summary>
    public static string Cost(Int128 cost)
    {
        var digits = cost.ToString(CultureInfo.InvariantCulture).PadLeft(13, '0');
        var fraction = digits[^12..].TrimEnd('0').PadRight(2, '0');
        return $"{digits[..^12]}.{fraction}";
    }

    /// <summary>The state of reading among <see cref="States"/>.</summary>
    public static string StateOf(UsagePullRow pull) => pull.Status switch
    {
        "pending" when pull.Failure is not null => "retrying",
        "pending" => "queued",
        var status => status,
    };
}
