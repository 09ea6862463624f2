using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace BackOffice.Jobs.Reports.Workbooks;

/// <summary>One row of a streamed sheet, cell by cell from column A.</summary>
internal sealed partial class RowWriter
{
    private readonly XmlWriter xml;
    private readonly string row;
    private char column = 'A';

    public RowWriter(XmlWriter xml, int row)
    {
        this.xml = xml;
        this.row = row.ToString(CultureInfo.InvariantCulture);
        xml.WriteStartElement("row");
        xml.WriteAttributeString("r", this.row);
    }

    /// <summary>Text that stays text, also when it begins like a formula.</summary>
    public void Text(string style, string? text)
    {
        Begin(style);
        if (text is not null)
        {
            xml.WriteAttributeString("t", "inlineStr");
            xml.WriteStartElement("is");
            xml.WriteStartElement("t");
            xml.WriteAttributeString("xml", "space", null, "preserve");
            xml.WriteString(Encode(text));
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    /// <summary>A number as invariant decimal text.</summary>
    public void Number(string style, string? number)
    {
        Begin(style);
        if (number is not null)
            xml.WriteElementString("v", number);
        xml.WriteEndElement();
    }

    public void End() => xml.WriteEndElement();

    private void Begin(string style)
    {
        xml.WriteStartElement("c");
        xml.WriteAttributeString("r", column++ + row);
        xml.WriteAttributeString("s", style);
    }

    // Characters that XML cannot hold are written _x0001_ (ECMA-376 part 1, 22.9.2.19), and what looks like that is written so that it is not taken for it.
    internal static string Encode(string text) =>
        Special().Replace(text, found => string.Create(CultureInfo.InvariantCulture, $"_x{(int)found.Value[0]:X4}_"));

    [GeneratedRegex(@"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0B-\x1F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]")]
    private static partial Regex Special();
}
