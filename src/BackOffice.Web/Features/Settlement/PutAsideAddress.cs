using System.Globalization;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Settlement;

/// <summary>The filter of what was put aside as it stands in the address: kind, import, and month of the shop's zone.</summary>
public sealed record PutAsideAddress
{
    /// <summary>Kinds that can be asked for.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["unreadable", "conflict"];

    public string? Kind { get; init; }

    public string? Import { get; init; }

    public string? Month { get; init; }

    public bool HasFilters => this != new PutAsideAddress();

    /// <summary>Only what can be filtered by: an unknown kind is left out.</summary>
    public PutAsideAddress Known() => new() { Kind = Address.OneOf(Kind, Kinds), Import = Given(Import), Month = Given(Month) };

    /// <summary>The filter in the database's terms.</summary>
    /// <param name="shop">The shop's days.</param>
    /// <param name="refused">Fields that cannot be read, each with the reason.</param>
    public UsageAsideFilter Filter(BusinessTime shop, ICollection<Refusal> refused)
    {
        var import = Import is null ? null : Typed.Whole(Import, "import", 1, 999_999_999, refused);
        var month = Month is null ? null : SettlementPeriod.Parse(Month);
        if (Month is not null && month is null)
            refused.Add(new Refusal("MonthUnreadable", "month", Month.Length > 40 ? Month[..40] + "…" : Month));
        return new UsageAsideFilter { Kind = Kind, Import = import, Month = month is { } first ? (QuarterOf(shop, first), QuarterOf(shop, first.AddMonths(1))) : null };
    }

    public string Url(params (string Name, string? Value)[] place) => Address.With(PutAsidePage.Path, [("kind", Kind), ("import", Import), ("month", Month), .. place]);

    /// <summary>The active filters in words, each with the address without it.</summary>
    public IEnumerable<(string Words, string Url)> Chips(Texts texts)
    {
        if (Kind is not null)
            yield return (texts["Common.Labelled", texts["PutAside.Kind"], texts["PutAside.Kind." + Kind]], (this with { Kind = null }).Url());
        if (Import is not null)
            yield return (texts["Common.Labelled", texts["PutAside.Field.import"], Import], (this with { Import = null }).Url());
        if (Month is not null)
            yield return (texts["Common.Labelled", texts["PutAside.Field.month"], Month], (this with { Month = null }).Url());
    }

    /// <summary>A place of the list: milliseconds since 1970 and the row's id.</summary>
    public static string Text(UsageAsideRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{new DateTimeOffset(row.RecordedAt, TimeSpan.Zero).ToUnixTimeMilliseconds()}_{row.Id:N}");

    /// <summary>Null for the first page, also when the address is mutilated.</summary>
    public static UsageAsidePlace? Place(string? before, string? after) =>
        (before ?? after ?? "").Split('_') is [var instant, var row] && Address.Number(instant) is { } milliseconds and < 4_000_000_000_000 && Address.Id(row) is { } id
            ? new UsageAsidePlace(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime, id, IsBefore: before is not null)
            : null;

    private static int QuarterOf(BusinessTime shop, DateOnly day) => checked((int)Quarters.Of(shop.StartOf(day)));

    private static string? Given(string? value) => Typed.Plain(value) is { Length: > 0 } text ? text : null;
}
