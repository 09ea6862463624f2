using System.Buffers;
using System.IO.Compression;
using System.Text;
using BackOffice.Jobs.Reports.Workbooks;

namespace BackOffice.Jobs.Reports.Tables;

/// <summary>
/// A workbook of one table (ECMA-376, the parts a reader needs and no more), with a further sheet wherever one is full. Nothing in it tells when or where it
/// was written: the same rows make the same parts.
/// </summary>
/// <param name="output">Where it goes; never sought. The framework's zip writes some of its own parts synchronously.</param>
/// <param name="name">What the sheets are called, at most 25 characters.</param>
/// <param name="rowsPerSheet">Rows of a sheet, the line of titles not counted; at most what a spreadsheet holds.</param>
public sealed class XlsxTable(Stream output, string name, int rowsPerSheet = XlsxTable.MostRows) : TableWriter(output)
{
    /// <summary>What a sheet holds beside its line of titles.</summary>
    public const int MostRows = 1_048_575;

    // A cell that holds more is refused by the program that opens the file.
    private const int LongestText = 32_767;

    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Packages = "http://schemas.openxmlformats.org/package/2006";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    private const string Prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

    // Places of the styles in their part.
    private const int PlainStyle = 0;
    private const int TitleStyle = 1;
    private const int TimeStyle = 2;
    private const int DayStyle = 3;
    private const int NumberStyles = 4;

    private const string Styles = $"""
        <styleSheet xmlns="{Main}"><numFmts count="4"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="166" formatCode="#,##0.0"/><numFmt numFmtId="167" formatCode="#,##0.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="8"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/><xf numFmtId="3" applyNumberFormat="1"/><xf numFmtId="166" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/><xf numFmtId="167" applyNumberFormat="1"/></cellXfs></styleSheet>
        """;

    private static readonly DateTimeOffset Fixed = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // What stands in XML as it is, and is no part of an escape of its own (see RowWriter).
    private static readonly SearchValues<char> Harmless = SearchValues.Create([.. Range(' ', '~').Except("<>&_"), .. Range('\u00A0', '\uD7FF'), .. Range('\uE000', '\uFFFD')]);

    private IReadOnlyList<(string Title, int Width)> columns = [];
    private byte[][] letters = [];
    private ZipArchive? zip;
    private Stream sheet = Stream.Null;
    private int sheets;
    private int row;
    private int column;

    /// <inheritdoc/>
    public override async Task BeginAsync(IReadOnlyList<(string Title, int Width)> titles, CancellationToken token)
    {
        columns = titles;
        letters = [.. Enumerable.Range(0, titles.Count).Select(index => Encoding.ASCII.GetBytes(Letters(index)))];
        zip = await ZipArchive.CreateAsync(Output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, token).ConfigureAwait(false);
        await AddPartAsync("_rels/.rels", $"""<Relationships xmlns="{Packages}/relationships"><Relationship Id="r1" Type="{Relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>""", token)
            .ConfigureAwait(false);
        await AddPartAsync("xl/styles.xml", Styles, token).ConfigureAwait(false);
        await BeginSheetAsync(token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask BeginRowAsync(CancellationToken token)
    {
        if (row > rowsPerSheet)
        {
            await EndSheetAsync(token).ConfigureAwait(false);
            await BeginSheetAsync(token).ConfigureAwait(false);
        }
        OpenRow();
    }

    /// <inheritdoc/>
    public override void Text(string? text) => PutText(text, PlainStyle);

    /// <inheritdoc/>
    public override void Number(decimal? number, int decimals = 0) => PutNumber(number, NumberStyles + decimals);

    /// <inheritdoc/>
    public override void Time(DateTime? local) => PutNumber(local?.ToOADate(), TimeStyle);

    /// <inheritdoc/>
    public override void Day(DateOnly? day) => PutNumber(day?.ToDateTime(TimeOnly.MinValue).ToOADate(), DayStyle);

    /// <inheritdoc/>
    public override ValueTask EndRowAsync(CancellationToken token)
    {
        Put("</row>"u8);
        return SendAsync(sheet, token);
    }

    /// <inheritdoc/>
    public override async Task FinishAsync(CancellationToken token)
    {
        await EndSheetAsync(token).ConfigureAwait(false);
        await AddPartAsync("xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets>{OfSheets(number => $"<sheet name=\"{NameOf(number)}\" sheetId=\"{number}\" r:id=\"s{number}\"/>")}</sheets></workbook>""", token)
            .ConfigureAwait(false);
        await AddPartAsync(
            "xl/_rels/workbook.xml.rels",
            $"""<Relationships xmlns="{Packages}/relationships">{OfSheets(number => $"<Relationship Id=\"s{number}\" Type=\"{Relations}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>")}<Relationship Id="styles" Type="{Relations}/styles" Target="styles.xml"/></Relationships>""",
            token).ConfigureAwait(false);
        await AddPartAsync(
            "[Content_Types].xml",
            $"""<Types xmlns="{Packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{Types}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{Types}.styles+xml"/>{OfSheets(number => $"<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{Types}.worksheet+xml\"/>")}</Types>""",
            token).ConfigureAwait(false);
        await zip!.DisposeAsync().ConfigureAwait(false);
    }

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);

    private static string Letters(int index) => index < 26 ? $"{(char)('A' + index)}" : Letters(index / 26 - 1) + Letters(index % 26);

    private static string Escaped(string text) => System.Security.SecurityElement.Escape(RowWriter.Encode(text));

    private string NameOf(int number) => Escaped(number == 1 ? name : FormattableString.Invariant($"{name} {number}"));

    private string OfSheets(Func<int, FormattableString> words) => string.Concat(Enumerable.Range(1, sheets).Select(number => FormattableString.Invariant(words(number))));

    private async Task AddPartAsync(string path, string xml, CancellationToken token)
    {
        await using var part = await OpenPartAsync(path, token).ConfigureAwait(false);
        await part.WriteAsync(Encoding.UTF8.GetBytes(Prolog + xml), token).ConfigureAwait(false);
    }

    private Task<Stream> OpenPartAsync(string path, CancellationToken token)
    {
        var entry = zip!.CreateEntry(path, CompressionLevel.Fastest);
        entry.LastWriteTime = Fixed;
        return entry.OpenAsync(token);
    }

    private async Task BeginSheetAsync(CancellationToken token)
    {
        sheets++;
        row = 0;
        sheet = await OpenPartAsync(FormattableString.Invariant($"xl/worksheets/sheet{sheets}.xml"), token).ConfigureAwait(false);
        Put($"""{Prolog}<worksheet xmlns="{Main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>""");
        foreach (var (index, (_, width)) in columns.Index())
            Put(FormattableString.Invariant($"""<col min="{index + 1}" max="{index + 1}" width="{width}" customWidth="1"/>"""));
        Put("</cols><sheetData>"u8);
        OpenRow();
        foreach (var (title, _) in columns)
            PutText(title, TitleStyle);
        await EndRowAsync(token).ConfigureAwait(false);
    }

    private async Task EndSheetAsync(CancellationToken token)
    {
        Put("</sheetData></worksheet>"u8);
        await SendAllAsync(sheet, token).ConfigureAwait(false);
        await sheet.DisposeAsync().ConfigureAwait(false);
    }

    private void OpenRow()
    {
        column = 0;
        row++;
        Put("<row r=\""u8);
        PutFormatted(row);
        Put("\">"u8);
    }

    private void OpenCell(int style)
    {
        Put("<c r=\""u8);
        Put(letters[column++]);
        PutFormatted(row);
        Put("\" s=\""u8);
        PutFormatted(style);
    }

    private void PutText(string? text, int style)
    {
        if (text is null)
        {
            column++;
            return;
        }
        OpenCell(style);
        Put("\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"u8);
        var shown = text.Length > LongestText ? text[..LongestText] : text;
        Put(shown.AsSpan().ContainsAnyExcept(Harmless) ? Escaped(shown) : shown);
        Put("</t></is></c>"u8);
    }

    private void PutNumber<T>(T? number, int style) where T : struct, IUtf8SpanFormattable
    {
        if (number is not { } value)
        {
            column++;
            return;
        }
        OpenCell(style);
        Put("\"><v>"u8);
        PutFormatted(value);
        Put("</v></c>"u8);
    }
}
