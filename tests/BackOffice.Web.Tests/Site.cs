using System.Text.RegularExpressions;
using BackOffice.Data.Engine;
using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Staff;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests;

/// <summary>
/// The real site, as Production runs it, with the test-only pages of Features/ beside the product's. Who visits it has signed in on its own pages, once for
/// each role, and the cookie is shared.
/// </summary>
public sealed partial class Site : WebApplicationFactory<WebHost>
{
    public const string Password = "six brown boats at dawn";

    // Well within the time a session lasts when nobody opens a page.
    private static readonly TimeSpan CookieIsGood = TimeSpan.FromMinutes(20);

    private readonly ShopFolder _folder = ShopFolder.Migrated();
    private readonly Dictionary<Role, (string Cookie, DateTime At)> _cookies = [];
    private readonly Lock _signingIn = new();
    private int _people;

    /// <summary>The site's clock; null for the machine's.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Above which amounts two people accept a difference, as the setting is written.</summary>
    public string AcceptAbove { get; init; } = "off";

    /// <summary>Above how many codes of a day two people issue, void and export them.</summary>
    public string CodesAbove { get; init; } = "off";

    /// <summary>Whether it does the work it is asked for and lays its mails into <see cref="Mails"/>, as a shop's one process does; else the tests run its jobs.</summary>
    public bool Works { get; init; }

    /// <summary>Where the site's database lies.</summary>
    public string Folder => _folder.Path;

    /// <summary>The folder of the mails that a site which works has sent.</summary>
    public string Mails => Path.Combine(Folder, "mail");

    internal ShopFolder Shop => _folder;

    /// <summary>The site on a real port, for a browser.</summary>
    public Site OnPort()
    {
        UseKestrel(0);
        StartServer();
        return this;
    }

    /// <summary>An admin with a client that keeps cookies and shows redirects instead of following them.</summary>
    public HttpClient Visitor(string? language = null) => Visitor(Role.Admin, language);

    public HttpClient Visitor(Role role, string? language = null)
    {
        var client = Stranger(language);
        client.DefaultRequestHeaders.Add("Cookie", Cookie(role));
        return client;
    }

    /// <summary>The session's cookie of somebody with this role, as a browser sends it; not older than so long, where that counts.</summary>
    public string Cookie(Role role, TimeSpan? notOlderThan = null)
    {
        lock (_signingIn)
        {
            var now = Now;
            if (!_cookies.TryGetValue(role, out var kept) || now < kept.At || now > kept.At + (notOlderThan ?? CookieIsGood))
                _cookies[role] = kept = (SignInAsync(role, isFirst: kept.Cookie is null).GetAwaiter().GetResult(), now);
            return kept.Cookie;
        }
    }

    /// <summary>The instant on the site's clock, UTC.</summary>
    public DateTime Now => Services.GetRequiredService<TimeProvider>().UtcNow();

    /// <summary>Adds somebody who chose the password; with codes where the role needs them, or as asked.</summary>
    public async Task<Person> AddPersonAsync(Role role, bool? withCodes = null)
    {
        // The plain address is the visitor's of that role.
        var number = Interlocked.Increment(ref _people);
        return await AddPersonAsync(FormattableString.Invariant($"{role.Word()}{number}@example.com"), role, withCodes);
    }

    private async Task<Person> AddPersonAsync(string email, Role role, bool? withCodes = null)
    {
        await using var scope = Services.CreateAsyncScope();
        var desk = scope.ServiceProvider.GetRequiredService<StaffDesk>();
        await desk.AddAsync(email, "", role.Word(), Password, "system");
        var member = await scope.ServiceProvider.GetRequiredService<StaffQueries>().FindAsync(email) ?? throw new InvalidOperationException("It was just added.");
        if (!(withCodes ?? role == Role.Admin))
            return new Person(member.Id, email, null, []);
        var secret = TotpCodes.NewSecret();
        // The code before, so that the present one is still good for signing in.
        var (_, recoveryCodes) = await desk.SetUpTotpAsync(member, secret, TotpCodes.At(secret, Now.AddSeconds(-30)), Guid.Empty);
        return new Person(member.Id, email, secret, recoveryCodes);
    }

    /// <summary>Signs in on the pages; the client keeps the cookie.</summary>
    /// <returns>The last answer: it leads to the home page when all was right.</returns>
    public async Task<HttpResponseMessage> SignInAsync(HttpClient client, Person person, string password = Password)
    {
        var answer = await client.SubmitAsync("/sign-in", "/sign-in", ("email", person.Email), ("password", password));
        if (person.Secret is null || answer.Headers.Location?.OriginalString.StartsWith("/sign-in/code", StringComparison.Ordinal) != true)
            return answer;
        answer.Dispose();
        return await client.SubmitAsync("/sign-in/code", "/sign-in/code", ("code", TotpCodes.At(person.Secret, Now)));
    }

    /// <summary>Nobody is signed in.</summary>
    public HttpClient Stranger(string? language = null)
    {
        // On a real port the factory's client follows redirects whatever it is told.
        var client = ClientOptions.BaseAddress.IsDefaultPort
            ? CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false })
            : new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = ClientOptions.BaseAddress };
        if (language is not null)
            client.DefaultRequestHeaders.Add("Accept-Language", language);
        return client;
    }

    // A session that has grown old on the site's clock is followed by somebody else's: no password is asked for twice.
    private async Task<string> SignInAsync(Role role, bool isFirst)
    {
        using var client = Stranger();
        using var answer = await SignInAsync(client, isFirst ? await AddPersonAsync($"{role.Word()}@example.com", role) : await AddPersonAsync(role));
        return SessionCookie().Match(string.Join('\n', answer.Headers.GetValues("Set-Cookie"))).Value;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseSetting("Data:Directory", _folder.Path);
        builder.UseSetting("Hangfire:Server", Works ? "true" : "false");
        foreach (var (name, value) in Works ? new[] { ("Alarm:Email", "oncall@example.com"), ("Mail:Folder", Mails), ("Mail:From", "office@example.com") } : [])
            builder.UseSetting(name, value);
        builder.UseSetting("Approvals:AcceptAbove", AcceptAbove);
        builder.UseSetting("Approvals:CodesAbove", CodesAbove);
        builder.UseSetting("Approvals:TokensAbove", "off");
        builder.ConfigureServices(services =>
        {
            services.AddControllersWithViews().AddApplicationPart(typeof(Site).Assembly);
            if (Clock is not null)
                services.AddSingleton(Clock);
        });
    }

    [GeneratedRegex("(?<=^|\n)session=[^;]+")]
    private static partial Regex SessionCookie();
}

/// <summary>Somebody who may sign in.</summary>
/// <param name="Id">The row.</param>
/// <param name="Email">The address.</param>
/// <param name="Secret">What the phone makes codes of; null for none.</param>
/// <param name="RecoveryCodes">Those made with it.</param>
public sealed record Person(Guid Id, string Email, string? Secret, IReadOnlyList<string> RecoveryCodes);
