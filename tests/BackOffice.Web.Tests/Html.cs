using System.Net;
using System.Text.RegularExpressions;

namespace BackOffice.Web.Tests;

/// <summary>Reads what a page says, as a person would: words and tables without their markup.</summary>
public static partial class Html
{
    /// <summary>The words of a piece of a page, with single spaces.</summary>
    public static string Text(string html) => Space().Replace(WebUtility.HtmlDecode(Tag().Replace(Hidden().Replace(Unbroken().Replace(html, "$1"), " "), " ")), " ").Trim();

    /// <summary>The table whose caption begins with these words.</summary>
    public static string Table(string page, string caption) => Tables().Matches(page).Select(match => match.Value)
        .Single(table => Text(Caption().Match(table).Value).StartsWith(caption, StringComparison.Ordinal));

    /// <summary>The rows of a table's body and foot: the words of each cell.</summary>
    public static List<string[]> Rows(string table) =>
    [
        .. Row().Matches(Head().Replace(table, "")).Select(row => Cell().Matches(row.Value).Select(cell => WithoutSpaces(cell.Groups[1].Value)).ToArray()),
    ];

    /// <summary>The cells of a comparison that are marked, by row: "Price: USD 8.99 differs | USD 7.99 differs".</summary>
    public static IEnumerable<string> Marked(string table) =>
        from row in Row().Matches(Head().Replace(table, ""))
        let marked = Differing().Matches(row.Value).Select(cell => Text(cell.Groups[1].Value)).ToList()
        where marked.Count > 0
        select $"{Text(Cell().Match(row.Value).Groups[1].Value)}: {string.Join(" | ", marked)}";

    public static IEnumerable<string> Links(string page) => Anchor().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value));

    /// <summary>Where the link with these words leads; null when there is none.</summary>
    public static string? Link(string page, string words) =>
        Anchor().Matches(page).Where(match => Text(match.Groups[2].Value) == words).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).FirstOrDefault();

    /// <summary>The number at the end of the address an answer leads to.</summary>
    public static long Number(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return long.Parse(answer.Headers.Location!.ToString().Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }

    // A dash that reads "not known" is one figure.
    private static string WithoutSpaces(string cell) => Text(cell).Replace("— ", "—", StringComparison.Ordinal);

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("<span class=\"unbroken\">(.*?)</span>")]
    private static partial Regex Unbroken();

    [GeneratedRegex("<(svg|script|title)[^>]*>.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Hidden();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("<table.*?</table>", RegexOptions.Singleline)]
    private static partial Regex Tables();

    [GeneratedRegex("<caption.*?</caption>", RegexOptions.Singleline)]
    private static partial Regex Caption();

    [GeneratedRegex("<thead.*?</thead>", RegexOptions.Singleline)]
    private static partial Regex Head();

    [GeneratedRegex("<tr.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex Row();

    [GeneratedRegex("<t[hd][^>]*>(.*?)</t[hd]>", RegexOptions.Singleline)]
    private static partial Regex Cell();

    [GeneratedRegex("<td[^>]* class=\"differs\"[^>]*>(.*?)</td>", RegexOptions.Singleline)]
    private static partial Regex Differing();

    [GeneratedRegex("<a [^>]*?href=\"([^\"]*)\"[^>]*>(.*?)</a>", RegexOptions.Singleline)]
    private static partial Regex Anchor();
}
