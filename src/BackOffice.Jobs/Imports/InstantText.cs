using System.Text;
using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads an instant as import files give it: ISO 8601 with a day, a time of day and an offset or Z (DESIGN 6).</summary>
internal static class InstantText
{
    public const int FirstYear = 2000;
    public const int LastYear = 2100;

    /// <param name="text">UTF-8, trimmed.</param>
    /// <param name="field">Field that a refusal names.</param>
    /// <param name="instant">UTC; what is finer than a millisecond is cut off.</param>
    /// <returns>The refusal, or null when <paramref name="instant"/> holds the instant. It quotes figures only.</returns>
    public static Refusal? Read(ReadOnlySpan<byte> text, string field, out DateTime instant)
    {
        instant = default;
        if (text.IsEmpty)
            return new Refusal("FieldBlank", field);
        if (text.Length < 10 || !IsLike(text[..10], "0000-00-00"u8))
            return new Refusal("InstantUnreadable", field);
        if (text.Length == 10)
            return new Refusal("InstantWithoutTime", field);
        if (text[10] == ' ')
            return new Refusal("InstantHasSpace", field);
        if (text.Length < 16 || !IsLike(text[10..16], "T00:00"u8))
            return new Refusal("InstantUnreadable", field);
        var hasSeconds = text.Length >= 19 && IsLike(text[16..19], ":00"u8);
        var rest = text[(hasSeconds ? 19 : 16)..];
        if (!TakeFraction(ref rest, hasSeconds, out var milliseconds))
            return new Refusal(rest.StartsWith((byte)',') ? "InstantHasCommaFraction" : "InstantUnreadable", field);
        if (rest.IsEmpty)
            return new Refusal("InstantWithoutOffset", field);
        if (!TryOffset(rest, out var offset))
            return new Refusal("InstantOffsetUnreadable", field);
        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        if (year is < FirstYear or > LastYear)
            return new Refusal("InstantYearOutOfRange", field, Encoding.ASCII.GetString(text[..4]));
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return new Refusal("InstantNoSuchDay", field, Encoding.ASCII.GetString(text[..10]));
        var (hour, minute, second) = (Number(text[11..13]), Number(text[14..16]), hasSeconds ? Number(text[17..19]) : 0);
        if (hour > 23 || minute > 59 || second > 59)
            return new Refusal(hour == 24 ? "InstantHour24" : "InstantNoSuchTime", field, Encoding.ASCII.GetString(text[11..(hasSeconds ? 19 : 16)]));
        instant = new DateTime(year, month, day, hour, minute, second, milliseconds, DateTimeKind.Utc).AddMinutes(-offset);
        return null;
    }

    /// <summary>Whether an instant that was read is finer than a millisecond.</summary>
    public static bool IsFiner(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        if (point < 0)
            return false;
        var digits = text[(point + 1)..];
        var end = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return (end < 0 ? digits : digits[..end]) is { Length: > 3 } all && all[3..].ContainsAnyExcept((byte)'0');
    }

    private static bool TakeFraction(ref ReadOnlySpan<byte> rest, bool hasSeconds, out int milliseconds)
    {
        milliseconds = 0;
        if (rest.IsEmpty || rest[0] is not ((byte)'.' or (byte)','))
            return true;
        var digits = rest[1..];
        var length = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = length < 0 ? digits : digits[..length];
        if (rest[0] == ',' || digits.IsEmpty || !hasSeconds)
            return false;
        for (var place = 0; place < 3; place++)
            milliseconds = milliseconds * 10 + (place < digits.Length ? digits[place] - '0' : 0);
        rest = rest[(1 + digits.Length)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.SequenceEqual("Z"u8))
            return true;
        if (!IsLike(text, "+00:00"u8) && !IsLike(text, "-00:00"u8))
            return false;
        minutes = Number(text[1..3]) * 60 + Number(text[4..6]);
        var exists = minutes <= 14 * 60 && Number(text[4..6]) < 60;
        if (text[0] == '-')
            minutes = -minutes;
        return exists;
    }

    /// <summary>Whether the text has a digit wherever the pattern has a zero, and the pattern's character elsewhere.</summary>
    private static bool IsLike(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern)
    {
        if (text.Length != pattern.Length)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (pattern[i] == '0' ? !char.IsAsciiDigit((char)text[i]) : text[i] != pattern[i])
                return false;
        }
        return true;
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
            number = number * 10 + (digit - '0');
        return number;
    }
}
