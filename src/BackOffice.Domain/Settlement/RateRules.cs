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
    public static Refusal? ReadPrice(string text, string field, out long micro)
    {
        micro = 0;
        if (text.Length == 0)
            return new Refusal("RateMissing", field);
        if (text[0] == '-')
            return new Refusal("RateNegative", field, text);
        if (text.Contains(','))
            return new Refusal("RateHasComma", field, text);
        var parts = text.Split('.');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0 || part.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0))
            return new Refusal("RateNotANumber", field, text);
        var fraction = parts.Length == 2 ? parts[1] : "";
        if (fraction.Length > Decimals)
            return new Refusal("RateHasTooManyDecimals", field, text, fraction.Length.ToString(CultureInfo.InvariantCulture));
        if (parts[0].TrimStart('0').Length > WholeDigits)
            return new Refusal("RateTooLarge", field, text);
        micro = long.Parse(parts[0] + fraction.PadRight(Decimals, '0'), NumberStyles.None, CultureInfo.InvariantCulture);
        return null;
    }

    /// <summary>A price in units of its currency, as files show it: plain decimals without trailing zeros, such as <c>4</c> or <c>0.05</c> (DESIGN 6).</summary>
    public static string PriceText(long micro)
    {
        var digits = micro.ToString(CultureInfo.InvariantCulture).PadLeft(Decimals + 1, '0');
        var fraction = digits[^Decimals..].TrimEnd('0');
        return fraction.Length == 0 ? digits[..^Decimals] : $"{digits[..^Decimals]}.{fraction}";
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

    /// <summary>Whether a price may not be added because another one would hold for the same instant.</summary>
    /// <param name="wish">The price, valid in itself.</param>
    /// <param name="stored">The prices there are; those of other models, parts and currencies are passed over.</param>
    /// <returns>The refusal, which quotes the other price's validity; null when it may be added.</returns>
    public static Refusal? Conflict(PriceRow wish, IEnumerable<PriceRow> stored) =>
        stored.FirstOrDefault(row => IsOfOne(row, wish) && BandsMeet(row.Band, wish.Band) && Meet(row.ValidFrom, row.ValidUntil, wish.ValidFrom, wish.ValidUntil)) is { } other
            ? new Refusal("PriceRowOverlaps", "valid_from", PriceBands.NameOf(other.Band), PriceText(other.PriceMicro), Words(other.ValidFrom), Words(other.ValidUntil))
            : null;

    /// <summary>Whether a mapping may not be added because another one of the same name and upstream would hold for the same instant.</summary>
    /// <param name="wish">The mapping, valid in itself.</param>
    /// <param name="stored">The mappings there are; those of other names and upstreams are passed over.</param>
    /// <returns>The refusal, which quotes the other mapping; null when it may be added.</returns>
    public static Refusal? Conflict(MappingRow wish, IEnumerable<MappingRow> stored) =>
        stored.FirstOrDefault(row => row.Name == wish.Name && row.Upstream == wish.Upstream && Meet(row.ValidFrom, row.ValidUntil, wish.ValidFrom, wish.ValidUntil)) is { } other
            ? new Refusal("MappingRowOverlaps", "valid_from", other.Model, Words(other.ValidFrom), Words(other.ValidUntil))
            : null;

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

    /// <summary>What a line of a price file does: adds a row, repeats one, or gives one its end.</summary>
    /// <param name="wish">The line.</param>
    /// <param name="stored">The prices there are; those of other models, parts and currencies are passed over.</param>
    /// <param name="usedUntil">End of the last quarter-hour for which an approved settlement used the row of an id, UTC; null when none did.</param>
    /// <param name="change">What it does; meaningless when refused.</param>
    /// <param name="id">The row that is repeated or closed; null for a new one.</param>
    public static Refusal? Judge(PriceRow wish, IReadOnlyCollection<PriceRow> stored, Func<long, DateTime?> usedUntil, out RowChange change, out long? id)
    {
        var same = stored.FirstOrDefault(row => row with { Id = wish.Id, ValidUntil = wish.ValidUntil } == wish);
        return Judge(
            same is null ? null : (same.Id, same.ValidUntil), wish.ValidFrom, wish.ValidUntil, usedUntil, out change, out id)
            ?? (change is RowChange.Add ? Conflict(wish, stored) : null);
    }

    /// <summary>What a line of a mapping file does: adds a row, repeats one, or gives one its end.</summary>
    /// <param name="wish">The line.</param>
    /// <param name="stored">The mappings there are; those of other names and upstreams are passed over.</param>
    /// <param name="usedUntil">End of the last quarter-hour for which an approved settlement used the row of an id, UTC; null when none did.</param>
    /// <param name="change">What it does; meaningless when refused.</param>
    /// <param name="id">The row that is repeated or closed; null for a new one.</param>
    public static Refusal? Judge(MappingRow wish, IReadOnlyCollection<MappingRow> stored, Func<long, DateTime?> usedUntil, out RowChange change, out long? id)
    {
        var same = stored.FirstOrDefault(row => row with { Id = wish.Id, ValidUntil = wish.ValidUntil } == wish);
        return Judge(
            same is null ? null : (same.Id, same.ValidUntil), wish.ValidFrom, wish.ValidUntil, usedUntil, out change, out id)
            ?? (change is RowChange.Add ? Conflict(wish, stored) : null);
    }

    private static Refusal? Judge((long Id, DateTime? Until)? same, DateTime? from, DateTime? until, Func<long, DateTime?> usedUntil, out RowChange change, out long? id)
    {
        (change, id) = (RowChange.Add, same?.Id);
        if (Validity(from, until) is { } refusal)
            return refusal;
        if (same is not { } row)
            return null;
        // A line without an end repeats a row that got one since: the file it is from may be imported again.
        change = until is null || until == row.Until ? RowChange.Repeat : RowChange.Close;
        return change is RowChange.Close ? Close(from, row.Until, until!.Value, usedUntil(row.Id)) : null;
    }

    private static bool IsOfOne(PriceRow one, PriceRow other) =>
        one.Upstream == other.Upstream && one.Model == other.Model && one.Part == other.Part && one.Currency == other.Currency;

    private static bool Meet(DateTime? from, DateTime? until, DateTime? otherFrom, DateTime? otherUntil) =>
        (from ?? DateTime.MinValue) < (otherUntil ?? DateTime.MaxValue) && (otherFrom ?? DateTime.MinValue) < (until ?? DateTime.MaxValue);

    private static bool IsWhole(TimeOnly time) => time.Ticks % (Quarters.Seconds * TimeSpan.TicksPerSecond) == 0;

    private static string Words(LocalWindow window) => string.Create(CultureInfo.InvariantCulture, $"{window.From:HH:mm:ss}-{window.Until:HH:mm:ss}");

    private static string Words(DateTime? instant) => instant is { } at ? Words(at) : "-";

    private static string Words(DateTime instant) => instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
