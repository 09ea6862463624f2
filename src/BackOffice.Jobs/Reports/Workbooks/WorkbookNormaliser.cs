using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports.Workbooks;

/// <summary>
/// Rows of a sheet that are too many for ClosedXML's memory. In the sheet one row stands for them, whose cells show the styles;
/// it gives way to the rows that <see cref="WriteAsync"/> writes, told the numbers of those styles.
/// </summary>
internal sealed record StreamedRows(string Sheet, int StandIn, Func<XmlWriter, IReadOnlyList<string>, Task> WriteAsync);

/// <summary>
/// The last step of every workbook: the same workbook gives the same bytes, at any time and on any machine. ClosedXML and the packaging library
/// stamp the clock into the archive and the core properties, and draw names and relationship ids at random.
/// </summary>
internal static partial class WorkbookNormaliser
{
    private const string ContentTypesPart = "[Content_Types].xml";
    private const string CorePart = "docProps/core.xml";
    private const string AppPart = "docProps/app.xml";

    private static readonly XNamespace ContentTypes = "http://schemas.openxmlformats.org/package/2006/content-types";
    private static readonly XNamespace Core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties";
    private static readonly XNamespace DublinCore = "http://purl.org/dc/elements/1.1/";
    private static readonly XNamespace DublinCoreTerms = "http://purl.org/dc/terms/";
    private static readonly XNamespace Extended = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";
    private static readonly XNamespace OfficeRelationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private static readonly XNamespace Relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
    private static readonly XNamespace SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly XNamespace Spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    // Entitize: the default would write the line ends of the machine.
    private static readonly XmlWriterSettings Whole = new() { Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.Entitize };
    private static readonly XmlWriterSettings Fragment = new() { Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.Entitize, ConformanceLevel = ConformanceLevel.Fragment };

    /// <summary>Evaluates the formulas and writes the workbook; it counts as made at <paramref name="stamp"/> (UTC).</summary>
    public static async Task WriteAsync(XLWorkbook workbook, IReadOnlyList<StreamedRows> streamed, DateTime stamp, Stream output)
    {
        var parts = PartsOf(workbook);
        SetProperties(parts, workbook.Properties, stamp);
        foreach (var part in parts.Keys.Where(name => name.EndsWith(".rels", StringComparison.Ordinal)))
            RenumberRelationships(parts, part);
        foreach (var part in parts.Values)
            Mend(part);

        var zip = new ReproducibleZip(output);
        var sheets = streamed.Select(rows => (Part: PartOf(rows.Sheet, parts), Rows: rows)).ToList();
        foreach (var part in parts.Keys.Except(sheets.Select(sheet => sheet.Part)).Order(StringComparer.Ordinal))
            await zip.AddAsync(part, content => WriteWholeAsync(parts[part], content));
        foreach (var (part, rows) in sheets)
            await zip.AddAsync(part, content => WriteStreamedAsync(parts[part], rows, content));
        zip.Finish();
    }

    private static Dictionary<string, XDocument> PartsOf(XLWorkbook workbook)
    {
        using var saved = new MemoryStream();
        workbook.SaveAs(saved, new ClosedXML.Excel.SaveOptions { EvaluateFormulasBeforeSaving = true, ValidatePackage = false });
        using var archive = new ZipArchive(saved, ZipArchiveMode.Read);
        return archive.Entries.ToDictionary(entry => entry.FullName, Load);
    }

    private static XDocument Load(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        return XDocument.Load(content, System.Xml.Linq.LoadOptions.PreserveWhitespace);
    }

    // The packaging library names the core properties at random.
    private static void SetProperties(Dictionary<string, XDocument> parts, XLWorkbookProperties properties, DateTime stamp)
    {
        var link = parts["_rels/.rels"].Root!.Elements().Single(relationship => relationship.Attribute("Type")!.Value.EndsWith("/metadata/core-properties", StringComparison.Ordinal));
        parts.Remove(link.Attribute("Target")!.Value.TrimStart('/'));
        link.SetAttributeValue("Target", "/" + CorePart);
        parts[CorePart] = CoreProperties(properties, stamp);
        parts[AppPart] = new XDocument(new XElement(Extended + "Properties", new XElement(Extended + "Application", properties.Author)));
        parts[ContentTypesPart] = ContentTypesOf(parts);
    }

    private static XDocument CoreProperties(XLWorkbookProperties properties, DateTime stamp)
    {
        var time = stamp.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var w3c = new XAttribute(SchemaInstance + "type", "dcterms:W3CDTF");
        return new XDocument(new XElement(
            Core + "coreProperties",
            new XAttribute(XNamespace.Xmlns + "dc", DublinCore),
            new XAttribute(XNamespace.Xmlns + "dcterms", DublinCoreTerms),
            new XAttribute(XNamespace.Xmlns + "xsi", SchemaInstance),
            new XElement(DublinCore + "title", properties.Title),
            new XElement(DublinCore + "subject", properties.Subject),
            new XElement(DublinCore + "creator", properties.Author),
            new XElement(Core + "lastModifiedBy", properties.Author),
            new XElement(DublinCoreTerms + "created", w3c, time),
            new XElement(DublinCoreTerms + "modified", w3c, time)));
    }

    // Each part by name, instead of the library's default for all that ends in .xml, which is a workbook.
    private static XDocument ContentTypesOf(Dictionary<string, XDocument> parts)
    {
        var old = parts[ContentTypesPart].Root!.Elements().ToDictionary(type => (type.Attribute("PartName") ?? type.Attribute("Extension"))!.Value, type => type.Attribute("ContentType")!.Value);
        var types = new XElement(ContentTypes + "Types", new XElement(ContentTypes + "Default", new XAttribute("Extension", "rels"), new XAttribute("ContentType", old["rels"])));
        foreach (var part in parts.Keys.Where(part => part != ContentTypesPart && !part.EndsWith(".rels", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var type = part == CorePart ? "application/vnd.openxmlformats-package.core-properties+xml" : old.GetValueOrDefault("/" + part, old["xml"]);
            types.Add(new XElement(ContentTypes + "Override", new XAttribute("PartName", "/" + part), new XAttribute("ContentType", type)));
        }
        return new XDocument(types);
    }

    private static void RenumberRelationships(Dictionary<string, XDocument> parts, string part)
    {
        var root = parts[part].Root!;
        var ordered = root.Elements().OrderBy(link => link.Attribute("Type")!.Value, StringComparer.Ordinal).ThenBy(link => link.Attribute("Target")!.Value, StringComparer.Ordinal).ToList();
        var newIds = new Dictionary<string, string>();
        foreach (var (index, link) in ordered.Index())
        {
            newIds[link.Attribute("Id")!.Value] = string.Create(CultureInfo.InvariantCulture, $"rId{index + 1}");
            link.SetAttributeValue("Id", newIds[link.Attribute("Id")!.Value]);
        }
        root.ReplaceNodes(ordered);
        var owner = part.Replace("_rels/", "", StringComparison.Ordinal)[..^".rels".Length];
        if (!parts.TryGetValue(owner, out var referring))
            return;
        foreach (var reference in referring.Descendants().Attributes().Where(attribute => attribute.Name.Namespace == OfficeRelationships))
            reference.Value = newIds[reference.Value];
    }

    private static void Mend(XDocument part)
    {
        // ClosedXML writes Sheet!1:1, which LibreOffice takes for no title at all.
        foreach (var titles in part.Descendants(Spreadsheet + "definedName").Where(name => name.Attribute("name")!.Value == "_xlnm.Print_Titles"))
            titles.Value = RelativeRows().Replace(titles.Value, "!$$$1:$$$2");
        // It puts the unused columns before the used ones.
        foreach (var columns in part.Descendants(Spreadsheet + "cols"))
            columns.ReplaceNodes(columns.Elements().OrderBy(column => (int)column.Attribute("min")!).ToList());
        // And a prefix before each element: most of the text of a sheet.
        var root = part.Root!;
        root.Attributes().Where(attribute => attribute.IsNamespaceDeclaration && attribute.Value == root.Name.NamespaceName).Remove();
        root.SetAttributeValue("xmlns", root.Name.NamespaceName);
    }

    private static string PartOf(string sheet, Dictionary<string, XDocument> parts)
    {
        var id = parts["xl/workbook.xml"].Descendants(Spreadsheet + "sheet").Single(element => element.Attribute("name")!.Value == sheet).Attribute(OfficeRelationships + "id")!.Value;
        return parts["xl/_rels/workbook.xml.rels"].Descendants(Relationships + "Relationship").Single(link => link.Attribute("Id")!.Value == id).Attribute("Target")!.Value.TrimStart('/');
    }

    private static Task WriteWholeAsync(XDocument part, Stream content)
    {
        using var writer = XmlWriter.Create(content, Whole);
        part.Save(writer);
        return Task.CompletedTask;
    }

    private static async Task WriteStreamedAsync(XDocument part, StreamedRows rows, Stream content)
    {
        part.Descendants(Spreadsheet + "dimension").Remove(); // optional, and of the stand-in only
        var standIn = part.Descendants(Spreadsheet + "row").Single(row => row.Attribute("r")!.Value == rows.StandIn.ToString(CultureInfo.InvariantCulture));
        var styles = standIn.Elements().Select(cell => cell.Attribute("s")!.Value).ToList();
        standIn.ReplaceWith(new XProcessingInstruction("rows", ""));
        using var designed = new MemoryStream();
        await WriteWholeAsync(part, designed);
        var (head, tail) = Cut(designed.ToArray(), "<?rows?>"u8);
        content.Write(head);
        using (var writer = XmlWriter.Create(content, Fragment))
            await rows.WriteAsync(writer, styles);
        content.Write(tail);
    }

    private static (byte[] Head, byte[] Tail) Cut(byte[] text, ReadOnlySpan<byte> mark)
    {
        var at = text.AsSpan().IndexOf(mark);
        return (text[..at], text[(at + mark.Length)..]);
    }

    [GeneratedRegex(@"!(\d+):(\d+)$")]
    private static partial Regex RelativeRows();
}
