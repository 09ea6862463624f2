namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>What the cells of a column hold, and so how they are set.</summary>
public enum PdfCells
{
    /// <summary>From the left, in as many lines as it takes.</summary>
    Words,

    /// <summary>From the right, in one line: a number is never broken or cut, but set smaller where it is too wide.</summary>
    Number,

    /// <summary>An id, from the left, every character of one width; set smaller where it is too wide, and broken only where that is not enough.</summary>
    Code,
}

/// <summary>A column of a table.</summary>
/// <param name="Header">Above the column on each page.</param>
/// <param name="Weight">Its share of the width; about how many characters it needs is a good one.</param>
/// <param name="Cells">What it holds.</param>
/// <param name="Text">The cell of a row.</param>
public sealed record PdfColumn<TRow>(string Header, float Weight, PdfCells Cells, Func<TRow, string> Text)
{
    /// <summary>A cell of more lines is cut, and an ellipsis tells so; no row may be higher than a page.</summary>
    public int MostLines { get; init; } = 12;
}

/// <summary>
/// A table of any number of rows, its header on each page. The rows are asked for twice and must come alike, in the same order; they are never held.
/// </summary>
/// <param name="Columns">From left to right.</param>
/// <param name="Rows">Each call begins anew.</param>
/// <param name="Totals">A cell for each column, empty where nothing is summed; on the page of the last row.</param>
public sealed record PdfTable<TRow>(IReadOnlyList<PdfColumn<TRow>> Columns, Func<IAsyncEnumerable<TRow>> Rows, IReadOnlyList<string>? Totals = null) : PdfSection
{
    public PdfTable(IReadOnlyList<PdfColumn<TRow>> columns, IEnumerable<TRow> rows, IReadOnlyList<string>? totals = null) : this(columns, rows.ToAsyncEnumerable, totals)
    {
    }

    /// <summary>Said instead of rows where there are none; the writer's own words when not given.</summary>
    public string? WhenEmpty { get; init; }

    internal override async ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation)
    {
        var layout = new PdfTableLayout<TRow>(flow, Columns);
        var totals = Totals is null ? null : layout.Set(PdfLook.CellBold, column => Totals[column]);
        layout.Begin();
        PdfTableRow? last = null;
        await foreach (var row in Rows().WithCancellation(cancellation).ConfigureAwait(false))
        {
            if (last is not null)
                layout.Draw(last);
            last = layout.Set(PdfLook.Cell, column => Columns[column].Text(row));
        }
        // The last row is drawn when it is known to be the last, so that the totals do not stand alone on a page.
        if (last is null)
            layout.DrawEmpty(WhenEmpty ?? flow.Texts["Report.NoRows"]);
        else
            layout.Draw(last, room: totals?.Height ?? 0);
        if (totals is not null)
            layout.DrawTotals(totals);
        layout.End();
    }
}
