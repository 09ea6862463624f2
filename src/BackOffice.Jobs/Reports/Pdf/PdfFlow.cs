using System.Globalization;
using SkiaSharp;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>The paper of a document and what its feet say.</summary>
/// <param name="Width">In points.</param>
/// <param name="Height">In points.</param>
/// <param name="Foot">At the left of every foot.</param>
/// <param name="Texts">For the page's number.</param>
internal sealed record PdfPaper(float Width, float Height, string Foot, Texts Texts);

/// <summary>
/// Pages that fill from top to bottom. The same flow lays a document out twice: first without a document to draw on, to count the pages and meet the
/// code points, then in earnest. Nothing of a page is kept once it is full.
/// </summary>
internal sealed class PdfFlow(PdfFonts fonts, PdfPaper paper, SKDocument? document, int pages) : IDisposable
{
    private readonly SKPaint paint = new();
    private SKCanvas? canvas;
    private bool isOpen;

    public PdfFonts Fonts => fonts;

    public Texts Texts => paper.Texts;

    public int Pages { get; private set; }

    public float Left { get; } = PdfLook.Side;

    public float Right => paper.Width - PdfLook.Side;

    public float Width => Right - Left;

    /// <summary>Where the next thing begins.</summary>
    public float Y { get; private set; }

    /// <summary>Drawn at the top of each further page, while a table goes on.</summary>
    public Action? Head { get; set; }

    private float End => paper.Height - PdfLook.Bottom;

    /// <summary>A new page, if so much room is not left on this one.</summary>
    public void Need(float height)
    {
        if (isOpen && Y + height <= End)
            return;
        var isFurther = isOpen;
        Finish();
        canvas = document?.BeginPage(paper.Width, paper.Height);
        (isOpen, Y) = (true, PdfLook.Top);
        Pages++;
        if (isFurther)
            Head?.Invoke();
    }

    /// <summary>Goes down; at the top of a page there is nothing to keep a distance from.</summary>
    public void Space(float height)
    {
        if (isOpen && Y > PdfLook.Top)
            Y += height;
    }

    public void Advance(float height) => Y += height;

    /// <summary>Lines one below the other from the left, over as many pages as they take.</summary>
    public void Lines(PdfStyle style, IReadOnlyList<string> lines, float left)
    {
        foreach (var line in lines)
        {
            Need(style.Leading);
            Text(style, line, left, Y);
            Y += style.Leading;
        }
    }

    /// <summary>One line in a box of the style's leading that begins at <paramref name="top"/>.</summary>
    public void Text(PdfStyle style, string text, float left, float top)
    {
        fonts.Meet(style.Face, text);
        if (canvas is null || text.Length == 0)
            return;
        paint.Color = style.Color;
        canvas.DrawText(text, left, top + style.Base, SKTextAlign.Left, fonts.At(style), paint);
    }

    public void TextRight(PdfStyle style, string text, float right, float top) => Text(style, text, right - fonts.Width(style, text), top);

    public void Rule(float left, float right, float y, SKColor color, float thickness = PdfLook.Hairline) => Fill(left, y - thickness / 2, right, y + thickness / 2, color);

    public void Fill(float left, float top, float right, float bottom, SKColor color)
    {
        paint.Color = color;
        canvas?.DrawRect(new SKRect(left, top, right, bottom), paint);
    }

    /// <summary>Ends the page that is open.</summary>
    public void Finish()
    {
        if (!isOpen)
            return;
        var top = paper.Height - PdfLook.Bottom + 20;
        var page = Texts["Report.Page", Number(Pages), Number(pages)];
        // The total is not known while pages are counted, so all its digits are met.
        if (document is null)
            fonts.Meet(PdfLook.Foot.Face, "0123456789");
        Rule(Left, Right, top - 4, PdfLook.Line);
        Text(PdfLook.Foot, PdfWords.Cut(fonts, PdfLook.Foot, paper.Foot, Width - fonts.Width(PdfLook.Foot, page) - PdfLook.Gap), Left, top);
        TextRight(PdfLook.Foot, page, Right, top);
        document?.EndPage();
        (canvas, isOpen) = (null, false);
    }

    public void Dispose() => paint.Dispose();

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
