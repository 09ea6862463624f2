using System.Globalization;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Usage;

/// <summary>The filter of the records of usage as it stands in the address: names, key, flag, and days of the shop's zone, both included.</summary>
public sealed record UsageAddress
{
    public const string Path = "/usage";

    /// <summary>Flags that can be asked for.</summary>
    public static readonly IReadOnlyList<string> Flags = UsageFlagNames.NamesOf((UsageFlags)15);

    public string? Source { get; init; }

    public string? Model { get; init; }

    public string? Key { get; init; }

    public string? Channel { get; init; }

    public string? Upstream { get; init; }

    public string? Flag { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public bool HasFilters => this != new UsageAddress();

    /// <summary>Only what can be filtered by: an unknown flag is left out.</summary>
    public UsageAddress Known() => new()
    {
        Source = Given(Source),
        Model = Given(Model),
        Key = Given(Key),
        Channel = Given(Channel),
        Upstream = Given(Upstream),
        Flag = Address.OneOf(Flag, Flags),
        From = Given(From),
        To = Given(To),
    };

    /// <summary>The filter in the database's terms.</summary>
    /// <param name="shop">The shop's days.</param>
    /// <param name="refused">Fields that cannot be read, each with the reason.</param>
    public UsageFilter Filter(BusinessTime shop, ICollection<Refusal> refused)
    {
        var (from, to) = (Day("from", From, refused), Day("to", To, refused));
        var all = new UsageFilter { Source = Source, Model = Model, Key = Key, Channel = Channel, Upstream = Upstream, Flag = Flag is null ? null : UsageFlagNames.Parse(Flag) };
        return all with
        {
            From = from is { } first ? QuarterOf(shop, first) : all.From,
            Until = to is { } last ? QuarterOf(shop, last.AddDays(1)) : all.Until,
        };
    }

    public string Url(params (string Name, string? Value)[] place) => Address.With(Path, [.. Fields(), .. place]);

    /// <summary>The active filters in words, each with the address without it.</summary>
    public IEnumerable<(string Words, string Url)> Chips(Texts texts) => Fields()
        .Where(field => field.Value is not null)
        .Select(field => (texts["Common.Labelled", texts["Usage.Field." + field.Name], field.Name == "flag" ? texts["UsageFlag." + field.Value] : field.Value!], Without(field.Name).Url()));

    /// <summary>A place of the list: quarter-hour, names, console and id.</summary>
    public static string Text(UsageRow row) => string.Create(CultureInfo.InvariantCulture, $"{row.Quarter}_{row.NamesId}_{row.SourceId}_{row.ExternalId}");

    /// <summary>Null for the latest page, also when the address is mutilated.</summary>
    public static UsagePlace? Place(string? before, string? after) =>
        (before ?? after ?? "").Split('_', 4) is [var quarter, var names, var source, { Length: > 0 } id]
        && int.TryParse(quarter, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && int.TryParse(names, NumberStyles.None, CultureInfo.InvariantCulture, out var namesAt)
        && int.TryParse(source, NumberStyles.None, CultureInfo.InvariantCulture, out var sourceAt) ? new UsagePlace(at, namesAt, sourceAt, id, Newer: before is null) : null;

    private (string Name, string? Value)[] Fields() =>
        [("source", Source), ("model", Model), ("key", Key), ("channel", Channel), ("upstream", Upstream), ("flag", Flag), ("from", From), ("to", To)];

    private UsageAddress Without(string field) => field switch
    {
        "source" => this with { Source = null },
        "model" => this with { Model = null },
        "key" => this with { Key = null },
        "channel" => this with { Channel = null },
        "upstream" => this with { Upstream = null },
        "flag" => this with { Flag = null },
        "from" => this with { From = null },
        _ => this with { To = null },
    };

    private static int QuarterOf(BusinessTime shop, DateOnly day) => checked((int)Quarters.Of(shop.StartOf(day)));

    private static DateOnly? Day(string field, string? text, ICollection<Refusal> refused)
    {
        if (text is null)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and <= 2100)
            return day;
        refused.Add(new Refusal("DayUnreadable", field, text));
        return null;
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
