namespace BackOffice.Jobs.Reports.Tables;

/// <summary>CSV for a spreadsheet: with a byte order mark, and text that a spreadsheet would take for a formula made harmless. Numbers stand as they are.</summary>
public sealed class CsvTable(Stream output) : TableWriter(output)
{
    private bool isFirst = true;

    /// <inheritdoc/>
    public override async Task BeginAsync(IReadOnlyList<(string Title, int Width)> titles, CancellationToken token)
    {
        Put("\uFEFF"u8);
        foreach (var (title, _) in titles)
            Text(title);
        await EndRowAsync(token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Text(string? text)
    {
        Separate();
        if (text is not null)
            Put(SpreadsheetCsv.Field(text));
    }

    /// <inheritdoc/>
    public override void Number(decimal? number, int decimals = 0)
    {
        Separate();
        if (number is { } value)
            PutFormatted(value);
    }

    /// <inheritdoc/>
    public override void Time(DateTime? local)
    {
        Separate();
        if (local is { } value)
            PutFormatted(value, "yyyy-MM-dd HH:mm:ss");
    }

    /// <inheritdoc/>
    public override void Day(DateOnly? day)
    {
        Separate();
        if (day is { } value)
            PutFormatted(value, "yyyy-MM-dd");
    }

    /// <inheritdoc/>
    public override ValueTask EndRowAsync(CancellationToken token)
    {
        Put("\r\n"u8);
        isFirst = true;
        return SendAsync(Output, token);
    }

    /// <inheritdoc/>
    public override Task FinishAsync(CancellationToken token) => SendAllAsync(Output, token);

    private void Separate()
    {
        if (!isFirst)
            Put(","u8);
        isFirst = false;
    }
}
