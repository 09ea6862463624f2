using System.Text.RegularExpressions;

namespace BackOffice.Web.Tests;

public static partial class Visits
{
    public static async Task<string> GetStringIgnoringStatusAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The antiforgery token of a page, to be sent back as the header X-CSRF-Token.</summary>
    public static async Task<string> TokenAsync(this HttpClient client, string path = "/") =>
        Token().Match(await client.GetStringAsync(path, TestContext.Current.CancellationToken)).Groups[1].Value;

    [GeneratedRegex("<meta name=\"csrf-token\" content=\"([^\"]+)\"")]
    private static partial Regex Token();
}
