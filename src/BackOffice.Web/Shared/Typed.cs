using System.Globalization;
using System.Text.RegularExpressions;
using BackOffice.Domain;

namespace BackOffice.Web.Shared;

/// <summary>Reads what people type into forms, and forgives what can be read. What cannot is refused with its field; the refusal quotes it, cut.</summary>
public static partial class Typed
{
    private const int LongestQuote = 40;

    private static readonly string[] DayForms = ["yyyy-M-d", "yyyy/M/d", "yyyy.M.d"];
    private static readonly string[] LocalForms = ["yyyy-M-d'T'H:mm", "yyyy-M-d'T'H:mm:ss", "yyyy-M-d H:mm", "yyyy-M-d H:mm:ss"];
    private static readonly string[] OffsetForms = ["yyyy-M-d'T'H:mmzzz", "yyyy-M-d'T'H:mm:sszzz"];

    /// <summary>Forgives spaces around it and full-width digits, colons and hyphens.</summary>
    public static string Plain(string? typed) =>
        new([.. (typed ?? "").Trim().Select(character => character is >= '！' and <= '～' ? (char)(character - '！' + '!') : character)]);

    /// <summary>An instant on the shop's clock unless it carries an offset, as UTC; null when nothing is typed.</summary>
    public static DateTime? Instant(string? typed, string field, BusinessTime shop, ICollection<Refusal> refusals)
    {
        var text = Plain(typed);
        if (text.Length == 0)
            return null;
        if (DateTimeOffset.TryParseExact(text.Replace("Z", "+00:00", StringComparison.OrdinalIgnoreCase), OffsetForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant))
        {
            if (instant.Year is >= 2000 and <= 2100)
                return instant.UtcDateTime;
            refusals.Add(new Refusal("InstantYearOutOfRange", field, text[..4]));
            return null;
        }
        if (!DateTime.TryParseExact(text, LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            refusals.Add(new Refusal("ShopTimeUnreadable", field, Quote(text)));
        else if (local.Year is < 2000 or > 2100)
            refusals.Add(new Refusal("InstantYearOutOfRange", field, text[..4]));
        else if (shop.InstantOf(local) is { } onShopClock)
            return onShopClock;
        else
            refusals.Add(new Refusal("ShopTimeSkipped", field, text));
        return null;
    }

    /// <summary>A day; null when it is refused, also when nothing is typed.</summary>
    public static DateOnly? Day(string? typed, string field, ICollection<Refusal> refusals)
    {
        var text = Plain(typed);
        if (text.Length == 0)
            refusals.Add(new Refusal("DayMissing", field));
        else if (!DateOnly.TryParseExact(text, DayForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            refusals.Add(new Refusal("DayUnreadable", field, Quote(text)));
        else if (day.Year is < 2000 or > 2100)
            refusals.Add(new Refusal("InstantYearOutOfRange", field, text[..4]));
        else
            return day;
        return null;
    }

    /// <summary>The code of a currency in use; null when it is refused.</summary>
    public static string? Currency(string? typed, string field, ICollection<Refusal> refusals)
    {
        var code = Plain(typed).ToUpperInvariant();
        if (Currencies.IsKnown(code))
            return code;
        refusals.Add(code.Length == 0 ? new Refusal("FieldBlank", field) : new Refusal("CurrencyUnknown", field, Quote(code)));
        return null;
    }

    /// <summary>A whole number within bounds, with or without commas between thousands; null when it is refused.</summary>
    public static long? Whole(string? typed, string field, long least, long most, ICollection<Refusal> refusals)
    {
        var text = WithoutCommas(Plain(typed));
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        refusals.Add(text.Length == 0 ? new Refusal("FieldBlank", field) : new Refusal("WholeNumberWanted", field, Quote(text), Figures.Count(least), Figures.Count(most)));
        return null;
    }

    /// <summary>An amount above zero in major units, with or without commas between thousands; null when it is refused.</summary>
    public static long? Price(string? typed, string currency, string field, ICollection<Refusal> refusals)
    {
        var text = WithoutCommas(Plain(typed));
        if (Money.TryParse(text, currency, field, out var money) is { } refusal)
            refusals.Add(refusal with { Args = [.. refusal.Args.Select(Quote)] });
        else if (money.Minor <= 0)
            refusals.Add(new Refusal("PriceNotPositive", field, text));
        else
            return money.Minor;
        return null;
    }

    /// <summary>A line of words, trimmed; empty when it is refused.</summary>
    public static string Words(string? typed, string field, int longest, ICollection<Refusal> refusals)
    {
        var text = (typed ?? "").Trim();
        if (text.Length == 0)
            refusals.Add(new Refusal("FieldBlank", field));
        else if (text.Length > longest || text.Any(char.IsControl))
            refusals.Add(new Refusal("WordsUnusable", field, Figures.Count(longest)));
        else
            return text;
        return "";
    }

    private static string Quote(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";

    private static string WithoutCommas(string text) => BetweenThousands().IsMatch(text) ? text.Replace(",", "", StringComparison.Ordinal) : text;

    [GeneratedRegex(@"^\d{1,3}(,\d{3})+(\.\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex BetweenThousands();
}
