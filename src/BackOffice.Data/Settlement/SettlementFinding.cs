using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Settlement;

/// <summary>A finding of a settlement as a draft has it.</summary>
/// <param name="Scope">Whose drafts open and clear it: <c>deepseek/2026-09</c>, or <c>2026-09</c> of what customers were charged.</param>
/// <param name="Line">The finding, as the queue has it.</param>
/// <param name="Detail">What it says.</param>
public sealed record SettlementFinding(string Scope, FindingLine Line, FindingDetail Detail)
{
    private const int LongestSubject = 80;
    private const int HashDigits = 8;

    /// <summary>A finding of a subject; one too long for a row is cut, and told apart by a hash of the whole.</summary>
    /// <param name="kind">One of <see cref="FindingKinds.OfSettlement"/>.</param>
    /// <param name="scope">Whose drafts open and clear it.</param>
    /// <param name="subject">What it is about, within its kind.</param>
    /// <param name="facts">What it rests on: an accepted finding is opened again only when it is another text.</param>
    /// <param name="detail">What it says.</param>
    public static SettlementFinding Of(string kind, string scope, string subject, string facts, FindingDetail detail) => new(
        scope, new FindingLine { Kind = kind, Subject = Cut(subject), FactsHash = SHA256.HashData(Encoding.UTF8.GetBytes(facts))[..16] }, detail);

    private static string Cut(string subject) => subject.Length <= LongestSubject
        ? subject
        : $"{subject[..(LongestSubject - HashDigits - 1)]}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..HashDigits]}";
}

/// <summary>What a finding of a settlement says; what does not belong to its kind is null.</summary>
public sealed record FindingDetail
{
    private static readonly JsonSerializerOptions Format = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The upstream; null where it is about a customer's key.</summary>
    public string? Upstream { get; init; }

    /// <summary>The month, <c>2026-09</c>.</summary>
    public string? Period { get; init; }

    /// <summary>A model, by the upstream's name or else the console's.</summary>
    public string? Name { get; init; }

    /// <summary>A part of the tokens.</summary>
    public string? Part { get; init; }

    /// <summary>Tokens without a price.</summary>
    public long? Tokens { get; init; }

    /// <summary>Records or lines that were put aside.</summary>
    public long? Count { get; init; }

    /// <summary>The console.</summary>
    public string? Source { get; init; }

    /// <summary>Number of the import that brought them; null when it is not known.</summary>
    public long? Import { get; init; }

    /// <summary>The customer's key; blank for what names none.</summary>
    public string? Key { get; init; }

    /// <summary>The business day.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Credits of the records whose charge is known.</summary>
    public long? Credits { get; init; }

    /// <summary>What the console took for those, quota units.</summary>
    public long? Quota { get; init; }

    /// <summary>The same in credits, with at most six decimals.</summary>
    public string? Charged { get; init; }

    /// <summary>Number of those records.</summary>
    public long? Records { get; init; }

    /// <summary>Number of the invoice.</summary>
    public long? Invoice { get; init; }

    /// <summary>What nothing explains, 10^-9 of the currency's unit.</summary>
    public long? Nano { get; init; }

    /// <summary>As it is kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>As it was kept.</summary>
    public static FindingDetail Read(string json) => JsonSerializer.Deserialize<FindingDetail>(json, Format)!;

    internal static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
