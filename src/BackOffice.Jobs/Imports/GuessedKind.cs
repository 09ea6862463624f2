using System.Text;

namespace BackOffice.Jobs.Imports;

/// <summary>Which kind of import file something is, told by its beginning: a guess that a person can correct.</summary>
internal static class GuessedKind
{
    private const int FirstLineBytes = 8 * 1024;

    private static readonly (string Kind, IReadOnlyList<string> Header)[] Tables =
        [("orders", OrdersFile.Header), ("deliveries", DeliveriesFile.Header), ("usage", UsageCsvFile.Header), ("prices", PricesFile.Header), ("mappings", MappingsFile.Header), ("invoice", InvoiceFile.Header)];

    public static string Of(string path, string fileName) => OfText(StartOf(path), fileName);

    /// <summary>Which flavour a file of usage has.</summary>
    public static string FlavourOf(string path)
    {
        var text = StartOf(path);
        return !IsJson(text) ? UsageOptions.Neutral : text.Contains("\"other\"", StringComparison.Ordinal) || text.Contains("\"token_id\"", StringComparison.Ordinal) ? UsageOptions.NewApi : UsageOptions.OneApi;
    }

    private static string OfText(string text, string fileName)
    {
        if (IsJson(text))
            return text.Contains("\"model_name\"", StringComparison.Ordinal) ? "usage" : "creem";
        var names = text.Split('\r', '\n')[0].Split(',', ';', '\t').Select(name => name.Trim(' ', '"')).ToList();
        var best = Tables.MaxBy(table => names.Count(table.Header.Contains));
        if (!names.Any(best.Header.Contains))
            return Path.GetExtension(fileName).StartsWith(".json", StringComparison.OrdinalIgnoreCase) ? "creem" : "orders";
        return best.Kind;
    }

    private static bool IsJson(string text) => text.StartsWith('[') || text.StartsWith('{');

    private static string StartOf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, FirstLineBytes);
        var start = new byte[FirstLineBytes];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(start, 0, read).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
    }
}
