using System.Net;
using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Staff;
using BackOffice.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Staff;

public sealed class SignInTests : IAsyncDisposable
{
    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);

    private readonly ShiftedClock _clock = new(Morning);
    private readonly Site _site;

    public SignInTests() => _site = new Site { Clock = _clock };

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task What_was_sent_after_signing_in_lapsed_is_said_to_be_undone_and_leads_back_to_its_page()
    {
        using var client = _site.Stranger("en");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/reconciliation");
        request.Headers.Referrer = new Uri("http://localhost/reconciliation/new?from=2026-10-01");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("/sign-in?back=%2Freconciliation%2Fnew%3Ffrom%3D2026-10-01&unsent=1", answer.Headers.Location!.OriginalString);
        var page = await client.GetStringAsync(answer.Headers.Location, TestContext.Current.CancellationToken);
        Assert.Contains("What was just sent was not done", page);
        Assert.Contains("name=\"back\" value=\"/reconciliation/new?from=2026-10-01\"", page);
    }

    [Fact]
    public async Task The_right_password_and_code_lead_to_where_the_person_wanted_to_go()
    {
        var person = await _site.AddPersonAsync(Role.Admin);
        using var client = _site.Stranger();
        using var asked = await client.GetAsync("/orders?status=paid", Token);
        Assert.Equal("/sign-in?back=%2Forders%3Fstatus%3Dpaid", asked.Headers.Location!.OriginalString);
        using var password = await client.SubmitAsync(asked.Headers.Location.OriginalString, "/sign-in", ("email", " " + person.Email.ToUpperInvariant()), ("password", Site.Password));
        Assert.Equal("/sign-in/code?back=%2Forders%3Fstatus%3Dpaid", password.Headers.Location!.OriginalString);
        Assert.True(await IsOutAsync(client));
        using var code = await client.SubmitAsync(password.Headers.Location.OriginalString, "/sign-in/code", ("code", TotpCodes.At(person.Secret!, _site.Now)));
        Assert.Equal("/orders?status=paid", code.Headers.Location!.OriginalString);
        Assert.False(await IsOutAsync(client));
        var cookie = Assert.Single(code.Headers.GetValues("Set-Cookie"), set => set.StartsWith("session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=lax", cookie);
    }

    [Fact]
    public async Task Over_TLS_the_cookie_is_for_TLS_only()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var client = _site.Stranger();
        client.BaseAddress = new Uri("https://localhost");
        using var answer = await _site.SignInAsync(client, person);
        Assert.Contains("secure", Assert.Single(answer.Headers.GetValues("Set-Cookie"), set => set.StartsWith("__Host-session=", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("//elsewhere.example")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("https://elsewhere.example/")]
    public async Task An_address_of_another_site_is_not_led_to(string back)
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var client = _site.Stranger();
        using var answer = await client.SubmitAsync("/sign-in", "/sign-in", ("email", person.Email), ("password", Site.Password), ("back", back));
        Assert.Equal("/", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task An_account_that_does_not_exist_answers_as_one_that_does_and_costs_the_same_work()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var client = _site.Stranger("en");
        var known = new List<(HttpStatusCode, string)>();
        var unknown = new List<(HttpStatusCode, string)>();
        for (var i = 0; i < SignInTries.MostOfAccount + 1; i++)
        {
            known.Add(await TryAsync(client, person.Email, "not the password"));
            unknown.Add(await TryAsync(client, "nobody@example.com", "not the password"));
        }
        Assert.Equal(known.Select(answer => answer with { Item2 = answer.Item2.Replace(person.Email, "?", StringComparison.Ordinal) }), unknown.Select(answer => answer with { Item2 = answer.Item2.Replace("nobody@example.com", "?", StringComparison.Ordinal) }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, known[0].Item1);
        Assert.Equal(HttpStatusCode.TooManyRequests, known[^1].Item1);
        Assert.Contains("The e-mail or the password is not right.", known[0].Item2);
        Assert.Contains("The e-mail or the password is not right.", known[^1].Item2);
    }

    [Fact]
    public async Task A_hundred_wrong_passwords_from_a_hundred_addresses_are_five_tries_and_the_pause_ends()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        var compared = 0;
        using var client = _site.Stranger();
        for (var i = 0; i < 100; i++)
        {
            client.DefaultRequestHeaders.Remove("X-Forwarded-For");
            client.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.113.{i + 1}");
            compared += (await TryAsync(client, person.Email, "not the password")).Item1 == HttpStatusCode.UnprocessableEntity ? 1 : 0;
        }
        Assert.Equal(SignInTries.MostOfAccount, compared);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync(client, person.Email, Site.Password)).Item1);

        _clock.MoveTo(Morning + SignInTries.Window + TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Redirect, (await TryAsync(client, person.Email, Site.Password)).Item1);
    }

    [Fact]
    public async Task An_address_that_tries_many_accounts_is_paused_and_pauses_none_of_the_rest()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var client = _site.Stranger();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        for (var i = 0; i < SignInTries.MostOfAddress; i++)
            await TryAsync(client, $"guess{i}@example.com", "not the password");
        for (var i = 0; i < SignInTries.MostOfAccount + 1; i++)
            Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync(client, person.Email, "not the password")).Item1);
        using var other = _site.Stranger();
        other.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.8");
        Assert.Equal(HttpStatusCode.Redirect, (await TryAsync(other, person.Email, Site.Password)).Item1);
    }

    [Fact]
    public async Task Tries_at_once_cannot_overtake_the_count()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        await using var scope = _site.Services.CreateAsyncScope();
        var tries = _site.Services.GetRequiredService<SignInTries>();
        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => tries.TakeAsync(person.Email, $"198.51.100.{i}", Token), Token)));
        Assert.Equal(SignInTries.MostOfAccount, taken.Count(one => one));
    }

    [Fact]
    public async Task A_code_is_taken_once_and_a_step_early_or_late_but_no_further()
    {
        var person = await _site.AddPersonAsync(Role.Finance, withCodes: true);
        var now = _site.Now;
        Assert.NotEqual("/", await CodeAsync(person, TotpCodes.At(person.Secret!, now.AddSeconds(-90))));
        Assert.NotEqual("/", await CodeAsync(person, TotpCodes.At(person.Secret!, now.AddSeconds(90))));
        await ForgiveAsync(person);
        var early = TotpCodes.At(person.Secret!, _site.Now.AddSeconds(30));
        Assert.Equal("/", await CodeAsync(person, early));
        Assert.NotEqual("/", await CodeAsync(person, early));
        await ForgiveAsync(person);
        Assert.NotEqual("/", await CodeAsync(person, TotpCodes.At(person.Secret!, _site.Now))); // older than the last one taken
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once_as_people_type_it()
    {
        var person = await _site.AddPersonAsync(Role.Finance, withCodes: true);
        var typed = person.RecoveryCodes[3].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal).Replace('0', 'o');
        Assert.Equal("/", await CodeAsync(person, typed, "recovery"));
        Assert.NotEqual("/", await CodeAsync(person, typed, "recovery"));
        Assert.NotEqual("/", await CodeAsync(person, "0000-0000-0000-0000", "recovery"));
        Assert.Equal(person.RecoveryCodes.Count - 1, await _site.Services.GetRequiredService<StaffQueries>().RecoveryCodesLeftAsync(person.Id, Token));
    }

    [Fact]
    public async Task Codes_are_guessed_no_oftener_than_passwords_even_by_who_has_the_password()
    {
        var person = await _site.AddPersonAsync(Role.Finance, withCodes: true);
        var answers = new List<string>();
        for (var i = 0; i < SignInTries.MostOfAccount; i++)
            answers.Add(await CodeAsync(person, "000000"));
        Assert.DoesNotContain("/", answers);
        Assert.NotEqual("/", await CodeAsync(person, TotpCodes.At(person.Secret!, _site.Now)));
    }

    [Fact]
    public async Task A_code_alone_opens_nothing()
    {
        var person = await _site.AddPersonAsync(Role.Finance, withCodes: true);
        using var client = _site.Stranger();
        using var answer = await client.PostFormAsync("/sign-in/code", await client.TokenAsync("/sign-in"), ("code", TotpCodes.At(person.Secret!, _site.Now)));
        Assert.Equal("/sign-in", answer.Headers.Location!.OriginalString);
        Assert.True(await IsOutAsync(client));
    }

    [Fact]
    public async Task An_admin_without_codes_can_do_nothing_but_set_them_up_in_Production()
    {
        var person = await _site.AddPersonAsync(Role.Admin, withCodes: false);
        using var client = _site.Stranger();
        using var signedIn = await _site.SignInAsync(client, person);
        using var led = await client.GetAsync("/staff", Token);
        Assert.Equal("/account/two-factor", led.Headers.Location!.OriginalString);
        var page = await client.GetStringAsync("/account/two-factor", Token);
        var secret = System.Text.RegularExpressions.Regex.Match(page, "data-copy=\"([A-Z2-7 ]{30,})\"").Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);
        var setup = System.Text.RegularExpressions.Regex.Match(page, "name=\"setup\" value=\"([^\"]+)\"").Groups[1].Value;
        var token = await client.TokenAsync("/account/two-factor");
        using var wrong = await client.PostFormAsync("/account/two-factor", token, ("setup", setup), ("code", "000000"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        var code = TotpCodes.At(secret, _site.Now);
        using var done = await client.PostFormAsync("/account/two-factor", token, ("setup", setup), ("code", code));
        Assert.Equal(10, System.Text.RegularExpressions.Regex.Count(await done.Content.ReadAsStringAsync(Token), "<li><span class=\"id\">"));
        using var opened = await client.GetAsync("/staff", Token);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        using var replayed = await client.PostFormAsync("/account/two-factor", token, ("setup", setup), ("code", code));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, replayed.StatusCode);
        Assert.True((await _site.Services.GetRequiredService<StaffQueries>().FindAsync(person.Id, Token))!.HasTotp);
        Assert.DoesNotContain(secret, await File.ReadAllTextAsync(Path.Combine(_site.Folder, "backoffice.db"), System.Text.Encoding.Latin1, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ends_when_nobody_opens_a_page_and_polls_do_not_keep_it()
    {
        using var client = _site.Stranger();
        using var signedIn = await _site.SignInAsync(client, await _site.AddPersonAsync(Role.Support));
        for (var minutes = 10; minutes <= 25; minutes += 5)
        {
            _clock.MoveTo(Morning.AddMinutes(minutes));
            using var poll = new HttpRequestMessage(HttpMethod.Get, "/running");
            poll.Headers.Add("HX-Request", "true");
            using var answer = await client.SendAsync(poll, Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        _clock.MoveTo(Morning + Sessions.Idle + TimeSpan.FromMinutes(2));
        Assert.True(await IsOutAsync(client));
    }

    [Fact]
    public async Task Hangfires_own_polls_do_not_keep_a_session()
    {
        using var client = _site.Stranger();
        using var signedIn = await _site.SignInAsync(client, await _site.AddPersonAsync(Role.Admin));
        var token = await client.TokenAsync();
        for (var minutes = 10; minutes <= 25; minutes += 5)
        {
            _clock.MoveTo(Morning.AddMinutes(minutes));
            using var answer = await client.PostFormAsync("/jobs/stats", token, ("metrics[]", "enqueued:count-or-null"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        _clock.MoveTo(Morning + Sessions.Idle + TimeSpan.FromMinutes(2));
        Assert.True(await IsOutAsync(client));
    }

    [Fact]
    public async Task A_session_in_use_goes_on_and_ends_after_twelve_hours_all_the_same()
    {
        using var client = _site.Stranger();
        using var signedIn = await _site.SignInAsync(client, await _site.AddPersonAsync(Role.Support));
        for (var at = TimeSpan.Zero; at < Sessions.Longest - TimeSpan.FromMinutes(20); at += TimeSpan.FromMinutes(20))
        {
            _clock.MoveTo(Morning + at);
            Assert.False(await IsOutAsync(client));
        }
        _clock.MoveTo(Morning + Sessions.Longest + TimeSpan.FromMinutes(1));
        Assert.True(await IsOutAsync(client));
    }

    [Fact]
    public async Task Who_signed_out_is_out_also_with_the_old_cookie()
    {
        using var client = _site.Stranger();
        using var signedIn = await _site.SignInAsync(client, await _site.AddPersonAsync(Role.Support));
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(set => set.StartsWith("session=", StringComparison.Ordinal)).Split(';')[0];
        using var thief = _site.Stranger();
        thief.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.False(await IsOutAsync(thief));
        using var left = await client.SubmitAsync("/", "/sign-out");
        Assert.Equal("/sign-in", left.Headers.Location!.OriginalString);
        Assert.Equal("\"cache\", \"storage\"", Assert.Single(left.Headers.GetValues("Clear-Site-Data")));
        Assert.True(await IsOutAsync(client));
        Assert.True(await IsOutAsync(thief));
    }

    [Fact]
    public async Task A_cookie_that_was_changed_is_nobodys()
    {
        using var client = _site.Stranger();
        client.DefaultRequestHeaders.Add("Cookie", _site.Cookie(Role.Support)[..^4] + "AAAA");
        Assert.True(await IsOutAsync(client));
    }

    [Fact]
    public async Task A_form_from_another_site_or_without_its_token_is_refused()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var client = _site.Stranger();
        using var signedIn = await _site.SignInAsync(client, person);
        using var without = await client.PostAsync("/sign-out", null, Token);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        foreach (var (header, value) in new[] { ("Origin", "https://elsewhere.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-out");
            request.Headers.Add("X-CSRF-Token", await client.TokenAsync());
            request.Headers.Add(header, value);
            using var answer = await client.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
        Assert.False(await IsOutAsync(client));
    }

    [Fact]
    public async Task A_token_of_somebody_else_is_refused()
    {
        using var support = _site.Visitor(Role.Support);
        using var finance = _site.Visitor(Role.Finance);
        using var answer = await finance.PostFormAsync("/account/confirm", await support.TokenAsync(), ("password", Site.Password));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Where_tries_cannot_be_counted_nobody_signs_in()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var client = _site.Stranger();
        await Reconciliation.Database.ExecuteAsync(_site, "ALTER TABLE SignInTries RENAME TO Gone");
        using var answer = await client.SubmitAsync("/sign-in", "/sign-in", ("email", person.Email), ("password", Site.Password));
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.False(answer.Headers.TryGetValues("Set-Cookie", out var set) && set.Any(one => one.StartsWith("session=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_session_that_cannot_be_looked_up_is_told_as_such_and_opens_nothing()
    {
        using var client = _site.Visitor(Role.Support);
        await Reconciliation.Database.ExecuteAsync(_site, "ALTER TABLE StaffSessions RENAME TO Gone");
        using var answer = await client.GetAsync("/orders", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<(HttpStatusCode, string)> TryAsync(HttpClient client, string email, string password)
    {
        using var answer = await client.SubmitAsync("/sign-in", "/sign-in", ("email", email), ("password", password));
        return (answer.StatusCode, Html.Text(await answer.Content.ReadAsStringAsync(Token)).Split("Trace id")[0]);
    }

    private Task ForgiveAsync(Person person) => _site.Services.GetRequiredService<SignInTries>().ForgiveAsync(person.Email, Token);

    // Where the code led; nothing when it led nowhere.
    private async Task<string> CodeAsync(Person person, string code, string with = "")
    {
        using var client = _site.Stranger();
        using var password = await client.SubmitAsync("/sign-in", "/sign-in", ("email", person.Email), ("password", Site.Password));
        if (password.StatusCode != HttpStatusCode.Redirect)
            return "";
        using var answer = await client.SubmitAsync($"/sign-in/code?with={with}", "/sign-in/code", ("code", code));
        return answer.Headers.Location?.OriginalString ?? "";
    }

    private static async Task<bool> IsOutAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/", Token);
        return answer.StatusCode == HttpStatusCode.Redirect;
    }
}
