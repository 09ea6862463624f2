using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Codes;

namespace BackOffice.Web.Tests.Features.Codes;

/// <summary>Is the new batch the right one, and strong enough?</summary>
public sealed class NewBatchTests : IAsyncDisposable
{
    private const string Form = "/codes/batches/new";

    private readonly Site _site = new() { CodesAbove = "1000" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("en", "Request 20,000 codes", "100,000,000,000 tokens", "at list price CNY 440,000.00", "a second person has to approve it", "Odds that one guess hits: 1 in 1.88 × 10¹⁸")]
    [InlineData("zh-Hans", "申请生成 20,000 个兑换码", "100,000,000,000 token", "按标价 CNY 440,000.00", "须由他人复核", "猜中一次的概率：1 / 1.88 × 10¹⁸")]
    public async Task An_address_fills_the_form_in_and_shows_what_it_comes_to(string language, params string[] words)
    {
        using var client = _site.Visitor(language);
        var page = await client.GetStringAsync(Form + "?package=trial&count=20000&format=friendly", Token);
        Assert.All(words, word => Assert.Contains(word, Html.Text(page)));
        Assert.Contains("value=\"20000\"", page);
        Assert.DoesNotContain("error-summary", page);
        Assert.DoesNotContain("error-summary", await client.GetStringAsync(Form + "?count=many&package=none", Token));
        Assert.DoesNotContain("error-summary", await client.GetStringAsync(Form, Token));
    }

    [Fact]
    public async Task Numbers_are_forgiven_what_can_be_read()
    {
        using var client = _site.Visitor("en");
        foreach (var (typed, count) in new[] { ("1,000", 1000), ("１２", 12), (" 7 ", 7), ("1 000", 1000) })
        {
            var batch = Html.Number(await AskAsync(client, ("count", typed)));
            Assert.Equal(count, (await _site.BatchAsync(batch)).Wanted);
        }
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_beside_its_field_and_everything_typed_is_kept()
    {
        using var client = _site.Visitor("en");
        using var answer = await AskAsync(client, ("package", ""), ("count", "many"), ("note", "Singles day <stock>"), ("prefix", "AI CREDITS"), ("format", "friendly"), ("expires", "2027-01-01T00:00"));
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.All(new[] { "value=\"many\"", "value=\"Singles day &lt;stock&gt;\"", "value=\"AI CREDITS\"", "value=\"2027-01-01T00:00\"", "href=\"#field-count\"", "href=\"#field-package\"" }, kept => Assert.Contains(kept, page));
        Assert.Equal(0, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeBatches"));

        using var prefix = await AskAsync(client, ("prefix", "AI CREDITS"), ("format", "friendly"));
        Assert.Contains("Prefix: “AI CREDITS” cannot be used. Give 1 to 6 letters A to Z and digits.", Html.Text(await prefix.Content.ReadAsStringAsync(Token)));
        using var api = await AskAsync(client, ("publish", "api"), ("format", "friendly"));
        Assert.Contains("Format: codes that the console makes itself have its format.", Html.Text(await api.Content.ReadAsStringAsync(Token)));
        using var past = await AskAsync(client, ("expires", "2020-01-01T00:00"));
        Assert.Contains("Codes end at: that is in the past.", Html.Text(await past.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task Without_scripts_a_button_checks_and_asks_for_nothing()
    {
        using var client = _site.Visitor("en");
        using var answer = await client.SubmitAsync(Form, "/codes/batches", Fields(("count", "12"))); // the form itself is the same
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var form = await client.FormAsync(Form, "/codes/batches", Fields(("count", "500")));
        using var check = await client.PostAsync("/codes/batches/preview", new FormUrlEncodedContent(form), Token);
        Assert.Equal(HttpStatusCode.OK, check.StatusCode);
        var page = await check.Content.ReadAsStringAsync(Token);
        Assert.Contains("Request 500 codes", page);
        Assert.Contains("12 codes, 60,000,000 tokens", Html.Text(page));
        Assert.Equal(1, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeBatches"));
    }

    [Fact]
    public async Task While_it_is_typed_a_part_of_the_page_follows()
    {
        using var client = _site.Visitor("en");
        var form = await client.FormAsync(Form, "/codes/batches", Fields(("count", "5000"), ("prefix", "!")));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/codes/batches/preview") { Content = new FormUrlEncodedContent(form) };
        request.Headers.Add("HX-Request", "true");
        using var answer = await client.SendAsync(request, Token);
        var part = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("<html", part);
        Assert.Contains("id=\"preview\"", part);
        Assert.Contains("hx-swap-oob=\"innerHTML:#request-words\"", part);
        Assert.Contains("Prefix: codes of the console's format have no prefix.", Html.Text(part));
        Assert.Contains("a second person has to approve it", part);
    }

    [Fact]
    public async Task The_same_form_sent_twice_is_one_batch_and_a_changed_one_is_not_taken_for_it()
    {
        using var client = _site.Visitor("en");
        var form = await client.FormAsync(Form, "/codes/batches", Fields());
        var sent = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => client.PostAsync("/codes/batches", new FormUrlEncodedContent(form), Token)));
        Assert.Equal(["/codes/batches/1", "/codes/batches/1"], sent.Select(answer => answer.Headers.Location?.OriginalString));
        Assert.Equal(1, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeBatches"));

        form["count"] = "11";
        using var changed = await client.PostAsync("/codes/batches", new FormUrlEncodedContent(form), Token);
        var page = await changed.Content.ReadAsStringAsync(Token);
        Assert.Contains("This form was sent already, as batch 1, with other values.", Html.Text(page));
        Assert.DoesNotContain(form["id"], page);
        Assert.Equal(1, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeBatches"));
    }

    [Fact]
    public async Task The_limits_count_what_the_same_person_asked_for_today_and_a_second_one_approves_once()
    {
        using var client = _site.Visitor("en");
        (await AskAsync(client, ("count", "600"))).Dispose();
        Assert.Contains("With the 600 codes asked for today, more than one person alone may issue", await client.ReadAsync(Form + "?package=trial&count=600"));
        using var asked = await AskAsync(client, ("count", "600"), ("note", "Singles day stock"));
        Assert.Equal("/codes/batches/2", asked.Headers.Location?.OriginalString);
        Assert.Equal("requested", (await _site.BatchAsync(2)).Status);
        Assert.Contains("admin@example.com asks for 600 codes. A second person has to approve them", await client.ReadAsync("/codes/batches/2"));
        Assert.Contains("You asked for this, so someone else must approve it.", await client.ReadAsync("/approvals/1"));
        Assert.DoesNotContain("Approve 600 codes", await client.ReadAsync("/approvals/1"));

        var (first, second) = (await AdminAsync(), await AdminAsync());
        var page = await first.ReadAsync("/approvals/1");
        Assert.Contains("admin@example.com asks for a second person: Issue code batch 2.", page);
        Assert.Contains("Worth 3,000,000,000 tokens at list price CNY 13,200.00", page);
        Assert.Contains("Singles day stock", page);
        Assert.Contains("Stock today 0 codes; none left stock lately", page);
        Assert.Contains("Afterwards, by estimate 600 codes", page);
        Assert.Contains("Approve 600 codes", page);
        var tokens = new[] { await first.TokenAsync(), await second.TokenAsync() };
        var answers = await Task.WhenAll(first.PostFormAsync("/approvals/1/approval", tokens[0]), second.PostFormAsync("/approvals/1/approval", tokens[1]));
        Assert.Equal([HttpStatusCode.Redirect, HttpStatusCode.UnprocessableEntity], answers.Select(answer => answer.StatusCode).Order());
        Assert.Equal("approved", (await _site.BatchAsync(2)).Status);
        Assert.Equal(1, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM CodeEvents WHERE BatchNo = 2 AND Kind = 'approved'"));
        await _site.RunBatchAsync(2);
        Assert.Equal(600, ShopRows.Count(_site.Shop, "SELECT COUNT(*) FROM Codes WHERE BatchNo = 2"));
    }

    [Fact]
    public async Task What_a_second_person_refuses_is_never_made()
    {
        using var client = _site.Visitor("en");
        (await AskAsync(client, ("count", "2000"))).Dispose();
        using var other = await AdminAsync();
        using var refused = await other.SubmitAsync("/approvals/1", "/approvals/1/refusal", ("reason", "too many"));
        Assert.Equal("void", (await _site.BatchAsync(1)).Status);
        var page = await client.ReadAsync("/codes/batches/1");
        Assert.Contains("It ended before a code was made.", page);
        Assert.Contains("Ended without approval", page);
    }

    [Fact]
    public void Formats_and_ways_have_the_words_of_the_rows()
    {
        Assert.Equal(["console", "friendly"], Enum.GetValues<Domain.Codes.CodeFormat>().Select(BatchDesk.Word));
        Assert.Equal(["script", "database", "api"], Enum.GetValues<Domain.Codes.PublishWay>().Select(BatchDesk.Word));
    }

    private async Task<HttpClient> AdminAsync()
    {
        var client = _site.Stranger("en");
        var person = await _site.AddPersonAsync(Role.Admin);
        using var answer = await _site.SignInAsync(client, person);
        client.DefaultRequestHeaders.Add("Cookie", string.Join("; ", answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0])));
        return client;
    }

    private static (string, string)[] Fields(params (string Name, string Value)[] given)
    {
        (string Name, string Value)[] usual = [("package", "trial"), ("count", "10"), ("units", "1"), ("format", "console"), ("prefix", ""), ("note", ""), ("expires", ""), ("publish", "script")];
        return [.. usual.Select(field => (field.Name, given.FirstOrDefault(other => other.Name == field.Name).Value ?? field.Value))];
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, params (string Name, string Value)[] given) => client.SubmitAsync(Form, "/codes/batches", Fields(given));
}
