using System.Globalization;

namespace BackOffice.Domain.Packages;

/// <summary>When a price holds. Instants are UTC.</summary>
/// <param name="From">The first instant.</param>
/// <param name="Until">The first instant that is not included; null while no end is set.</param>
public readonly record struct PriceSpan(DateTime From, DateTime? Until)
{
    /// <summary>Whether it holds at an instant.</summary>
    public bool Holds(DateTime at) => From <= at && !IsOver(at);

    /// <summary>Whether its end has come.</summary>
    public bool IsOver(DateTime at) => Until <= at;

    /// <summary>Whether there is an instant at which both hold.</summary>
    public bool Meets(PriceSpan other) => From < (other.Until ?? DateTime.MaxValue) && other.From < (Until ?? DateTime.MaxValue);
}

/// <summary>
/// Prices are dated rows that are never edited: of one package, purpose and currency at most one holds at any instant. Source: DESIGN 4. Fields of refusals
/// are <c>from</c> and <c>until</c>; their instants are on the shop's clock.
/// </summary>
public static class PriceRules
{
    /// <summary>What a new price does to those there are.</summary>
    /// <param name="present">The prices of the same package, purpose and currency.</param>
    /// <param name="wanted">When the new one is to hold.</param>
    /// <param name="endsPresent">A price without an end that began before is to end where the new one begins.</param>
    /// <param name="now">The present, UTC: the past is not priced anew.</param>
    /// <param name="shop">The shop's clock, for the words of a refusal.</param>
    /// <param name="ended">The start of the price that has to be ended at <c>wanted.From</c>; null when none has to.</param>
    /// <returns>Null when it may be added.</returns>
    public static Refusal? Add(IEnumerable<PriceSpan> present, PriceSpan wanted, bool endsPresent, DateTime now, BusinessTime shop, out DateTime? ended)
    {
        ended = null;
        if (wanted.From < now)
            return new Refusal("PriceStartsInPast", "from", Words(wanted.From, shop), Words(now, shop));
        if (wanted.Until <= wanted.From)
            return new Refusal("PriceEndsBeforeStart", "until", Words(wanted.Until.Value, shop), Words(wanted.From, shop));
        foreach (var other in present.Where(other => other.Meets(wanted)).OrderBy(other => other.From))
        {
            if (other.From >= wanted.From)
                return new Refusal("PriceMeetsLater", wanted.From == other.From ? "from" : "until", Words(other.From, shop));
            if (other.Until is { } until)
                return new Refusal("PriceMeetsEnded", "from", Words(other.From, shop), Words(until, shop));
            if (!endsPresent)
                return new Refusal("PriceMeetsOpen", "from", Words(other.From, shop));
            ended = other.From;
        }
        return null;
    }

    /// <summary>Whether a price may get an end: once, and not in the past.</summary>
    public static Refusal? End(PriceSpan price, DateTime until, DateTime now, BusinessTime shop)
    {
        if (price.Until is { } end)
            return new Refusal("PriceHasEnd", "", Words(end, shop));
        if (until <= price.From)
            return new Refusal("PriceEndsBeforeStart", "until", Words(until, shop), Words(price.From, shop));
        return until < now ? new Refusal("PriceEndsInPast", "until", Words(until, shop), Words(now, shop)) : null;
    }

    /// <summary>Whether a price may be withdrawn: before it begins.</summary>
    public static Refusal? Withdraw(PriceSpan price, DateTime now, BusinessTime shop) =>
        price.From <= now ? new Refusal("PriceHasBegun", "", Words(price.From, shop)) : null;

    // Seconds stand only where there are some: most prices begin with a minute.
    private static string Words(DateTime instant, BusinessTime shop) =>
        shop.ToLocal(instant).ToString(instant.Second == 0 ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
