using System.Globalization;
using BackOffice.Domain;
using SkiaSharp;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>
/// A report as a PDF: title, answer, sections, and a foot with the page's number on each page. It knows no report: every word but the page's number and
/// "nothing to list" comes from the caller. The same description gives the same bytes, and memory stays flat however many pages it has.
/// </summary>
public sealed class PdfReport(Texts texts, BusinessTime time)
{
    private const float Short = 595.28f, Long = 841.89f; // A4 in points

    public required string Title { get; init; }

    /// <summary>Below the title: what the report is about, or the answer it gives.</summary>
    public string? Subtitle { get; init; }

    /// <summary>Who made it: in each foot, and the document's author.</summary>
    public required string Who { get; init; }

    /// <summary>The instant of whose state the figures are, UTC: in each foot, and the document's date, so that it does not tell when it was made.</summary>
    public required DateTime AsOf { get; init; }

    public bool Landscape { get; init; }

    public required IReadOnlyList<PdfSection> Sections { get; init; }

    /// <summary>Writes the document and says how many pages it has.</summary>
    /// <param name="output">Empty. It is written synchronously and read back: give a file, not a response.</param>
    /// <param name="cancellation">To stop; what was written then is no PDF.</param>
    /// <exception cref="InvalidOperationException">The rows were not the same when they were read again.</exception>
    public async Task<int> WriteAsync(Stream output, CancellationToken cancellation)
    {
        using var fonts = new PdfFonts();
        var pages = await LayAsync(fonts, null, 0, cancellation).ConfigureAwait(false);
        fonts.Cut();
        await DrawAsync(fonts, output, pages, cancellation).ConfigureAwait(false);
        await PdfCatalog.SetLanguageAsync(output, texts.Culture.Name, cancellation).ConfigureAwait(false);
        return pages;
    }

    private async Task DrawAsync(PdfFonts fonts, Stream output, int pages, CancellationToken cancellation)
    {
        using var sink = new PdfSink(output);
        using (var document = SKDocument.CreatePdf(sink, Metadata()))
        {
            if (await LayAsync(fonts, document, pages, cancellation).ConfigureAwait(false) != pages)
                throw new InvalidOperationException("The rows were not the same when they were read again.");
            document.Close();
        }
        sink.ThrowIfFailed();
    }

    private async Task<int> LayAsync(PdfFonts fonts, SKDocument? document, int pages, CancellationToken cancellation)
    {
        var (width, height) = Landscape ? (Long, Short) : (Short, Long);
        using var flow = new PdfFlow(fonts, new PdfPaper(width, height, PdfWords.Clean(Foot()), texts), document, pages);
        LayTitle(flow);
        foreach (var section in Sections)
        {
            flow.Space(PdfLook.Gap);
            await section.LayAsync(flow, cancellation).ConfigureAwait(false);
        }
        flow.Finish();
        return flow.Pages;
    }

    private void LayTitle(PdfFlow flow)
    {
        flow.Lines(PdfLook.Title, PdfWords.Lines(flow.Fonts, PdfLook.Title, PdfWords.Clean(Title), flow.Width), flow.Left);
        if (Subtitle is { } subtitle)
            flow.Lines(PdfLook.Subtitle, PdfWords.Lines(flow.Fonts, PdfLook.Subtitle, PdfWords.Clean(subtitle), flow.Width), flow.Left);
        flow.Advance(PdfLook.Gap / 2);
        flow.Rule(flow.Left, flow.Right, flow.Y, PdfLook.Accent, PdfLook.TitleRule);
    }

    private string Foot()
    {
        var at = time.ToLocal(AsOf).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return texts["Report.Foot", Title, Who, $"{at} ({time.OffsetName(AsOf)})"];
    }

    private SKDocumentPdfMetadata Metadata()
    {
        var metadata = SKDocumentPdfMetadata.Default;
        metadata.Title = Title;
        metadata.Author = Who;
        metadata.Creator = "AiCredits back office";
        metadata.Creation = metadata.Modified = AsOf;
        return metadata;
    }
}
