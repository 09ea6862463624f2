using System.Globalization;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Audit;

/// <summary>The filter of the audit trail as it stands in the address: who, what, to what, and days of the shop's zone, both included.</summary>
public sealed record AuditAddress
{
    public const string Path = "/audit";

    private static readonly DateOnly FirstDay = new(2000, 1, 1);
    private static readonly DateOnly LastDay = new(2100, 12, 31);

    public string? Who { get; init; }

    public string? Action { get; init; }

    public string? Subject { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public bool HasFilters => this != new AuditAddress();

    /// <summary>Only what can be filtered by: an unknown action is left out.</summary>
    public AuditAddress Known() => new()
    {
        Who = Given(Who),
        Action = Address.OneOf(Action, AuditActions.All),
        Subject = Given(Subject),
        From = Given(From),
        To = Given(To),
    };

    /// <summary>The filter in the database's terms.</summary>
    /// <param name="shop">The shop's days.</param>
    /// <param name="refused">Fields that cannot be read, each with the reason.</param>
    public AuditFilter Filter(BusinessTime shop, ICollection<Refusal> refused)
    {
        var (from, to) = (Day("from", From, refused), Day("to", To, refused));
        return new AuditFilter
        {
            Who = Who,
            Action = Action,
            Subject = Subject,
            From = from is { } first ? shop.StartOf(first) : AuditFilter.Earliest,
            Until = to is { } last ? shop.StartOf(last.AddDays(1)) : AuditFilter.Latest,
        };
    }

    public string Url(string path = Path, params (string Name, string? Value)[] place) =>
        Address.With(path, [("who", Who), ("action", Action), ("subject", Subject), ("from", From), ("to", To), .. place]);

    /// <summary>The active filters in words, each with the address without it.</summary>
    public IEnumerable<(string Words, string Url)> Chips(Texts texts)
    {
        if (Who is not null)
            yield return (texts["Common.Labelled", texts["Audit.Field.who"], AuditWords.Who(texts, Who)], (this with { Who = null }).Url());
        if (Action is not null)
            yield return (texts["Common.Labelled", texts["Audit.Field.action"], AuditWords.Action(texts, Action)], (this with { Action = null }).Url());
        if (Subject is not null)
            yield return (texts["Common.Labelled", texts["Audit.Field.subject"], AuditWords.Subject(texts, Subject)], (this with { Subject = null }).Url());
        if (From is not null)
            yield return (texts["Common.Labelled", texts["Audit.Field.from"], From], (this with { From = null }).Url());
        if (To is not null)
            yield return (texts["Common.Labelled", texts["Audit.Field.to"], To], (this with { To = null }).Url());
    }

    private static DateOnly? Day(string field, string? text, ICollection<Refusal> refused)
    {
        if (text is null)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day >= FirstDay && day <= LastDay)
            return day;
        refused.Add(new Refusal("DayUnreadable", field, text));
        return null;
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}

/// <summary>A place of the list in an address: milliseconds since 1970 and the row's number.</summary>
public static class AuditListPlace
{
    public static string Text(AuditEntry row) =>
        string.Create(CultureInfo.InvariantCulture, $"{new DateTimeOffset(row.At, TimeSpan.Zero).ToUnixTimeMilliseconds()}_{row.Sequence}");

    /// <summary>Null for the newest page, also when the address is mutilated.</summary>
    public static AuditPlace? Read(string? before, string? after) =>
        (before ?? after ?? "").Split('_') is [var instant, var row]
            && long.TryParse(instant, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) && Math.Abs(milliseconds) < 4_000_000_000_000
            && Address.Number(row) is { } number
            ? new AuditPlace(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime, number, Newer: before is null)
            : null;
}

/// <summary>What the list's page shows.</summary>
/// <param name="Wanted">The filter.</param>
/// <param name="Page">Its rows.</param>
/// <param name="Head">The end of the chain; null when its row is gone.</param>
public sealed record AuditPage(AuditAddress Wanted, KeyedPage<AuditEntry> Page, AuditHead? Head)
{
    public string? Newer => Page.HasBefore ? Wanted.Url(AuditAddress.Path, ("after", AuditListPlace.Text(Page.Rows[0]))) : null;

    public string? Older => Page.HasAfter ? Wanted.Url(AuditAddress.Path, ("before", AuditListPlace.Text(Page.Rows[^1]))) : null;

    /// <summary>What is filtered, as the words of the table's caption.</summary>
    public string Filters(Texts texts) => string.Join(", ", Wanted.Chips(texts).Select(chip => chip.Words));
}
