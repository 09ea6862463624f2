using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Rates;

/// <summary>A row of rates as it was typed; each form has some of the fields. Instants are on the shop's clock unless they carry an offset.</summary>
public sealed record RateForm
{
    public const int LongestName = 120;
    public const int LongestReason = 200;
    private const int LongestUpstream = 40;
    private const int MostDays = 400;

    [ModelBinder(Name = "upstream")]
    public string? Upstream { get; init; }

    [ModelBinder(Name = "name")]
    public string? Name { get; init; }

    [ModelBinder(Name = "model")]
    public string? Model { get; init; }

    [ModelBinder(Name = "part")]
    public string? Part { get; init; }

    [ModelBinder(Name = "band")]
    public string? Band { get; init; }

    [ModelBinder(Name = "currency")]
    public string? Currency { get; init; }

    [ModelBinder(Name = "price_per_million")]
    public string? Price { get; init; }

    /// <summary>A price of 0 is said on purpose.</summary>
    [ModelBinder(Name = "free")]
    public string? Free { get; init; }

    [ModelBinder(Name = "time_zone")]
    public string? Zone { get; init; }

    [ModelBinder(Name = "weekdays")]
    public IReadOnlyList<string>? Weekdays { get; init; }

    [ModelBinder(Name = "windows")]
    public string? Windows { get; init; }

    [ModelBinder(Name = "days")]
    public string? Days { get; init; }

    [ModelBinder(Name = "input_weight")]
    public string? InputWeight { get; init; }

    [ModelBinder(Name = "cached_divisor")]
    public string? Divisor { get; init; }

    [ModelBinder(Name = "cache_write_weight")]
    public string? WriteWeight { get; init; }

    [ModelBinder(Name = "output_weight")]
    public string? OutputWeight { get; init; }

    [ModelBinder(Name = "base")]
    public string? Base { get; init; }

    [ModelBinder(Name = "quote")]
    public string? Quote { get; init; }

    [ModelBinder(Name = "rate")]
    public string? Rate { get; init; }

    [ModelBinder(Name = "percent")]
    public string? Percent { get; init; }

    [ModelBinder(Name = "fixed")]
    public string? Fixed { get; init; }

    [ModelBinder(Name = "console")]
    public string? Console { get; init; }

    [ModelBinder(Name = "channel")]
    public string? Channel { get; init; }

    [ModelBinder(Name = "valid_from")]
    public string? From { get; init; }

    [ModelBinder(Name = "valid_until")]
    public string? Until { get; init; }

    [ModelBinder(Name = "make_room")]
    public string? MakeRoom { get; init; }

    [ModelBinder(Name = "reason")]
    public string? Reason { get; init; }

    /// <summary>The row is to end where it begins.</summary>
    [ModelBinder(Name = "withdraw")]
    public string? Withdraw { get; init; }

    /// <summary>The month of a settlement that the row is to mend; it is gone back to.</summary>
    [ModelBinder(Name = "month")]
    public string? Month { get; init; }

    public bool MakesRoom => MakeRoom == "yes";

    public PriceRow? ReadPrice(string upstream, BusinessTime shop, ICollection<Refusal> refusals)
    {
        var model = ReadName(Model, "model", refusals);
        if (model == ModelNames.NotTokens)
            refusals.Add(new Refusal("PriceOfNoModel", "model"));
        var part = TokenParts.Parse(Part ?? "");
        if (part is null)
            refusals.Add(new Refusal("FieldBlank", "part"));
        var band = PriceBands.Parse(Band ?? "");
        if (band is null)
            refusals.Add(new Refusal("FieldBlank", "band"));
        var currency = Typed.Currency(Currency, "currency", refusals);
        var micro = 0L;
        var isFree = Free == "yes" && Typed.Plain(Price).Length == 0;
        if (!isFree && RateRules.ReadPrice(Typed.Plain(Price), "price_per_million", out micro) is { } refusal)
            refusals.Add(refusal);
        else if (micro == 0 && Free != "yes")
            refusals.Add(new Refusal("PriceZeroUnsaid", "price_per_million"));
        else if (micro > 0 && Free == "yes")
            refusals.Add(new Refusal("PriceNotZero", "price_per_million", RateRules.PriceText(micro)));
        var (from, until) = ReadInstants(shop, refusals);
        return refusals.Count == 0 ? new PriceRow(0, upstream, model, part!.Value, band!.Value, currency!, micro, from, until) : null;
    }

    public MappingRow? ReadMapping(string upstream, BusinessTime shop, ICollection<Refusal> refusals)
    {
        var (name, model) = (ReadName(Name, "name", refusals), ReadName(Model, "model", refusals));
        var (from, until) = ReadInstants(shop, refusals);
        return refusals.Count == 0 ? new MappingRow(0, name, upstream, model, from, until) : null;
    }

    public CurrencyRow? ReadCurrency(string upstream, BusinessTime shop, ICollection<Refusal> refusals)
    {
        var currency = Typed.Currency(Currency, "currency", refusals);
        var (from, until) = ReadInstants(shop, refusals);
        return refusals.Count == 0 ? new CurrencyRow(0, upstream, currency!, from, until) : null;
    }

    public BandCalendar? ReadCalendar(string upstream, BusinessTime shop, ICollection<Refusal> refusals)
    {
        var zone = ReadZone(refusals);
        if (CalendarWindows.Read(Typed.Plain(Windows), out var windows) is { } refusal)
            refusals.Add(refusal);
        var weekdays = Enum.GetValues<DayOfWeek>().Where(day => Weekdays?.Contains(day.ToString()) == true).ToHashSet();
        if (weekdays.Count == 0 != (windows.Count == 0) && refusals.Count == 0)
            refusals.Add(weekdays.Count == 0 ? new Refusal("WeekdaysMissing", "weekdays") : new Refusal("WindowsMissing", "windows"));
        var (from, until) = ReadInstants(shop, refusals);
        return refusals.Count == 0 ? new BandCalendar(0, upstream, zone!, weekdays, windows, new HashSet<DateOnly>(), from, until) : null;
    }

    /// <summary>Days and spans of days: 2027-02-06, or 2027-02-06..2027-02-12.</summary>
    public HashSet<DateOnly> ReadDays(ICollection<Refusal> refusals)
    {
        var days = new HashSet<DateOnly>();
        foreach (var part in Typed.Plain(Days).Split([' ', ',', ';', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split("..");
            if (Typed.Day(ends[0], "days", refusals) is not { } first || Typed.Day(ends[^1], "days", refusals) is not { } last || ends.Length > 2)
                return [];
            if (last < first)
                refusals.Add(new Refusal("LastDayBeforeFirst", "days", Address.Text(last), Address.Text(first)));
            else if (last.DayNumber - first.DayNumber >= MostDays)
                refusals.Add(new Refusal("TooManyDays", "days", Address.Text(MostDays)));
            else
                days.UnionWith(Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays));
        }
        if (days.Count == 0 && refusals.Count == 0)
            refusals.Add(new Refusal("DayMissing", "days"));
        else if (days.Count > MostDays)
            refusals.Add(new Refusal("TooManyDays", "days", Address.Text(MostDays)));
        return days;
    }

    /// <summary>A rule begins and ends with a business day: days are typed, the last one included.</summary>
    public CreditRule? ReadCredit(BusinessTime shop, ICollection<Refusal> refusals)
    {
        var name = ReadName(Name, "name", refusals);
        var (input, divisor) = (ReadFactor(InputWeight, "input_weight", 6, refusals), ReadFactor(Divisor, "cached_divisor", 6, refusals));
        var (write, output) = (ReadFactor(WriteWeight, "cache_write_weight", 6, refusals), ReadFactor(OutputWeight, "output_weight", 6, refusals));
        var (from, until) = (ReadStart(From, "valid_from", 0, shop, refusals), ReadStart(Until, "valid_until", 1, shop, refusals));
        if (refusals.Count > 0)
            return null;
        var rule = new CreditRule(0, name, input, divisor, write, output, from, until);
        if (CreditRule.Check(rule) is not { } refusal)
            return rule;
        refusals.Add(refusal);
        return null;
    }

    public ExchangeRate? ReadExchange(BusinessTime shop, ICollection<Refusal> refusals)
    {
        var (one, other) = (Typed.Currency(Base, "base", refusals), Typed.Currency(Quote, "quote", refusals));
        if (one is not null && one == other)
            refusals.Add(new Refusal("ExchangeOfOne", "quote", one));
        var nano = ReadFactor(Rate, "rate", 9, refusals);
        if (nano == 0 && refusals.Count == 0)
            refusals.Add(new Refusal("ExchangeOfNothing", "rate"));
        else if (nano > 1_000_000_000_000_000)
            refusals.Add(new Refusal("FactorTooLarge", "rate", Typed.Plain(Rate)));
        var (from, until) = ReadInstants(shop, refusals);
        return refusals.Count == 0 ? new ExchangeRate(0, one!, other!, new Fraction(nano, SettlementMath.NanoPerUnit), from, until) : null;
    }

    public FeeRule? ReadFee(BusinessTime shop, ICollection<Refusal> refusals)
    {
        var currency = Typed.Currency(Currency, "currency", refusals);
        var percent = ReadFactor(Percent, "percent", 4, refusals); // parts per million
        if (percent > 1_000_000)
            refusals.Add(new Refusal("PercentTooLarge", "percent", Typed.Plain(Percent)));
        var minor = 0L;
        if (currency is not null && Typed.Plain(Fixed) is { Length: > 0 } text)
        {
            if (Money.TryParse(text, currency, "fixed", out var money) is { } refusal)
                refusals.Add(refusal);
            else if (money.Minor < 0)
                refusals.Add(new Refusal("FactorNegative", "fixed", text));
            minor = money.Minor;
        }
        var (from, until) = ReadInstants(shop, refusals);
        if (from is null && refusals.Count == 0)
            refusals.Add(new Refusal("FieldBlank", "valid_from"));
        return refusals.Count == 0 ? new FeeRule(currency!, percent, minor, from, until) : null;
    }

    /// <summary>A new upstream's name, which addresses and files carry.</summary>
    public string ReadUpstream(ICollection<Refusal> refusals)
    {
        if (UpstreamNames.Read(Typed.Plain(Upstream), "upstream", out var name) is { } refusal)
            refusals.Add(refusal);
        return name;
    }

    public string ReadChannel(ICollection<Refusal> refusals) => Typed.Words(Channel, "channel", LongestUpstream, refusals);

    /// <summary>From when on a channel is an upstream's; null: since ever, or it is refused.</summary>
    public DateTime? ReadFrom(BusinessTime shop, ICollection<Refusal> refusals) => ReadInstants(shop, refusals).From;

    public TimeZoneInfo? ReadZone(ICollection<Refusal> refusals)
    {
        var id = Typed.Plain(Zone);
        if (id.Contains('/', StringComparison.Ordinal) || id == "UTC")
        {
            if (TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId)
                return zone;
        }
        refusals.Add(id.Length == 0 ? new Refusal("FieldBlank", "time_zone") : new Refusal("ZoneUnknown", "time_zone", id[..Math.Min(id.Length, 60)]));
        return null;
    }

    /// <summary>The first instant at which a row that is ended does not hold; null when it is refused.</summary>
    public DateTime? ReadEnd(bool isDay, BusinessTime shop, ICollection<Refusal> refusals)
    {
        if (isDay)
            return Typed.Day(Until, "valid_until", refusals) is { } last ? shop.StartOf(last.AddDays(1)) : null;
        var end = Typed.Instant(Until, "valid_until", shop, refusals);
        if (end is null && refusals.Count == 0)
            refusals.Add(new Refusal("FieldBlank", "valid_until"));
        return end;
    }

    /// <summary>Where it is from, and why; null when it is refused.</summary>
    public string? ReadReason(ICollection<Refusal> refusals)
    {
        var why = Reason?.Trim() ?? "";
        if (why.Length is > 0 and <= LongestReason && !why.Any(char.IsControl))
            return why;
        refusals.Add(new Refusal("ReasonMissing", "reason", Address.Text(LongestReason)));
        return null;
    }

    private (DateTime? From, DateTime? Until) ReadInstants(BusinessTime shop, ICollection<Refusal> refusals)
    {
        var (from, until) = (Typed.Instant(From, "valid_from", shop, refusals), Typed.Instant(Until, "valid_until", shop, refusals));
        if (refusals.Count == 0 && RateRules.Validity(from, until) is { } refusal)
            refusals.Add(refusal);
        return (from, until);
    }

    private static string ReadName(string? typed, string field, ICollection<Refusal> refusals) => ModelNames.Canonical(Typed.Words(typed, field, LongestName, refusals));

    private static long ReadFactor(string? typed, string field, int decimals, ICollection<Refusal> refusals)
    {
        if (RateRules.ReadFactor(Typed.Plain(typed), field, decimals, out var scaled) is { } refusal)
            refusals.Add(refusal);
        return scaled;
    }

    private static DateTime? ReadStart(string? typed, string field, int later, BusinessTime shop, ICollection<Refusal> refusals) =>
        Typed.Plain(typed).Length > 0 && Typed.Day(typed, field, refusals) is { } day ? shop.StartOf(day.AddDays(later)) : null;
}
