using System.Net;
using System.Text.RegularExpressions;
using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Staff;
using BackOffice.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Staff;

public sealed class StaffPagesTests : IAsyncDisposable
{
    private static readonly DateTime Morning = new(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc);

    private readonly ShiftedClock _clock = new(Morning);
    private readonly Site _site;

    public StaffPagesTests() => _site = new Site { Clock = _clock };

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_person_is_added_with_a_password_shown_once_and_chooses_another()
    {
        using var admin = _site.Visitor("en");
        using var added = await admin.SubmitAsync("/staff/new", "/staff", ("email", " Mara@Example.com "), ("name", "Mara"), ("role", "finance"));
        var oneTime = OneTime(await added.Content.ReadAsStringAsync(Token));
        Assert.Contains("mara@example.com", await admin.ReadAsync("/staff"));
        Assert.DoesNotContain(oneTime, await admin.GetStringAsync("/staff", Token));

        using var mara = _site.Stranger("en");
        using var signedIn = await mara.SubmitAsync("/sign-in", "/sign-in", ("email", "mara@example.com"), ("password", oneTime));
        Assert.Equal("/account/password", await LedToAsync(mara, "/imports"));
        Assert.Equal("/account/password", await LedToAsync(mara, "/account"));
        using var same = await mara.SubmitAsync("/account/password", "/account/password", ("password", oneTime), ("new_password", oneTime));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, same.StatusCode);
        using var weak = await mara.SubmitAsync("/account/password", "/account/password", ("password", oneTime), ("new_password", "password1234"));
        Assert.Contains("among the first that are guessed", await weak.Content.ReadAsStringAsync(Token));
        using var chosen = await mara.SubmitAsync("/account/password", "/account/password", ("password", oneTime), ("new_password", Site.Password));
        Assert.Equal("/account", chosen.Headers.Location!.OriginalString);
        Assert.Contains("Import a file", await mara.ReadAsync("/imports"));
    }

    [Fact]
    public async Task A_password_that_was_given_out_holds_three_days()
    {
        using var admin = _site.Visitor("en");
        using var added = await admin.SubmitAsync("/staff/new", "/staff", ("email", "late@example.com"), ("role", "support"));
        var oneTime = OneTime(await added.Content.ReadAsStringAsync(Token));
        _clock.MoveTo(Morning + StaffDesk.OneTimePasswordHolds + TimeSpan.FromMinutes(1));
        using var late = _site.Stranger();
        using var answer = await late.SubmitAsync("/sign-in", "/sign-in", ("email", "late@example.com"), ("password", oneTime));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    [Theory]
    [InlineData("not an address", "support", "no e-mail address")]
    [InlineData("x@example.com", "owner", "A role is one of")]
    [InlineData("x@example.com", "", "A role is one of")]
    [InlineData("taken@example.com", "support", "has an account already")]
    public async Task What_cannot_be_taken_is_said_and_kept(string email, string role, string sentence)
    {
        using var admin = _site.Visitor("en");
        using var first = await admin.SubmitAsync("/staff/new", "/staff", ("email", "taken@example.com"), ("role", "support"));
        using var answer = await admin.SubmitAsync("/staff/new", "/staff", ("email", email), ("role", role), ("name", "<b>Mara</b>"));
        var page = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(sentence, page);
        Assert.Contains($"value=\"{email}\"", page);
        Assert.DoesNotContain("<b>Mara", page);
    }

    [Theory]
    [InlineData("role")]
    [InlineData("disabling")]
    [InlineData("reset")]
    public async Task Whatever_is_done_to_an_account_ends_its_sessions_at_once(string act)
    {
        var person = await _site.AddPersonAsync(Role.Finance);
        using var session = _site.Stranger();
        using var signedIn = await _site.SignInAsync(session, person);
        Assert.Null(await LedToAsync(session, "/imports"));
        using var admin = _site.Visitor("en");
        using var answer = await ActAsync(admin, person, act, ("role", "support"));
        Assert.True(answer.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.OK);
        Assert.StartsWith("/sign-in", await LedToAsync(session, "/imports"));
    }

    [Fact]
    public async Task Who_is_disabled_cannot_sign_in_until_enabled()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var admin = _site.Visitor("en");
        using var disabled = await ActAsync(admin, person, "disabling");
        using var client = _site.Stranger();
        using var refused = await _site.SignInAsync(client, person);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var enabled = await ActAsync(admin, person, "enabling");
        using var taken = await _site.SignInAsync(client, person);
        Assert.Equal("/", taken.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Who_lost_the_phone_gets_in_with_what_a_reset_gives_and_the_old_codes_are_nothing()
    {
        var person = await _site.AddPersonAsync(Role.Finance, withCodes: true);
        using var admin = _site.Visitor("en");
        using var reset = await ActAsync(admin, person, "reset");
        var oneTime = OneTime(await reset.Content.ReadAsStringAsync(Token));
        using var client = _site.Stranger();
        using var old = await _site.SignInAsync(client, person);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, old.StatusCode);
        using var taken = await _site.SignInAsync(client, person with { Secret = null }, oneTime);
        Assert.Equal("/", taken.Headers.Location!.OriginalString);
        Assert.Equal("/account/password", await LedToAsync(client, "/"));
        Assert.Equal(0, await _site.Services.GetRequiredService<StaffQueries>().RecoveryCodesLeftAsync(person.Id, Token));
    }

    [Fact]
    public async Task Nobody_acts_on_the_own_account_or_without_a_reason_and_an_admin_stays()
    {
        using var admin = _site.Visitor("en");
        var own = (await _site.Services.GetRequiredService<StaffQueries>().FindAsync("admin@example.com", Token))!;
        using var answer = await ActAsync(admin, new Person(own.Id, own.Email, null, []), "disabling");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);

        var person = await _site.AddPersonAsync(Role.Support);
        using var without = await admin.PostFormAsync($"/staff/{person.Id:N}/disabling", await admin.TokenAsync(), ("reason", " "));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, without.StatusCode);

        await using var scope = _site.Services.CreateAsyncScope();
        var refused = await Assert.ThrowsAsync<Domain.RefusedException>(() => scope.ServiceProvider.GetRequiredService<StaffDesk>().DisableAsync(own.Id, null, "system"));
        Assert.Equal("LastAdmin", refused.Refusal.Code);
        Assert.Null((await _site.Services.GetRequiredService<StaffQueries>().FindAsync(own.Id, Token))!.DisabledAt);
    }

    [Fact]
    public async Task Somebody_who_does_not_exist_has_no_page_and_is_not_acted_on()
    {
        using var admin = _site.Visitor("en");
        using var page = await admin.GetAsync($"/staff/{Guid.Empty:N}", Token);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        using var act = await ActAsync(admin, new Person(Guid.Empty, "", null, []), "role", ("role", "admin"));
        Assert.Equal(HttpStatusCode.NotFound, act.StatusCode);
    }

    [Fact]
    public async Task A_dangerous_act_asks_for_the_password_again_and_leads_back()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var admin = _site.Visitor("en");
        var token = await admin.TokenAsync($"/staff/{person.Id:N}");
        _clock.MoveTo(Morning + ReauthenticateAttribute.Holds + TimeSpan.FromMinutes(1));
        Assert.Equal("/account/confirm?back=%2Fstaff%2Fnew", await LedToAsync(admin, "/staff/new"));
        using var late = await admin.PostFormAsync($"/staff/{person.Id:N}/disabling", token, ("reason", "left"));
        Assert.StartsWith("/account/confirm", late.Headers.Location!.OriginalString);
        Assert.Null((await _site.Services.GetRequiredService<StaffQueries>().FindAsync(person.Id, Token))!.DisabledAt);

        using var wrong = await admin.SubmitAsync("/account/confirm?back=%2Fstaff%2Fnew", "/account/confirm", ("password", "not the password"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        using var right = await admin.SubmitAsync("/account/confirm?back=%2Fstaff%2Fnew", "/account/confirm", ("password", Site.Password));
        Assert.Equal("/staff/new", right.Headers.Location!.OriginalString);
        Assert.Null(await LedToAsync(admin, "/staff/new"));
    }

    [Fact]
    public async Task The_own_password_ends_the_other_sessions_and_this_one_goes_on()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var here = _site.Stranger();
        using var there = _site.Stranger();
        using var first = await _site.SignInAsync(here, person);
        using var second = await _site.SignInAsync(there, person);
        using var wrong = await here.SubmitAsync("/account/password", "/account/password", ("password", "not the password"), ("new_password", "seven green hills at noon"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Null(await LedToAsync(there, "/orders"));
        using var chosen = await here.SubmitAsync("/account/password", "/account/password", ("password", Site.Password), ("new_password", "seven green hills at noon"));
        Assert.Null(await LedToAsync(here, "/orders"));
        Assert.StartsWith("/sign-in", await LedToAsync(there, "/orders"));
    }

    [Fact]
    public async Task One_sees_the_own_sessions_and_ends_them_one_by_one_or_all_others()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var here = _site.Stranger("en");
        var others = new[] { _site.Stranger(), _site.Stranger(), _site.Stranger() };
        using var first = await _site.SignInAsync(here, person);
        foreach (var other in others)
            (await _site.SignInAsync(other, person)).Dispose();
        var page = await here.GetStringAsync("/account", Token);
        Assert.Equal(4, Html.Rows(Html.Table(page, "Where I am signed in")).Count);
        Assert.Single(Regex.Matches(page, "This one"));

        var ends = Regex.Matches(page, "action=\"(/account/sessions/[0-9a-f]{32}/end)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(3, ends.Count);
        using var stranger = _site.Visitor(Role.Finance, "en");
        using var theirs = await stranger.PostFormAsync(ends[0], await stranger.TokenAsync());
        Assert.Equal([true, true, true], await AreInAsync(others));
        Assert.Contains("Nothing was done", Html.Text(await stranger.GetStringAsync(theirs.Headers.Location, Token)));
        using var one = await here.SubmitAsync("/account", ends[0]);
        Assert.Equal("/account", one.Headers.Location!.OriginalString);
        Assert.Equal([true, true, false], (await AreInAsync(others)).OrderDescending());
        using var rest = await here.SubmitAsync("/account", "/account/sessions/end");
        Assert.Equal([false, false, false], await AreInAsync(others));
        Assert.Null(await LedToAsync(here, "/orders"));
        page = await here.GetStringAsync("/account", Token);
        Assert.Single(Html.Rows(Html.Table(page, "Where I am signed in")));
        Assert.DoesNotContain("/account/sessions/", page);
        Assert.Equal(2, ShopRows.Count(_site.Shop, $"SELECT COUNT(*) FROM AuditEntries WHERE Subject = 'staff:{person.Email}' AND Action = 'staff.sessions_ended'"));
    }

    [Theory]
    [InlineData("/account/two-factor/recovery-codes", "staff.recovery_codes_made")]
    [InlineData("/account/two-factor/removal", "staff.totp_removed")]
    public async Task What_one_does_to_the_own_codes_ends_the_other_sessions(string act, string action)
    {
        var person = await _site.AddPersonAsync(Role.Support, withCodes: true);
        using var here = _site.Stranger("en");
        using var other = _site.Stranger();
        (await _site.SignInAsync(here, person)).Dispose();
        _clock.MoveTo(Morning.AddMinutes(1)); // a code is taken once
        (await _site.SignInAsync(other, person)).Dispose();
        Assert.Equal([true], await AreInAsync([other]));
        using var done = await here.SubmitAsync("/account", act);
        Assert.Equal([false], await AreInAsync([other]));
        Assert.Null(await LedToAsync(here, "/orders"));
        Assert.Equal(1, ShopRows.Count(_site.Shop, $"SELECT COUNT(*) FROM AuditEntries WHERE Subject = 'staff:{person.Email}' AND Action = '{action}'"));
    }

    [Fact]
    public async Task Sessions_are_ended_with_the_password_given_again_and_those_too_old_are_not_listed()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var there = _site.Stranger();
        using var first = await _site.SignInAsync(there, person);
        _clock.MoveTo(Morning + ReauthenticateAttribute.Holds);
        using var here = _site.Stranger("en");
        using var second = await _site.SignInAsync(here, person);
        _clock.MoveTo(Morning + (2 * ReauthenticateAttribute.Holds) + TimeSpan.FromMinutes(1));
        using var late = await here.SubmitAsync("/account", "/account/sessions/end");
        Assert.StartsWith("/account/confirm", late.Headers.Location!.OriginalString);
        Assert.Null(await LedToAsync(there, "/orders"));

        _clock.MoveTo(Morning + Sessions.Longest + TimeSpan.FromMinutes(1));
        using var again = await _site.SignInAsync(here, person);
        Assert.Equal(2, Html.Rows(Html.Table(await here.GetStringAsync("/account", Token), "Where I am signed in")).Count);
    }

    [Fact]
    public async Task Every_act_is_on_record_with_who_did_it()
    {
        var person = await _site.AddPersonAsync(Role.Support);
        using var admin = _site.Visitor("en");
        using var changed = await ActAsync(admin, person, "role", ("role", "finance"));
        using var client = _site.Stranger();
        using var signedIn = await _site.SignInAsync(client, person);
        using var signedOut = await client.SubmitAsync("/", "/sign-out");
        for (var i = 0; i <= SignInTries.MostOfAccount; i++)
            (await client.SubmitAsync("/sign-in", "/sign-in", ("email", person.Email), ("password", "not the password"))).Dispose();
        var rows = ShopRows.Of(_site.Shop, $"SELECT printf('%04d ', Sequence) || Who || ' ' || Action || COALESCE(' ' || Reason, '') FROM AuditEntries WHERE Subject = 'staff:{person.Email}'").ConvertAll(row => row[5..]);
        Assert.Equal(
            ["system staff.added", $"admin@example.com staff.role_changed because", $"{person.Email} staff.signed_in", $"{person.Email} staff.signed_out", "system staff.sign_in_paused"],
            rows);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<HttpResponseMessage> ActAsync(HttpClient admin, Person person, string act, params (string, string)[] fields) =>
        await admin.PostFormAsync($"/staff/{person.Id:N}/{act}", await admin.TokenAsync(), [("reason", "because"), .. fields]);

    private static string OneTime(string page) => Regex.Match(page, "data-copy=\"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\"") is { Success: true } found ? found.Groups[1].Value : throw new InvalidOperationException(Html.Text(page));

    private static async Task<List<bool>> AreInAsync(IEnumerable<HttpClient> clients)
    {
        var answers = new List<bool>();
        foreach (var client in clients)
            answers.Add(await LedToAsync(client, "/orders") is null);
        return answers;
    }

    // Where a page leads instead of answering; null when it answers.
    private static async Task<string?> LedToAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Token);
        return answer.Headers.Location?.OriginalString;
    }
}
