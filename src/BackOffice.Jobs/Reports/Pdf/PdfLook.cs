using SkiaSharp;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>How a text is set.</summary>
/// <param name="Face">Which font.</param>
/// <param name="Size">In points.</param>
/// <param name="Color">Of the letters.</param>
internal readonly record struct PdfStyle(PdfFace Face, float Size, SKColor Color)
{
    /// <summary>From line to line; Chinese needs more room than Latin.</summary>
    public float Leading => Size * 1.5f;

    /// <summary>How far below the line's top the letters stand: capitals and Chinese characters alike are in its middle so.</summary>
    public float Base => Leading / 2 + Size * 0.37f;
}

/// <summary>How a PDF looks: one set of sizes, colours and distances, in points, for all reports. The colours are the workbooks'.</summary>
internal static class PdfLook
{
    public const float Side = 48, Top = 48, Bottom = 54;
    public const float Hairline = 0.5f, TitleRule = 1.5f;
    public const float CellSide = 5, CellTop = 3.5f;
    public const float Gap = 14;

    public static readonly SKColor Ink = SKColor.Parse("#1F2933");
    public static readonly SKColor Muted = SKColor.Parse("#5F6570");
    public static readonly SKColor Line = SKColor.Parse("#DFE3E8");
    public static readonly SKColor Ground = SKColor.Parse("#F4F5F7");
    public static readonly SKColor Accent = SKColor.Parse("#0B5CAD");

    public static readonly PdfStyle Title = new(PdfFace.Bold, 18, Ink);
    public static readonly PdfStyle Subtitle = new(PdfFace.Regular, 11, Ink);
    public static readonly PdfStyle Heading = new(PdfFace.Bold, 12, Ink);
    public static readonly PdfStyle Body = new(PdfFace.Regular, 9.5f, Ink);
    public static readonly PdfStyle Label = new(PdfFace.Regular, 9.5f, Muted);
    public static readonly PdfStyle Cell = new(PdfFace.Regular, 8.5f, Ink);
    public static readonly PdfStyle CellBold = new(PdfFace.Bold, 8.5f, Ink);
    public static readonly PdfStyle CellCode = new(PdfFace.Code, 8, Ink);
    public static readonly PdfStyle Code = new(PdfFace.Code, 9, Ink);
    public static readonly PdfStyle Foot = new(PdfFace.Regular, 7.5f, Muted);
}
