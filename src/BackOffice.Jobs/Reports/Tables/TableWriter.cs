using System.Buffers;
using System.Globalization;
using System.Text;

namespace BackOffice.Jobs.Reports.Tables;

/// <summary>
/// A table written row by row to a stream that cannot be sought, in constant memory: <see cref="CsvTable"/> or <see cref="XlsxTable"/>.
/// Only <see cref="FinishAsync"/> makes the file whole: one that was broken off cannot be taken for a whole one.
/// </summary>
public abstract class TableWriter(Stream output)
{
    private const int Portion = 32_768;

    private readonly ArrayBufferWriter<byte> buffer = new(2 * Portion);

    /// <summary>The line of titles; first of all.</summary>
    /// <param name="titles">One for each column, with how many characters wide it is shown.</param>
    /// <param name="token">To stop writing.</param>
    public abstract Task BeginAsync(IReadOnlyList<(string Title, int Width)> titles, CancellationToken token);

    /// <summary>Before the first cell of a row.</summary>
    public virtual ValueTask BeginRowAsync(CancellationToken token) => default;

    /// <summary>A cell of text, which no program may take for anything else; null for an empty cell.</summary>
    public abstract void Text(string? text);

    /// <summary>A cell with a number.</summary>
    /// <param name="number">Null for an empty cell.</param>
    /// <param name="decimals">How many of its decimals are shown, 0 to 3.</param>
    public abstract void Number(decimal? number, int decimals = 0);

    /// <summary>A cell with an instant on a clock that the title names; null for an empty cell.</summary>
    public abstract void Time(DateTime? local);

    /// <summary>A cell with a day; null for an empty cell.</summary>
    public abstract void Day(DateOnly? day);

    /// <summary>After the last cell of a row.</summary>
    public abstract ValueTask EndRowAsync(CancellationToken token);

    /// <summary>After the last row.</summary>
    public abstract Task FinishAsync(CancellationToken token);

    private protected void Put(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    private protected void Put(string text) => Encoding.UTF8.GetBytes(text, buffer);

    private protected void PutFormatted<T>(T value, ReadOnlySpan<char> format = default) where T : IUtf8SpanFormattable
    {
        if (!value.TryFormat(buffer.GetSpan(64), out var written, format, CultureInfo.InvariantCulture))
            throw new InvalidOperationException("No figure is longer than that.");
        buffer.Advance(written);
    }

    /// <summary>Hands on what has come together, when it is enough.</summary>
    private protected ValueTask SendAsync(Stream to, CancellationToken token) => buffer.WrittenCount < Portion ? default : new ValueTask(SendAllAsync(to, token));

    private protected async Task SendAllAsync(Stream to, CancellationToken token)
    {
        await to.WriteAsync(buffer.WrittenMemory, token).ConfigureAwait(false);
        buffer.ResetWrittenCount();
    }

    private protected Stream Output => output;
}
