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

    /// <summary>Sends the first form of a page that leads to an address, with its hidden fields, changed or completed by the given ones.</summary>
    public static async Task<HttpResponseMessage> SubmitAsync(this HttpClient client, string page, string action, params (string Name, string Value)[] fields)
    {
        var form = await client.FormAsync(page, action, fields);
        return await client.PostAsync(action, new FormUrlEncodedContent(form), TestContext.Current.CancellationToken);
    }

    /// <summary>What that form would send.</summary>
    public static async Task<Dictionary<string, string>> FormAsync(this HttpClient client, string page, string action, params (string Name, string Value)[] fields)
    {
        var html = await client.GetStringAsync(page, TestContext.Current.CancellationToken);
        var form = Forms().Matches(html).Select(match => match.Value).First(form => form.Contains($"action=\"{action}\"", StringComparison.Ordinal));
        var values = Hidden().Matches(form).ToDictionary(field => field.Groups["name"].Value, field => field.Groups["value"].Value);
        foreach (var (name, value) in fields)
            values[name] = value;
        return values;
    }

    /// <summary>Sends a form by its fields alone, with a token.</summary>
    public static async Task<HttpResponseMessage> PostFormAsync(this HttpClient client, string path, string token, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Append(("csrf", token)).Select(field => KeyValuePair.Create(field.Item1, field.Item2)));
        return await client.PostAsync(path, form, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input (?:name=\"(?<name>[^\"]+)\" type=\"hidden\"|type=\"hidden\" name=\"(?<name>[^\"]+)\") value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();

    [GeneratedRegex("<meta name=\"csrf-token\" content=\"([^\"]+)\"")]
    private static partial Regex Token();
}
