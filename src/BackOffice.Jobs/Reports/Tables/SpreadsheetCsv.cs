using System.Text;

namespace BackOffice.Jobs.Reports.Tables;

/// <summary>CSV for a spreadsheet: with a byte order mark, so that it reads UTF-8, and nothing in it that it would take for a formula.</summary>
public static class SpreadsheetCsv
{
    public static StreamWriter Open(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true) { NewLine = "\r\n" };

    public static string Line(params string[] fields) => string.Join(',', fields.Select(Field));

    internal static string Field(string text)
    {
        var harmless = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return harmless.AsSpan().IndexOfAny(",\"\r\n") < 0 ? harmless : $"\"{harmless.Replace("\"", "\"\"")}\"";
    }
}
