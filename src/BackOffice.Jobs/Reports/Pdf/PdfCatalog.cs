using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>
/// Adds the language to a finished PDF, which a screen reader needs and Skia's binding cannot say.
/// Written as the format provides for: the catalog once more, behind the end, with a table that replaces it (ISO 32000-1, 7.5.6).
/// </summary>
internal static partial class PdfCatalog
{
    private const int TableEntry = 20;

    public static async Task SetLanguageAsync(Stream pdf, string language, CancellationToken cancellation)
    {
        var end = pdf.Length;
        var trailer = Trailer().Match(await ReadAsync(pdf, Math.Max(0, end - 1024), cancellation).ConfigureAwait(false));
        var table = Number(trailer, "table");
        var header = TableHeader().Match(await ReadAsync(pdf, table, cancellation).ConfigureAwait(false));
        var entry = await ReadAsync(pdf, table + header.Length + TableEntry * Number(trailer, "root"), cancellation).ConfigureAwait(false);
        var catalog = Catalog().Match(await ReadAsync(pdf, long.Parse(entry[..10], CultureInfo.InvariantCulture), cancellation).ConfigureAwait(false));
        if (!trailer.Success || !header.Success || !catalog.Success)
            throw new InvalidOperationException("The PDF does not end as Skia ends it.");
        pdf.Position = end;
        await pdf.WriteAsync(Encoding.ASCII.GetBytes(Update(end, trailer, catalog.Groups["entries"].Value, language)), cancellation).ConfigureAwait(false);
    }

    private static string Update(long end, Match trailer, string entries, string language)
    {
        var (root, size, info, table) = (trailer.Groups["root"], trailer.Groups["size"], trailer.Groups["info"], trailer.Groups["table"]);
        var catalog = $"\n{root} 0 obj\n<<{entries}\n/Lang ({language})>>\nendobj\n";
        var replaced = string.Create(CultureInfo.InvariantCulture, $"xref\n{root} 1\n{end + 1:0000000000} 00000 n \n");
        var closing = string.Create(CultureInfo.InvariantCulture, $"trailer\n<</Size {size}\n/Root {root} 0 R\n/Info {info} 0 R\n/Prev {table}>>\nstartxref\n{end + catalog.Length}\n%%EOF\n");
        return catalog + replaced + closing;
    }

    private static async Task<string> ReadAsync(Stream pdf, long from, CancellationToken cancellation)
    {
        var bytes = new byte[1024];
        pdf.Position = from;
        var read = await pdf.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return Encoding.Latin1.GetString(bytes, 0, read);
    }

    private static long Number(Match match, string name) => long.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"trailer\s*<</Size (?<size>\d+)\s*/Root (?<root>\d+) 0 R\s*/Info (?<info>\d+) 0 R>>\s*startxref\s+(?<table>\d+)\s+%%EOF\s*$")]
    private static partial Regex Trailer();

    [GeneratedRegex(@"^xref\s+0 \d+\s*?\n")]
    private static partial Regex TableHeader();

    [GeneratedRegex(@"^\d+ 0 obj\s*<<(?<entries>/Type /Catalog.*?)>>\s*endobj", RegexOptions.Singleline)]
    private static partial Regex Catalog();
}
