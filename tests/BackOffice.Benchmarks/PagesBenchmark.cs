using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Data.Staff;
using BackOffice.Jobs.Staff;

namespace BackOffice.Benchmarks;

/// <summary>
/// Every page of a large shop, asked for one after the other over HTTP on this machine, beside a page that reads nothing but who is signed in. Each page is
/// asked for another record, day or place in the list every time.
/// </summary>
internal sealed partial class PagesBenchmark(int orders, int asks, string? folder)
{
    private const int WarmUp = 20;
    private const string Password = "six brown boats at dawn";

    private readonly LargeShop _large = new(orders);
    private int _thrown;

    public async Task RunAsync()
    {
        var place = folder ?? Directory.CreateTempSubdirectory("backoffice-bench-").FullName;
        try
        {
            await _large.MakeAsync(place).ConfigureAwait(false);
            var people = await AddPeopleAsync(place).ConfigureAwait(false);
            using var site = Start(place);
            try
            {
                var address = await AddressAsync(site).ConfigureAwait(false);
                await MeasureAsync(address, people).ConfigureAwait(false);
                await ExportAsync(address, people["finance"], place, site).ConfigureAwait(false);
            }
            finally
            {
                site.Kill();
                await site.WaitForExitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            if (folder is null)
                Directory.Delete(place, recursive: true);
        }
    }

    private async Task MeasureAsync(Uri address, Dictionary<string, Person> people)
    {
        Console.WriteLine(FormattableString.Invariant($"## Pages of a shop of {orders:N0} orders, {asks} times each, milliseconds with the way there and back"));
        var visitors = new Dictionary<string, HttpClient>();
        foreach (var (role, person) in people)
            visitors[role] = await SignInAsync(address, person).ConfigureAwait(false);
        var bare = await TimesAsync(visitors["finance"], _ => "/account").ConfigureAwait(false);
        Print("a page without figures", bare, bare);
        foreach (var (name, role, path) in Pages())
            Print(name, await TimesAsync(visitors[role], path).ConfigureAwait(false), bare);
        foreach (var visitor in visitors.Values)
            visitor.Dispose();
    }

    // The audit trail's million rows, taken over HTTP and thrown away.
    private static async Task ExportAsync(Uri address, Person person, string folder, Process site)
    {
        using var visitor = await SignInAsync(address, person).ConfigureAwait(false);
        site.Refresh();
        var before = site.WorkingSet64;
        var began = Stopwatch.GetTimestamp();
        using var answer = await visitor.GetAsync("/audit/rows.xlsx", HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        await using var rows = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync().ConfigureAwait(false);
        await rows.CopyToAsync(Stream.Null).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        site.Refresh();
        var bare = await Child.MeasureAsync("bare-export", folder).ConfigureAwait(false);
        Console.WriteLine(FormattableString.Invariant($"export of {LargeShop.AuditRows:N0} rows to Excel {seconds:0.0} s, MiniExcel's bare write of them {bare.Seconds:0.0} s, ratio {seconds / bare.Seconds:0.00}"));
        Console.WriteLine(FormattableString.Invariant($"memory of the whole site {before / 1_000_000} MB before, {site.PeakWorkingSet64 / 1_000_000} MB at most; of MiniExcel's process {bare.PeakMegabytes} MB"));
    }

    // No path: the next page of the list that was shown before.
    private IEnumerable<(string Name, string Role, Func<int, string?> Path)> Pages() =>
    [
        ("home of support", "support", _ => "/"),
        ("home of finance", "finance", _ => "/"),
        ("home of an admin", "admin", _ => "/"),
        ("orders", "support", _ => "/orders"),
        ("orders, page by page", "support", i => i % 20 == 0 ? $"/orders?to={Day()}" : null),
        ("orders of a status", "support", i => i % 10 == 0 ? $"/orders?status={(i % 20 == 0 ? "delivered" : "refunded")}&to={Day()}" : null),
        ("orders of a package", "support", i => i % 10 == 0 ? $"/orders?package=trial&to={Day()}" : null),
        ("orders of a customer", "support", _ => $"/orders?text={_large.Email(Sale())}"),
        ("an order", "support", _ => "/orders/" + _large.OrderNo(Sale())),
        ("payments", "finance", _ => "/payments"),
        ("payments, page by page", "finance", i => i % 20 == 0 ? $"/payments?to={Day()}" : null),
        ("payments of a state", "finance", i => i % 10 == 0 ? $"/payments?status=refunded&to={Day()}" : null),
        ("a payment", "finance", _ => "/payments/" + LargeShop.Transaction(Paid())),
        ("findings", "finance", _ => "/findings"),
        ("findings, page by page", "finance", i => i % 20 == 0 ? "/findings?state=any" : null),
        ("findings of a kind", "finance", i => i % 20 == 0 ? "/findings?kind=amount_mismatch" : null),
        ("a finding", "finance", _ => "/findings/" + LargeShop.Finding(Below(_large.Findings)).ToString("N")),
        ("runs", "finance", i => i % 20 == 0 ? "/reconciliation" : null),
        ("a run", "finance", _ => FormattableString.Invariant($"/reconciliation/{1 + Below(LargeShop.Runs)}")),
        ("imports", "finance", i => i % 20 == 0 ? "/imports" : null),
        ("reports", "finance", _ => "/reports"),
        ("packages", "finance", _ => "/packages"),
        ("a package", "finance", _ => "/packages/trial"),
        ("the audit trail", "admin", i => i % 20 == 0 ? "/audit" : null),
        ("the audit trail of a person", "admin", i => i % 20 == 0 ? FormattableString.Invariant($"/audit?who=person{Below(20)}@example.com") : null),
        ("job runs", "admin", i => i % 20 == 0 ? "/job-runs" : null),
        ("failed job runs", "admin", _ => "/job-runs?status=failed"),
        ("staff", "admin", _ => "/staff"),
        ("search: order number", "support", _ => "/search?q=" + _large.OrderNo(Sale())),
        ("search: Creem order", "support", _ => "/search?q=" + LargeShop.CreemOrder(Sale())),
        ("search: transaction", "support", _ => "/search?q=" + LargeShop.Transaction(Paid())),
        ("search: e-mail", "support", _ => "/search?q=" + _large.Email(Sale())),
        ("search: last four", "support", _ => "/search?q=" + _large.OrderNo(Sale())[^4..]),
        ("search: nothing fits", "support", _ => "/search?q=tran_0000000000000000000000"),
    ];

    private int Below(int limit) => (int)(LargeShop.Scatter(_thrown++) % (uint)limit);

    private int Sale() => Below(orders);

    // A sale whose payment is there.
    private int Paid() => Sale() / 100 * 100;

    private string Day() => LargeShop.Start.AddDays(30 + Below(700)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task<List<double>> TimesAsync(HttpClient visitor, Func<int, string?> path)
    {
        var times = new List<double>(asks);
        var (first, next) = ("/", (string?)null);
        for (var i = 0; i < WarmUp + asks; i++)
        {
            if (path(i) is { } begin)
                (first, next) = (begin, begin);
            var asked = Stopwatch.GetTimestamp();
            using var answer = await visitor.GetAsync(next ?? first).ConfigureAwait(false);
            var html = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
            var took = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Redirect) || answer.Headers.Location?.OriginalString.StartsWith("/sign-in", StringComparison.Ordinal) == true)
                throw new InvalidOperationException($"{next ?? first} answered {(int)answer.StatusCode}.");
            if (i >= WarmUp)
                times.Add(took);
            next = Older(html);
        }
        times.Sort();
        return times;
    }

    private static string? Older(string html) =>
        PagerOf().Match(html) is { Success: true } pager && Address().Matches(pager.Value) is { Count: > 0 } ways && pager.Value.Contains("chevron-right", StringComparison.Ordinal)
            ? WebUtility.HtmlDecode(ways[^1].Groups[1].Value)
            : null;

    private static void Print(string name, List<double> times, List<double> bare)
    {
        var (median, p99) = (times[times.Count / 2], times[times.Count * 99 / 100]);
        Console.WriteLine(FormattableString.Invariant(
            $"{name,-28} median {median,6:0.0}, p99 {p99,6:0.0}, worst {times[^1],6:0.0}; {p99 / bare[bare.Count * 99 / 100]:0.0} times the page without figures"));
    }

    private static async Task<Dictionary<string, Person>> AddPeopleAsync(string folder)
    {
        await using var shop = await Shop.OpenAsync(folder).ConfigureAwait(false);
        var people = new Dictionary<string, Person>();
        foreach (var role in new[] { "support", "finance", "admin" })
        {
            var email = FormattableString.Invariant($"{role}{TimeProvider.System.GetTimestamp()}@example.com");
            await shop.Get<StaffDesk>().AddAsync(email, "", role, Password, "system").ConfigureAwait(false);
            people[role] = new Person(email, role == "admin" ? await SetUpCodesAsync(shop, email).ConfigureAwait(false) : null);
        }
        return people;
    }

    private static async Task<string> SetUpCodesAsync(Shop shop, string email)
    {
        var member = await shop.Get<StaffQueries>().FindAsync(email).ConfigureAwait(false) ?? throw new InvalidOperationException("Just added.");
        var secret = TotpCodes.NewSecret();
        await shop.Get<StaffDesk>().SetUpTotpAsync(member, secret, TotpCodes.At(secret, Now.AddSeconds(-30)), Guid.Empty).ConfigureAwait(false);
        return secret;
    }

    private static async Task<HttpClient> SignInAsync(Uri address, Person person)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        await SubmitAsync(client, "/sign-in", ("email", person.Email), ("password", Password)).ConfigureAwait(false);
        if (person.Secret is not null)
            await SubmitAsync(client, "/sign-in/code", ("code", TotpCodes.At(person.Secret, Now))).ConfigureAwait(false);
        return client;
    }

    // The cookies are kept by hand, because the site marks them as for secure connections only.
    private static async Task SubmitAsync(HttpClient client, string page, params (string Name, string Value)[] fields)
    {
        using var asked = await client.GetAsync(page).ConfigureAwait(false);
        Keep(client, asked);
        var html = await asked.Content.ReadAsStringAsync().ConfigureAwait(false);
        var hidden = HiddenFields().Matches(html).Select(field => (field.Groups["name"].Value, field.Groups["value"].Value)).DistinctBy(field => field.Item1);
        using var form = new FormUrlEncodedContent(hidden.Concat(fields).Select(field => KeyValuePair.Create(field.Item1, field.Item2)));
        using var answer = await client.PostAsync(page, form).ConfigureAwait(false);
        Keep(client, answer);
        if (answer.StatusCode != HttpStatusCode.Redirect)
            throw new InvalidOperationException($"{page} answered {(int)answer.StatusCode}.");
    }

    private static void Keep(HttpClient client, HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Set-Cookie", out var set))
            return;
        var kept = client.DefaultRequestHeaders.TryGetValues("Cookie", out var cookies) ? cookies.SelectMany(all => all.Split("; ")) : [];
        var now = kept.Concat(set.Select(cookie => cookie.Split(';')[0])).GroupBy(cookie => cookie.Split('=')[0]).Select(same => same.Last());
        var header = string.Join("; ", now);
        client.DefaultRequestHeaders.Remove("Cookie");
        client.DefaultRequestHeaders.Add("Cookie", header);
    }

    private static Process Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "BackOffice.Web.dll"), "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Data__Directory"] = folder;
        start.Environment["Hangfire__Server"] = "false";
        start.Environment["Approvals__AcceptAbove"] = "off";
        start.Environment["Approvals__CodesAbove"] = "off";
        start.Environment["Approvals__TokensAbove"] = "off";
        return Process.Start(start)!;
    }

    private static async Task<Uri> AddressAsync(Process site)
    {
        while (await site.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (AddressLine().Match(line) is not { Success: true } match)
                continue;
            _ = site.StandardOutput.ReadToEndAsync(); // what it says from here on must not fill the pipe
            return new Uri(match.Value);
        }
        throw new InvalidOperationException("The site ended.");
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private sealed record Person(string Email, string? Secret);

    [GeneratedRegex("<nav class=\"pager\".*?</nav>", RegexOptions.Singleline)]
    private static partial Regex PagerOf();

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Address();

    [GeneratedRegex("http://127[.]0[.]0[.]1:[0-9]+")]
    private static partial Regex AddressLine();

    [GeneratedRegex("<input (?:name=\"(?<name>[^\"]+)\" type=\"hidden\"|type=\"hidden\" name=\"(?<name>[^\"]+)\") value=\"(?<value>[^\"]*)\"")]
    private static partial Regex HiddenFields();
}
