using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using BackOffice.Data.Imports;
using BackOffice.Jobs.Imports;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features;

/// <summary>Facts of the named cast, as import files carry them, and the way in.</summary>
public static class Seed
{
    public const string OrdersHeader = "order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at";
    public const string DeliveriesHeader = "order_no,kind,tokens,secret,reference,delivered_at,revoked_at";

    public static string Order(string no, string at = "2024-10-01T10:00:00+08:00", string package = "trial", string email = "aster@example.com", string creemOrder = "", string amount = "2.99") =>
        $"{no},{package},1,{email},CNY,22.00,USD,{amount},inclusive,{creemOrder},{at}";

    public static string Delivery(string no, string secret, string kind = "api_key", string at = "2024-10-01T10:05:00+08:00", string revokedAt = "", string reference = "") =>
        $"{no},{kind},5000000,{secret},{reference},{at},{revokedAt}";

    /// <summary>2024-10-01 10:01 in Shanghai unless another minute after ten is asked for.</summary>
    public static string Transaction(string id, string creemOrder, string status = "paid", int minute = 1, long paid = 299, long refunded = 0, string mode = "prod") =>
        $$"""{"id":"{{id}}","object":"transaction","mode":"{{mode}}","amount":{{paid}},"amount_paid":{{paid}},"tax_amount":0,"currency":"USD","status":"{{status}}","refunded_amount":{{refunded}},"order":"{{creemOrder}}","created_at":{{1727748000000 + minute * 60_000}}}""";

    public static string File(string header, params string[] lines) => string.Join('\n', lines.Prepend(header)) + "\n";

    /// <summary>Takes a file in as the command line does; the job runs twice, as every job may.</summary>
    public static async Task<ImportRow> ImportAsync(this Site site, string kind, string content, string? flavour = null)
    {
        var token = TestContext.Current.CancellationToken;
        var path = Path.Combine(site.Folder, Path.GetRandomFileName());
        await System.IO.File.WriteAllTextAsync(path, content, token);
        var import = await site.Services.GetRequiredService<ImportDesk>().TakeFileAsync(kind, path, "take", adopt: false, "mara@example.com", flavour is null ? null : UsageOptions.Of(flavour, null).Text(), token);
        await site.RunAsync(import);
        return await site.Services.GetRequiredService<ImportQueries>().GetAsync(import.Id, token);
    }

    public static async Task RunAsync(this Site site, ImportRow import)
    {
        var job = site.Services.GetRequiredService<ImportJob>();
        await job.RunAsync(import.Id, TestContext.Current.CancellationToken);
        await job.RunAsync(import.Id, TestContext.Current.CancellationToken);
    }

    public static async Task<ImportRow> ImportOfAsync(this Site site, long number) =>
        await site.Services.GetRequiredService<ImportQueries>().FindAsync(number, TestContext.Current.CancellationToken)
        ?? throw new InvalidOperationException($"There is no import {number}.");

    /// <summary>Sends the form of /imports/new as a browser does: the token first, then the kind, then the file.</summary>
    public static async Task<HttpResponseMessage> UploadAsync(this HttpClient client, string content, string fileName = "orders.csv", string kind = "", string? csrf = null, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(csrf ?? await client.TokenAsync()), "csrf" },
            { new StringContent(kind), "kind" },
        };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", fileName);
        return await client.PostAsync("/imports", form, TestContext.Current.CancellationToken);
    }

    /// <summary>Uploads, and runs the check twice.</summary>
    public static async Task<ImportRow> UploadAndCheckAsync(this Site site, HttpClient client, string content, string fileName = "orders.csv", string kind = "")
    {
        using var answer = await client.UploadAsync(content, fileName, kind);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var import = await site.ImportOfAsync(long.Parse(answer.Headers.Location!.OriginalString.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture));
        await site.RunAsync(import);
        return await site.ImportOfAsync(import.Number);
    }

    /// <summary>An act of a page, with its token.</summary>
    public static async Task<HttpResponseMessage> ActAsync(this HttpClient client, string path, params (string Name, string Value)[] fields)
    {
        var all = fields.Append(("csrf", await client.TokenAsync())).Select(field => KeyValuePair.Create(field.Item1, field.Item2));
        using var form = new FormUrlEncodedContent(all);
        return await client.PostAsync(path, form, TestContext.Current.CancellationToken);
    }

    /// <summary>What a person reads of a page, without its markup.</summary>
    public static async Task<string> ReadAsync(this HttpClient client, string path)
    {
        var page = await client.GetStringAsync(path, TestContext.Current.CancellationToken);
        var words = Regex.Replace(page, "<[^>]*>", " ");
        return Regex.Replace(WebUtility.HtmlDecode(words), @"\s+", " ");
    }

    /// <summary>Follows one of the pager's ways to its end.</summary>
    /// <returns>What the pattern's group found on all pages, in order, and the last page's address.</returns>
    public static async Task<(List<string> Seen, string Last)> WalkAsync(this HttpClient client, string path, string way, [StringSyntax(StringSyntaxAttribute.Regex)] string row)
    {
        var seen = new List<string>();
        while (true)
        {
            var page = await client.GetStringAsync(path, TestContext.Current.CancellationToken);
            seen.AddRange(Regex.Matches(page, row).Select(match => match.Groups[1].Value));
            if (Regex.Match(page, $"<a class=\"btn\" href=\"([^\"]+)\"[^>]*>(?:<svg[^>]*>.*?</svg>)?{way}") is not { Success: true } next)
                return (seen, path);
            path = WebUtility.HtmlDecode(next.Groups[1].Value);
        }
    }
}
