using System.Globalization;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>What a line of a price or mapping file does.</summary>
public enum RowChange
{
    /// <summary>A new row.</summary>
    Add,

    /// <summary>The row is there.</summary>
    Repeat,

    /// <summary>The row is there without an end and gets one.</summary>
    Close,
}

/// <summary>
/// What rows may be added and how they may change (settlement rules 3). Fields of refusals are the columns of prices.csv and mappings.csv; their instants are UTC.
/// </summary>
public static class RateRules
{
    /// <summary>Digits before the point that a price may have: more are a slip.</summary>
    public const int WholeDigits = 9;

    private const int Decimals = 6;

    /// <summary>Reads a price of a million tokens in units of its currency, as files give it: a point, at most six decimals, not negative.</summary>
    /// <param name="text">The text, trimmed.</param>
    /// <param name="field">Field that a refusal names.</param>
    /// <param name="micro">The price in millionths of the unit.</param>
    /// <returns>The refusal, or null when <paramref name="micro"/> holds the price.</returns>
    public static Refusal? ReadPrice(string text, string field, out long micro) => Read("Rate", text, field, Decimals, out micro);

    /// <summary>Reads a weight, a divisor or an exchange rate: a point, not negative, no more decimals than are kept.</summary>
    /// <param name="text">The text, trimmed.</param>
    /// <param name="field">Field that a refusal names.</param>
    /// <param name="decimals">Decimals that are kept: 6 of weights, 9 of exchange rates.</param>
    /// <param name="scaled">The number times 10 to the power of <paramref name="decimals"/>.</param>
    /// <returns>The refusal, or null when <paramref name="scaled"/> holds the number.</returns>
    public static Refusal? ReadFactor(string text, string field, int decimals, out long scaled) => Read("Factor", text, field, decimals, out scaled);

    /// <summary>Whether a mapping is about a set of names: about the upstream's name or the console's, whatever upstream the record names.</summary>
    public static bool Concerns(MappingRow mapping, UsageNames names) =>
        ModelNames.Canonical(mapping.Name) is var name && (name == ModelNames.Canonical(names.ConsoleName) || name == ModelNames.CanonicalOrNull(names.UpstreamName));

    private static Refusal? Read(string what, string text, string field, int decimals, out long scaled)
    {
        scaled = 0;
        if (text.Length == 0)
            return new Refusal(what + "Missing", field);
        if (text[0] == '-')
            return new Refusal(what + "Negative", field, text);
        if (text.Contains(','))
            return new Refusal(what + "HasComma", field, text);
        var parts = text.Split('.');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0 || part.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0))
            return new Refusal(what + "NotANumber", field, text);
        var fraction = parts.Length == 2 ? parts[1] : "";
        if (fraction.Length > decimals)
            return new Refusal(what + "HasTooManyDecimals", field, text, Number(fraction.Length), Number(decimals));
        if (parts[0].TrimStart('0').Length > WholeDigits)
            return new Refusal(what + "TooLarge", field, text);
        scaled = long.Parse(parts[0] + fraction.PadRight(decimals, '0'), NumberStyles.None, CultureInfo.InvariantCulture);
        return null;
    }

    /// <summary>A price in units of its currency, as files show it: plain decimals without trailing zeros, such as <c>4</c> or <c>0.05</c> (DESIGN 6).</summary>
    public static string PriceText(long micro) => Text(micro, Decimals);

    /// <summary>An exchange rate of 10^-9, likewise.</summary>
    public static string RateText(long nano) => Text(nano, 9);

    private static string Text(long scaled, int decimals)
    {
        var digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var fraction = digits[^decimals..].TrimEnd('0');
        return fraction.Length == 0 ? digits[..^decimals] : $"{digits[..^decimals]}.{fraction}";
    }

    /// <summary>Whether rows of two bands would both hold for some instant: equal bands, or either is for all times.</summary>
    public static bool BandsMeet(PriceBand one, PriceBand other) => one == other || one is PriceBand.All || other is PriceBand.All;

    /// <summary>Whether a row may be valid so: on whole quarter-hours, and for at least one.</summary>
    public static Refusal? Validity(DateTime? from, DateTime? until)
    {
        if (from is { } first && !Quarters.IsWhole(first))
            return new Refusal("RateNotOnQuarterHour", "valid_from", Words(first));
        if (until is { } end && !Quarters.IsWhole(end))
            return new Refusal("RateNotOnQuarterHour", "valid_until", Words(end));
        return until <= from ? new Refusal("RateEndsBeforeStart", "valid_until", Words(until.Value), Words(from.Value)) : null;
    }

    /// <summary>Whether a window of a calendar may be so: on whole quarter-hours, its end after its start.</summary>
    public static Refusal? Window(LocalWindow window)
    {
        if (!IsWhole(window.From) || !IsWhole(window.Until))
            return new Refusal("RateNotOnQuarterHour", "windows", Words(window));
        return window.Until != TimeOnly.MinValue && window.Until <= window.From ? new Refusal("WindowEndsBeforeStart", "windows", Words(window)) : null;
    }

    /// <summary>Whether a row may not be added because another one about the same would hold for the same instant.</summary>
    /// <param name="wish">The row, valid in itself.</param>
    /// <param name="stored">The rows there are; those about something else are passed over.</param>
    /// <returns>The refusal, which quotes the other row; null when it may be added.</returns>
    public static Refusal? Conflict(DatedRow wish, IEnumerable<DatedRow> stored) => stored.FirstOrDefault(row => row.Excludes(wish) && row.Meets(wish))?.Overlap();

    /// <summary>The rows that make room for a new one when they end where it begins: those without an end that began before and would hold together with it.</summary>
    /// <param name="wish">The new row.</param>
    /// <param name="stored">The rows there are.</param>
    public static IEnumerable<TRow> MakeRoom<TRow>(DatedRow wish, IEnumerable<TRow> stored) where TRow : DatedRow =>
        wish.ValidFrom is { } begins ? stored.Where(row => row.ValidUntil is null && !(row.ValidFrom >= begins) && row.Excludes(wish) && row.Meets(wish)) : [];

    /// <summary>Whether a stored row may get an end: once, after its start, and not before an approved settlement's last use of it.</summary>
    /// <param name="from">The row's start, UTC.</param>
    /// <param name="until">The end it has; null when none is set.</param>
    /// <param name="end">The end it is to get, UTC.</param>
    /// <param name="usedUntil">End of the last quarter-hour for which an approved settlement used it, UTC; null when none did.</param>
    public static Refusal? Close(DateTime? from, DateTime? until, DateTime end, DateTime? usedUntil)
    {
        if (until is { } set)
            return new Refusal("RateHasEnd", "valid_until", Words(set));
        if (Validity(from, end) is { } refusal)
            return refusal;
        return end < usedUntil ? new Refusal("RateUsedAfterEnd", "valid_until", Words(end), Words(usedUntil.Value)) : null;
    }

    /// <summary>Whether a stored row that was a slip may end where it begins, so that it never held: as long as it has no end, and no approved settlement used it.</summary>
    /// <param name="from">The row's start, UTC.</param>
    /// <param name="until">The end it has; null when none is set.</param>
    /// <param name="usedUntil">End of the last quarter-hour for which an approved settlement used it, UTC; null when none did.</param>
    public static Refusal? Withdraw(DateTime from, DateTime? until, DateTime? usedUntil)
    {
        if (until is { } set)
            return new Refusal("RateHasEnd", "valid_until", Words(set));
        return from < usedUntil ? new Refusal("RateUsedAfterEnd", "valid_until", Words(from), Words(usedUntil.Value)) : null;
    }

    /// <summary>What a line of a file of rates does: adds a row, repeats one, or gives one its end.</summary>
    /// <param name="wish">The line.</param>
    /// <param name="stored">The rows there are; those about something else are passed over.</param>
    /// <param name="usedUntil">End of the last quarter-hour for which an approved settlement used the row of an id, UTC; null when none did.</param>
    /// <param name="change">What it does; meaningless when refused.</param>
    /// <param name="id">The row that is repeated or closed; null for a new one.</param>
    public static Refusal? Judge(DatedRow wish, IReadOnlyCollection<DatedRow> stored, Func<long, DateTime?> usedUntil, out RowChange change, out long? id)
    {
        var same = stored.Where(row => row with { Id = wish.Id, ValidUntil = wish.ValidUntil } == wish).OrderBy(row => row.IsWithdrawn).FirstOrDefault();
        (change, id) = (RowChange.Add, same?.Id);
        if (Validity(wish.ValidFrom, wish.ValidUntil) is { } refusal)
            return refusal;
        // A person said that it never held. A file that comes again does not say otherwise.
        if (same is { IsWithdrawn: true })
            return new Refusal("RateWithdrawn", "valid_from", Words(wish.ValidFrom));
        if (same is null)
            return Conflict(wish, stored);
        // A line without an end repeats a row that got one since: the file it is from may be imported again.
        change = wish.ValidUntil is null || wish.ValidUntil == same.ValidUntil ? RowChange.Repeat : RowChange.Close;
        return change is RowChange.Close ? Close(wish.ValidFrom, same.ValidUntil, wish.ValidUntil!.Value, usedUntil(same.Id)) : null;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsWhole(TimeOnly time) => time.Ticks % (Quarters.Seconds * TimeSpan.TicksPerSecond) == 0;

    private static string Words(LocalWindow window) => string.Create(CultureInfo.InvariantCulture, $"{window.From:HH:mm:ss}-{window.Until:HH:mm:ss}");

    internal static string Words(DateTime? instant) => instant is { } at ? Words(at) : "-";

    private static string Words(DateTime instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
}
