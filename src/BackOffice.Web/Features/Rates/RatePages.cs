using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Rates;

/// <summary>All upstreams.</summary>
/// <param name="Upstreams">With how many rows they have.</param>
/// <param name="Book">What holds.</param>
/// <param name="Waiting">Rows of the starting set that are not there.</param>
/// <param name="Now">The present, UTC.</param>
public sealed record RatesPage(IReadOnlyList<UpstreamSummary> Upstreams, RateBook Book, int Waiting, DateTime Now)
{
    public const string Path = "/rates";
    public const string StartingSet = "/rates/starting-set";

    public string? CurrencyOf(UpstreamSummary upstream) => Book.TermsAt(upstream.Name, Quarters.Of(Now))?.Currency;

    public BandCalendar? CalendarOf(UpstreamSummary upstream) => Book.CalendarAt(upstream.Name, Quarters.Of(Now));

    public string Answer(Texts texts) => Upstreams.Sum(upstream => upstream.Prices) == 0 ? texts["Rates.AnswerNone"] : texts["Rates.Answer"];
}

/// <summary>One upstream.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Zone">Time zone of its months.</param>
/// <param name="Prices">Its prices.</param>
/// <param name="Mappings">What stands for its models.</param>
/// <param name="Currencies">What it bills in.</param>
/// <param name="Calendars">When its peak is.</param>
/// <param name="Holidays">Days without a peak.</param>
/// <param name="Now">The present, UTC.</param>
public sealed record UpstreamPage(
    string Name, string Zone, IReadOnlyList<KeptRow> Prices, IReadOnlyList<KeptRow> Mappings, IReadOnlyList<KeptRow> Currencies, IReadOnlyList<KeptRow> Calendars,
    IReadOnlyList<KeptHoliday> Holidays, DateTime Now)
{
    public string Url => Links.Upstream(Name);

    /// <summary>Whether the starting set has rows of it.</summary>
    public bool HasStartingSet => Name == StartingRates.Upstream;

    public string? Currency => (Currencies.FirstOrDefault(kept => kept.Row.Holds(Now))?.Row as CurrencyRow)?.Currency;

    /// <summary>Prices by model; what holds first, then what will, then what did.</summary>
    public IEnumerable<IGrouping<string, KeptRow>> Models => RateWords.InOrder(Prices, Now)
        .OrderBy(kept => ((PriceRow)kept.Row).Model, StringComparer.Ordinal).GroupBy(kept => ((PriceRow)kept.Row).Model, StringComparer.Ordinal);

    /// <summary>Whether a mapping leads to nothing: no price row has its model.</summary>
    public bool LeadsNowhere(MappingRow mapping) => mapping.Model != ModelNames.NotTokens && !Prices.Any(kept => !kept.Row.IsWithdrawn && ((PriceRow)kept.Row).Model == mapping.Model);

    public string Answer(Texts texts)
    {
        var priced = Prices.Where(kept => kept.Row.Holds(Now)).Select(kept => ((PriceRow)kept.Row).Model).Distinct(StringComparer.Ordinal).Count();
        var answer = priced == 0 ? texts["Upstream.AnswerNone"] : texts["Upstream.Answer", priced, Currency ?? "—", Zone];
        var lost = Mappings.Select(kept => (MappingRow)kept.Row).Where(mapping => !mapping.IsWithdrawn && !(mapping.ValidUntil <= Now) && LeadsNowhere(mapping)).Select(mapping => mapping.Model).Distinct(StringComparer.Ordinal).Count();
        return lost == 0 ? answer : RateWords.Sentences(texts, answer, texts["Upstream.LeadNowhere", lost]);
    }
}

/// <summary>The form of a new row of an upstream.</summary>
/// <param name="Upstream">Its name.</param>
/// <param name="Kind">The kind of row.</param>
/// <param name="Form">As it was typed.</param>
public sealed record NewRowPage(string Upstream, string Kind, RateForm Form)
{
    public string Url => Links.Upstream(Upstream);

    /// <summary>Whether days are typed.</summary>
    public bool IsDays => Kind is "holidays" or "ordinary-days";

    /// <summary>Where the page leads back to.</summary>
    public string Back => Form.Month is { Length: > 0 } month && SettlementPeriod.Parse(month) is not null ? Settlement.SettlementWords.Url(Upstream, month) : Url;
}

/// <summary>A row that is to get its end.</summary>
/// <param name="Table">Its kind.</param>
/// <param name="Kept">The row.</param>
/// <param name="Form">As it was typed.</param>
public sealed record EndRowPage(RateTable Table, KeptRow Kept, RateForm Form)
{
    public string Url => RateWords.EndUrl(Table, Kept);

    public string Back => RateWords.ListUrl(Table, Kept.Row);

    /// <summary>Rules about credits begin and end with a day.</summary>
    public bool IsDay => Table == RateTables.Credits;

    /// <summary>Whether the row may be said never to have held.</summary>
    public bool MayWithdraw => Table.MayWithdraw && Kept.Row.ValidFrom is not null;
}

/// <summary>Rows that are nobody's, with the form of a new one.</summary>
/// <param name="Table">Their kind.</param>
/// <param name="Rows">All of them.</param>
/// <param name="Form">As it was typed.</param>
/// <param name="Now">The present, UTC.</param>
public sealed record RuleListPage(RateTable Table, IReadOnlyList<KeptRow> Rows, RateForm Form, DateTime Now);

/// <summary>Channels of consoles, with the form that gives one to an upstream.</summary>
/// <param name="Rows">Seen or set.</param>
/// <param name="Consoles">Consoles that usage came from.</param>
/// <param name="Upstreams">Whose a channel can be.</param>
/// <param name="Form">As it was typed.</param>
public sealed record ChannelsPage(IReadOnlyList<ChannelRow> Rows, IReadOnlyList<string> Consoles, IReadOnlyList<string> Upstreams, RateForm Form);

/// <summary>Addresses of the lists of rules.</summary>
public static class RuleLists
{
    public const string Credits = "/rates/credits";
    public const string Exchange = "/rates/exchange";
    public const string Fees = "/rates/fees";
    public const string Channels = "/rates/channels";
    public const string PriceAt = "/rates/price";

    /// <summary>Address and key of the words, in the order of the tabs.</summary>
    public static readonly IReadOnlyList<(string Path, string Key)> Tabs =
        [(RatesPage.Path, "Rates.Tab.Upstreams"), (PriceAt, "Rates.Tab.PriceAt"), (Credits, "Rates.Tab.Credits"), (Exchange, "Rates.Tab.Exchange"), (Fees, "Rates.Tab.Fees"), (Channels, "Rates.Tab.Channels")];
}

/// <summary>The end of a line of a table of dated rows: from, until, state, origin, acts.</summary>
/// <param name="Table">The kind.</param>
/// <param name="Kept">The row.</param>
/// <param name="Now">The present, UTC.</param>
/// <param name="MayAct">Whether the reader may end it.</param>
public sealed record RowTail(RateTable Table, KeptRow Kept, DateTime Now, bool MayAct)
{
    public string State => RateWords.StateOf(Kept.Row, Now);

    public string? EndUrl => MayAct && Kept.Row.ValidUntil is null ? RateWords.EndUrl(Table, Kept) : null;
}

/// <summary>Rates in words.</summary>
public static class RateWords
{
    private static readonly string[] States = ["in_force", "scheduled", "ended", "withdrawn"];

    public static string StateOf(DatedRow row, DateTime now) => row.IsWithdrawn ? "withdrawn" : row.ValidUntil <= now ? "ended" : row.ValidFrom > now ? "scheduled" : "in_force";

    /// <summary>What holds, then what will, then what did, the latest first; within these in the order of names.</summary>
    public static IEnumerable<KeptRow> InOrder(IEnumerable<KeptRow> rows, DateTime now) =>
        rows.OrderBy(kept => Array.IndexOf(States, StateOf(kept.Row, now))).ThenBy(kept => Sorted(kept.Row).First, StringComparer.Ordinal).ThenBy(kept => Sorted(kept.Row).Second)
            .ThenByDescending(kept => kept.Row.ValidFrom ?? DateTime.MinValue).ThenBy(kept => Sorted(kept.Row).Third);

    public static string ListUrl(RateTable table, DatedRow row) => table.GroupOf(row) is { } upstream ? Links.Upstream(upstream) : table.Kind switch
    {
        "credit" => RuleLists.Credits,
        "exchange" => RuleLists.Exchange,
        _ => RuleLists.Fees,
    };

    public static string EndUrl(RateTable table, KeptRow kept) => $"{(table.GroupOf(kept.Row) is { } upstream ? Links.Upstream(upstream) : RatesPage.Path)}/ends/{table.Kind}/{kept.Key}";

    /// <summary>The row in a few words, for titles.</summary>
    public static string Row(Texts texts, DatedRow row) => row switch
    {
        PriceRow price => $"{price.Model}, {texts["Part." + TokenParts.NameOf(price.Part)]}, {texts["Band." + PriceBands.NameOf(price.Band)]}: {price.Currency} {RateRules.PriceText(price.PriceMicro)}",
        MappingRow mapping => $"{mapping.Name} → {mapping.Model}",
        CurrencyRow currency => $"{currency.Upstream}: {currency.Currency}",
        BandCalendar calendar => $"{calendar.Upstream}: {Calendar(texts, calendar)}",
        CreditRule rule => rule.Name,
        ExchangeRate rate => $"1 {rate.From} = {RateRules.RateText(rate.RateNano)} {rate.To}",
        Domain.Reconciliation.FeeRule fee => $"{fee.Currency}: {Fee(fee)}",
        _ => throw new ArgumentOutOfRangeException(nameof(row), row, "Not a kind of row."),
    };

    /// <summary>One after the other; Chinese has no space between.</summary>
    public static string Sentences(Texts texts, string one, string other) => one + (texts.IsChinese ? "" : " ") + other;

    public static string Fee(Domain.Reconciliation.FeeRule fee) => $"{fee.Percent}% + {Figures.Money(new Money(fee.FixedMinor, fee.Currency), MoneyStyle.Code)}";

    /// <summary>Monday to Friday 09:00-12:00, 14:00-18:00.</summary>
    public static string Calendar(Texts texts, BandCalendar calendar) =>
        calendar.Windows.Count == 0 ? texts["Rates.NoPeak"] : $"{Weekdays(texts, calendar)} {CalendarWindows.Text(calendar.Windows).Replace(",", ", ", StringComparison.Ordinal)}";

    /// <summary>Monday first.</summary>
    public static IEnumerable<DayOfWeek> Week { get; } = [.. Enumerable.Range(1, 7).Select(day => (DayOfWeek)(day % 7))];

    // Monday to Friday: three days and more that follow each other are named by the first and the last.
    private static string Weekdays(Texts texts, BandCalendar calendar)
    {
        var spans = new List<List<DayOfWeek>>();
        foreach (var day in Week.Where(calendar.Weekdays.Contains))
        {
            if (spans is [.., var last] && ((int)last[^1] + 1) % 7 == (int)day)
                last.Add(day);
            else
                spans.Add([day]);
        }
        var words = spans.SelectMany(span => span.Count > 2 ? [texts["Rates.WeekdaySpan", Day(span[0]), Day(span[^1])]] : span.Select(Day));
        return string.Join(texts["Rates.WeekdaysJoin"], words);

        string Day(DayOfWeek day) => texts["Weekday." + day];
    }

    private static (string First, int Second, int Third) Sorted(DatedRow row) => row switch
    {
        PriceRow price => (price.Currency + price.Model, (int)price.Part, (int)price.Band),
        MappingRow mapping => (mapping.Name, 0, 0),
        CreditRule rule => (rule.Name, 0, 0),
        ExchangeRate rate => (rate.From + rate.To, 0, 0),
        Domain.Reconciliation.FeeRule fee => (fee.Currency, 0, 0),
        _ => ("", 0, 0),
    };
}
