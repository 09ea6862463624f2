using System.Text;

namespace BackOffice.Jobs.Imports;

/// <summary>Which kind of import file something is, told by its first line: a guess that a person can correct.</summary>
internal static class GuessedKind
{
    private const int FirstLineBytes = 8 * 1024;

    public static string Of(string path, string fileName)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, FirstLineBytes);
        var start = new byte[FirstLineBytes];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return OfText(Encoding.UTF8.GetString(start, 0, read), fileName);
    }

    private static string OfText(string start, string fileName)
    {
        var text = start.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (text.StartsWith('[') || text.StartsWith('{'))
            return "creem";
        var names = text.Split('\r', '\n')[0].Split(',', ';', '\t').Select(name => name.Trim(' ', '"')).ToList();
        var (orders, deliveries) = (names.Count(OrdersFile.Header.Contains), names.Count(DeliveriesFile.Header.Contains));
        if (orders == 0 && deliveries == 0)
            return Path.GetExtension(fileName).StartsWith(".json", StringComparison.OrdinalIgnoreCase) ? "creem" : "orders";
        return deliveries > orders ? "deliveries" : "orders";
    }
}
