using System.Globalization;
using System.Text;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// A file of CSV records. A kind of file reads its columns in order with the methods below; the first that refuses is the reason given, and
/// what the others answer after it is never looked at.
/// </summary>
public abstract class CsvFile<T>(Stream stream, string[] columns) : ImportFile<T> where T : class
{
    private readonly CsvRecords csv = new(stream, columns);
    private Refusal? refusal;

    public override long BytesRead => csv.BytesRead;

    private protected long Line => csv.Line;

    private protected abstract T ReadColumns();

    private protected override bool ReadNext(out T? record, out PutAside? aside)
    {
        (record, aside) = (null, null);
        if (!csv.Read())
            return false;
        refusal = csv.Refusal;
        record = refusal is null ? ReadColumns() : null;
        if (refusal is null)
            return true;
        (record, aside) = (null, Aside(csv.Line, refusal));
        csv.ResumeAfterFirstLine();
        return true;
    }

    /// <summary>What is kept of a record that was not taken in.</summary>
    private protected virtual PutAside Aside(long line, Refusal reason) => new(line, reason);

    /// <summary>The record as it stands in the file.</summary>
    private protected ReadOnlySpan<byte> Record => csv.Raw;

    /// <summary>Whether the record has no columns that could be looked at.</summary>
    private protected bool IsBroken => csv.Refusal is not null;

    /// <summary>As much of a wrong value as may be shown.</summary>
    private protected virtual string Shown(ReadOnlySpan<byte> value) => Quoted.Text(value);

    /// <summary>The field as it stands, with its spaces.</summary>
    private protected ReadOnlySpan<byte> Untrimmed(int column) => csv[column];

    private protected ReadOnlySpan<byte> Trimmed(int column) => csv[column][Ascii.Trim(csv[column])];

    private protected void Refuse(int column, string code, params string[] args) => refusal ??= new Refusal(code, columns[column], args);

    /// <summary>What a rule says of the record; its field is a column.</summary>
    private protected void Require(Refusal? why) => refusal ??= why;

    /// <summary>Printable ASCII without spaces; blank is refused.</summary>
    private protected string Id(int column, int longest)
    {
        var text = Trimmed(column);
        if (text.IsEmpty)
            Refuse(column, "FieldBlank");
        else if (text.Length > longest || text.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            Refuse(column, "IdNotPlain", Invariant(longest));
        return Encoding.ASCII.GetString(text);
    }

    private protected string? IdOrNull(int column, int longest) => Trimmed(column).IsEmpty ? null : Id(column, longest);

    /// <summary>An upstream's name, canonical.</summary>
    private protected string Upstream(int column)
    {
        var wrong = UpstreamNames.Read(Encoding.UTF8.GetString(Trimmed(column)), columns[column], out var name);
        refusal ??= wrong;
        return name;
    }

    private protected string? TextOrNull(int column, int longest)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        if (text.Length > longest)
            Refuse(column, "TextTooLong", Invariant(longest));
        return text.Length == 0 ? null : text;
    }

    /// <summary>One of two words.</summary>
    private protected string Word(int column, string one, string other)
    {
        var text = Trimmed(column);
        if (Ascii.Equals(text, one))
            return one;
        if (Ascii.Equals(text, other))
            return other;
        if (text.IsEmpty)
            Refuse(column, "FieldBlank");
        else
            Refuse(column, "WordUnknown", Shown(text), one, other);
        return "";
    }

    private protected long WholeNumber(int column, long least, long most)
    {
        var text = Trimmed(column);
        if (text.IsEmpty)
            Refuse(column, "FieldBlank");
        else if (text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            Refuse(column, "NumberNotPlain", Shown(text));
        else if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        else
            Refuse(column, "NumberOutOfRange", Shown(text), Invariant(least), Invariant(most));
        return 0;
    }

    /// <summary>A whole number of at most so much either way.</summary>
    private protected long Signed(int column, long most)
    {
        var text = Trimmed(column);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= -most && number <= most)
            return number;
        Refuse(column, text.TrimStart((byte)'-').ContainsAnyExceptInRange((byte)'0', (byte)'9') ? "NumberNotWhole" : "NumberOutOfRange", Shown(text), Invariant(-most), Invariant(most));
        return 0;
    }

    private protected string Currency(int column)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        if (text.Length == 0)
            Refuse(column, "FieldBlank");
        else
            refusal ??= CurrencyText.Check(text, columns[column]);
        return text;
    }

    /// <summary>An amount of 0 or more.</summary>
    private protected Money Amount(int column, string currency)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        var wrong = Money.TryParse(text, currency, columns[column], out var money);
        if (wrong is not null)
            refusal ??= wrong with { Args = [.. wrong.Args.Select(Quoted.Text)] };
        else if (money.Minor < 0)
            Refuse(column, "AmountNegative", Quoted.Text(text));
        return money;
    }

    private protected DateTime Instant(int column)
    {
        var wrong = InstantText.Read(Trimmed(column), columns[column], out var instant);
        refusal ??= wrong;
        return instant;
    }

    private protected DateTime? InstantOrNull(int column) => Trimmed(column).IsEmpty ? null : Instant(column);

    /// <summary>An instant that has to be exact: dated rows are on whole quarter-hours.</summary>
    private protected DateTime? ExactInstantOrNull(int column)
    {
        var text = Trimmed(column);
        var instant = InstantOrNull(column);
        if (instant is not null && InstantText.IsFiner(text))
            Refuse(column, "RateNotOnQuarterHour", Quoted.Text(Encoding.UTF8.GetString(text)));
        return instant;
    }

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);
}
