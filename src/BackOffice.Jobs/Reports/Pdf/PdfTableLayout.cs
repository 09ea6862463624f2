namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>The cells of a row, broken into lines.</summary>
internal sealed record PdfTableRow((PdfStyle Style, List<string> Lines)[] Cells)
{
    public float Height { get; } = 2 * PdfLook.CellTop + Cells.Max(cell => cell.Lines.Count * cell.Style.Leading);

    /// <summary>What the first lines of all cells stand on, also where one is set smaller.</summary>
    public float Base { get; } = Cells.Max(cell => cell.Style.Base);
}

/// <summary>How the rows of a table are set and drawn.</summary>
internal sealed class PdfTableLayout<TRow>
{
    private const float SmallestNumber = 3, SmallestCode = 6.5f, SizeStep = 0.25f;

    private readonly PdfFlow flow;
    private readonly IReadOnlyList<PdfColumn<TRow>> columns;
    private readonly float[] edges;
    private readonly PdfTableRow header;

    public PdfTableLayout(PdfFlow flow, IReadOnlyList<PdfColumn<TRow>> columns)
    {
        (this.flow, this.columns) = (flow, columns);
        edges = new float[columns.Count + 1];
        edges[0] = flow.Left;
        foreach (var (column, (_, weight, _, _)) in columns.Index())
            edges[column + 1] = edges[column] + flow.Width * weight / columns.Sum(each => each.Weight);
        header = new PdfTableRow([.. columns.Select((column, i) => (PdfLook.CellBold, PdfWords.Lines(flow.Fonts, PdfLook.CellBold, PdfWords.Clean(column.Header), Right(i) - Left(i))))]);
    }

    public PdfTableRow Set(PdfStyle style, Func<int, string> text)
    {
        var cells = new (PdfStyle, List<string>)[columns.Count];
        for (var column = 0; column < cells.Length; column++)
            cells[column] = Set(style, PdfWords.Clean(text(column)), column);
        return new PdfTableRow(cells);
    }

    /// <summary>The header, with room for a row below it; it comes again on each further page.</summary>
    public void Begin()
    {
        flow.Need(header.Height + PdfLook.Cell.Leading + 2 * PdfLook.CellTop);
        DrawHeader();
        flow.Head = DrawHeader;
    }

    public void End() => flow.Head = null;

    /// <summary>A row, and so much room below it on the same page.</summary>
    public void Draw(PdfTableRow row, float room = 0)
    {
        flow.Need(row.Height + room);
        DrawCells(row);
        flow.Rule(flow.Left, flow.Right, flow.Y, PdfLook.Line);
    }

    public void DrawTotals(PdfTableRow totals)
    {
        flow.Need(totals.Height);
        flow.Rule(flow.Left, flow.Right, flow.Y, PdfLook.Ink, 2 * PdfLook.Hairline);
        Draw(totals);
    }

    public void DrawEmpty(string words)
    {
        flow.Advance(PdfLook.CellTop);
        flow.Lines(PdfLook.Cell, PdfWords.Lines(flow.Fonts, PdfLook.Cell, PdfWords.Clean(words), flow.Width - 2 * PdfLook.CellSide), Left(0));
        flow.Advance(PdfLook.CellTop);
        flow.Rule(flow.Left, flow.Right, flow.Y, PdfLook.Line);
    }

    private float Left(int column) => edges[column] + PdfLook.CellSide;

    private float Right(int column) => edges[column + 1] - PdfLook.CellSide;

    private (PdfStyle, List<string>) Set(PdfStyle style, string text, int column)
    {
        var (cells, width) = (columns[column].Cells, Right(column) - Left(column));
        if (cells == PdfCells.Number)
            return (Shrunk(style, text, width, SmallestNumber), [text]);
        if (cells == PdfCells.Code && style.Face == PdfFace.Regular)
            style = Shrunk(flow.Fonts.Fitting(PdfLook.CellCode, text), text, width, SmallestCode);
        return (style, PdfWords.Lines(flow.Fonts, style, text, width, columns[column].MostLines));
    }

    private PdfStyle Shrunk(PdfStyle style, string text, float width, float smallest)
    {
        while (style.Size > smallest && flow.Fonts.Width(style, text) > width)
            style = style with { Size = style.Size - SizeStep };
        return style;
    }

    private void DrawHeader()
    {
        flow.Fill(flow.Left, flow.Y, flow.Right, flow.Y + header.Height, PdfLook.Ground);
        DrawCells(header);
        flow.Rule(flow.Left, flow.Right, flow.Y, PdfLook.Muted);
    }

    private void DrawCells(PdfTableRow row)
    {
        for (var column = 0; column < row.Cells.Length; column++)
        {
            var (style, lines) = row.Cells[column];
            var top = flow.Y + PdfLook.CellTop + row.Base - style.Base;
            foreach (var line in lines)
            {
                if (columns[column].Cells == PdfCells.Number)
                    flow.TextRight(style, line, Right(column), top);
                else
                    flow.Text(style, line, Left(column), top);
                top += style.Leading;
            }
        }
        flow.Advance(row.Height);
    }
}
