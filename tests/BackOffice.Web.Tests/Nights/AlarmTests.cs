using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Outbox;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Backups;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Outbox;
using BackOffice.Jobs.Reconciliation;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Web.Tests.Nights;

/// <summary>A night that failed or did not happen reaches a person outside, once, by mail and by webhook.</summary>
public sealed class AlarmTests : IDisposable
{
    private static readonly BusinessTime Shop = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));

    private readonly ShopFolder _folder = ShopFolder.Migrated();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(Shop.StartOf(new DateOnly(2026, 11, 10))).AddHours(3));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Mails => Path.Combine(_folder.Path, "mail");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_nightly_job_that_was_killed_is_told_within_its_next_period_and_only_once()
    {
        await using var services = Services();
        var nights = services.GetRequiredService<JobRunStore>();
        await nights.AddAsync(ReconciliationNight.JobName, "2026-11-09", Token);
        var id = (await nights.AddAsync(ReconciliationNight.JobName, "2026-11-10", Token))!.Value;
        // Another process took the night up and was killed: the row says running, and nobody renews its lease.
        Assert.True(await services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, session => JobRunStore.Queue.ClaimAsync(session, id, Token), Token));
        await SweepAsync(services);
        Assert.DoesNotContain(Told(), mail => mail.Contains("Nightly reconciliation of", StringComparison.Ordinal));

        _clock.Advance(TimeSpan.FromHours(2));
        await SweepAsync(services);
        await SweepAsync(services);

        var mail = Assert.Single(Told(), mail => mail.Contains("Nightly reconciliation of 2026-11-10 had not ended by 04:30", StringComparison.Ordinal));
        Assert.Contains("oncall@example.com", mail);
        Assert.Contains("2026-11-10 夜间对账在 04:30 前未完成", mail);
    }

    [Fact]
    public async Task A_night_that_failed_tells_its_reason_and_one_that_never_began_is_missed()
    {
        await using var services = Services(("Backup:Keep", "0"));
        var nights = services.GetRequiredService<JobRunStore>();
        var failed = (await nights.AddAsync(ReconciliationNight.JobName, "2026-11-10", Token))!.Value;
        await services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, async session =>
        {
            await JobRunStore.Queue.ClaimAsync(session, failed, Token);
            await JobRunStore.Queue.FailAsync(session, failed, new Refusal("DiskFull", ""), "The disk is full.", forGood: true, Token);
        }, Token);
        await services.GetRequiredService<NightWatch>().LookAsync(Token);
        await SendAsync(services);
        Assert.Contains("The disk is full.", Assert.Single(Told(), mail => mail.Contains("Nightly reconciliation of 2026-11-10 failed", StringComparison.Ordinal)));

        // A day later, and nobody was there to begin anything: whoever looks first tells it.
        _clock.Advance(TimeSpan.FromHours(26));
        await services.GetRequiredService<NightWatch>().LookAsync(Token);
        await SendAsync(services);
        Assert.Single(Told(), mail => mail.Contains("Nightly reconciliation of 2026-11-11 was not begun by 04:30", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shop_whose_first_night_it_is_has_missed_none()
    {
        await using var services = Services();
        _clock.Advance(TimeSpan.FromHours(8));
        await SweepAsync(services);
        Assert.True(ShopRows.Count(_folder, "SELECT COUNT(*) FROM JobRuns WHERE Status = 'pending'") >= 4);
        Assert.Empty(Told());
    }

    [Fact]
    public async Task Work_that_was_given_up_is_told_and_work_that_was_refused_is_not()
    {
        await using var services = Services();
        var desk = services.GetRequiredService<RunDesk>();
        var (given, refused) = (await AddRunAsync(desk), await AddRunAsync(desk));
        await FailAsync(services, given.Id, times: WorkQueue.MostAttempts);
        await FailAsync(services, refused.Id, times: 1);

        await services.GetRequiredService<NightWatch>().LookAsync(Token);
        await SendAsync(services);

        Assert.Contains($"Run {given.Number} was given up", Assert.Single(Told()));
    }

    [Fact]
    public async Task The_morning_report_tells_how_the_night_went_and_carries_the_end_of_the_audit_trail_outside()
    {
        await using var services = Services();
        var nights = services.GetRequiredService<JobRunStore>();
        foreach (var job in new[] { BackupNight.JobName, MorningReport.JobName })
            await services.GetRequiredService<NightlyJob>().RunAsync((await nights.AddAsync(job, "2026-11-10", Token))!.Value, Token);
        await SendAsync(services);

        var mail = Assert.Single(Told(), mail => mail.Contains("Night of 2026-11-10: 5 not done", StringComparison.Ordinal));
        Assert.Contains("Nightly backup: done", mail);
        Assert.Contains("Nightly reconciliation: not begun", mail);
        var head = await services.GetRequiredService<Data.Audit.AuditQueries>().HeadAsync(Token);
        Assert.Contains($"End of the audit trail: {head}", mail);
        Assert.Equal("done", (await nights.FindAsync(MorningReport.JobName, "2026-11-10", Token))!.Status);
    }

    [Fact]
    public async Task Where_nobody_is_set_nobody_is_told_and_nothing_waits()
    {
        await using var services = _folder.Services(_clock);
        await services.GetRequiredService<JobRunStore>().AddAsync(ReconciliationNight.JobName, "2026-11-08", Token);
        _clock.Advance(TimeSpan.FromHours(8));
        await SweepAsync(services);
        Assert.Equal(0, ShopRows.Count(_folder, "SELECT COUNT(*) FROM OutboxMessages"));
        Assert.Equal(0, ShopRows.Count(_folder, $"SELECT COUNT(*) FROM JobRuns WHERE Job = '{MorningReport.JobName}'"));
    }

    [Fact]
    public async Task A_webhook_that_fails_is_tried_again_its_address_is_told_nowhere_and_a_redirect_is_not_followed()
    {
        var answers = new Queue<int>([500, 302, 200]);
        var taken = new List<JsonElement>();
        await using var stranger = await StandIn.StartAsync(async context =>
        {
            using var content = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: Token);
            taken.Add(content.RootElement.Clone());
            context.Response.StatusCode = answers.Dequeue();
            context.Response.Headers.Location = "/elsewhere";
        });
        await using var services = _folder.Services(_clock, ("Alarm:Webhook", $"{stranger.Address}/hooks/s3cret-path"));
        Assert.True(await services.GetRequiredService<OutboxStore>().AddAsync(new OutboxText("night:x:2026-11-10", "Night failed", "The disk is full."), OutboxChannels.Webhook, Token));
        Assert.False(await services.GetRequiredService<OutboxStore>().AddAsync(new OutboxText("night:x:2026-11-10", "Again", "Again."), OutboxChannels.Webhook, Token));

        await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(services));
        await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(services));
        Assert.DoesNotContain("s3cret", string.Join('\n', ShopRows.Of(_folder, "SELECT Failure, FailureJson FROM OutboxMessages")));
        Assert.Contains("302", Assert.Single(ShopRows.Of(_folder, "SELECT Failure FROM OutboxMessages WHERE Status = 'pending'")));
        await SendAsync(services);

        Assert.Equal(3, taken.Count);
        Assert.All(taken, content => Assert.Equal("Night failed\nThe disk is full.", content.GetProperty("text").GetString()));
        Assert.Single(taken.Select(content => content.GetProperty("id").GetString()).Distinct());
        Assert.Equal("done", Assert.Single(ShopRows.Of(_folder, "SELECT Status FROM OutboxMessages")));
    }

    [Fact]
    public async Task A_webhook_whose_certificate_nobody_vouches_for_is_told_nothing()
    {
        var taken = 0;
        using var certificate = SelfMade();
        await using var stranger = await StandIn.StartAsync(_ => { taken++; return Task.CompletedTask; }, certificate);
        await using var services = _folder.Services(_clock, ("Alarm:Webhook", $"https://localhost:{new Uri(stranger.Address).Port}/hooks/s3cret-path"));
        await services.GetRequiredService<OutboxStore>().AddAsync(new OutboxText("night:x:2026-11-10", "Night failed", "The disk is full."), OutboxChannels.Webhook, Token);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(services));
        Assert.Contains("could not be reached: SecureConnectionError", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, taken);
        Assert.Equal("pending", Assert.Single(ShopRows.Of(_folder, "SELECT Status FROM OutboxMessages")));
    }

    [Fact]
    public async Task A_mail_server_whose_certificate_nobody_vouches_for_gets_no_password_and_no_mail()
    {
        using var certificate = SelfMade();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var heard = HearAsync(server, certificate);
        (string, string)[] settings =
        [
            ("Alarm:Email", "oncall@example.com"), ("Mail:Host", "localhost"), ("Mail:Port", ((IPEndPoint)server.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)), ("Mail:Security", "Tls"),
            ("Mail:User", "office"), ("Mail:Password", "s3cret"), ("Mail:From", "backoffice@example.com"),
        ];
        await using var services = _folder.Services(_clock, settings);
        await services.GetRequiredService<OutboxStore>().AddAsync(new OutboxText("night:x:2026-11-10", "Night failed", "The disk is full."), OutboxChannels.Mail, Token);
        await Assert.ThrowsAsync<MailKit.Security.SslHandshakeException>(() => SendAsync(services));
        Assert.Equal("", await heard);
        Assert.Equal("pending", Assert.Single(ShopRows.Of(_folder, "SELECT Status FROM OutboxMessages")));
    }

    [Fact]
    public async Task Mail_goes_to_a_server_by_SMTP_and_waits_while_there_is_none()
    {
        var port = FreePort();
        (string, string)[] settings = [("Alarm:Email", "oncall@example.com"), ("Mail:Host", "127.0.0.1"), ("Mail:Port", port.ToString(CultureInfo.InvariantCulture)), ("Mail:Security", "None"), ("Mail:From", "backoffice@example.com")];
        await using var services = _folder.Services(_clock, settings);
        await services.GetRequiredService<OutboxStore>().AddAsync(new OutboxText("night:x:2026-11-10", "夜间任务失败", "The disk is full.\n.\nAll of it."), OutboxChannels.Mail, Token);
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(services));
        Assert.Equal("pending", Assert.Single(ShopRows.Of(_folder, "SELECT Status FROM OutboxMessages")));

        using var server = new TcpListener(IPAddress.Loopback, port);
        server.Start();
        var received = ReceiveAsync(server);
        await SendAsync(services);

        var mail = await received;
        Assert.Contains("RCPT TO:<oncall@example.com>", mail);
        Assert.Contains("MAIL FROM:<backoffice@example.com>", mail);
        Assert.Contains("All of it.", mail);
        Assert.Equal("done", Assert.Single(ShopRows.Of(_folder, "SELECT Status FROM OutboxMessages")));
    }

    [Theory]
    [InlineData("Alarm:Email", "nobody", "Alarm:Email")]
    [InlineData("Alarm:Webhook", "ftp://example.com/s3cret", "Alarm:Webhook")]
    [InlineData("Alarm:Webhook", "http://example.com/s3cret", "Alarm:Webhook")]
    [InlineData("Mail:Host", "mail.example.com", "Mail:From")]
    [InlineData("Mail:Port", "0", "Mail:Port")]
    public void A_wrong_setting_is_named_and_a_secret_one_not_quoted(string name, string value, string named)
    {
        var failure = Assert.Throws<SettingException>(() => _folder.Settings((name, value)));
        Assert.Contains(named, failure.Message);
        Assert.DoesNotContain("s3cret", failure.Message);
    }

    private ServiceProvider Services(params (string, string)[] settings) =>
        _folder.Services(_clock, [("Alarm:Email", "oncall@example.com"), ("Mail:Folder", Mails), ("Mail:From", "backoffice@example.com"), .. settings]);

    private static Task<Data.Reconciliation.RunRow> AddRunAsync(RunDesk desk) => desk.AddAsync(new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 2), null, null, "system", Token);

    private static async Task FailAsync(ServiceProvider services, Guid run, int times)
    {
        for (var time = 1; time <= times; time++)
        {
            await services.GetRequiredService<Database>().WriteAsync(WriteRank.Job, async session =>
            {
                await Data.Reconciliation.RunStore.Queue.ClaimAsync(session, run, Token);
                await Data.Reconciliation.RunStore.Queue.FailAsync(session, run, new Refusal("DiskFull", ""), "The disk is full.", forGood: time == times, Token);
            }, Token);
        }
    }

    internal static X509Certificate2 SelfMade()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    // A mail server that speaks TLS: what a client says to it once it is trusted.
    private static async Task<string> HearAsync(TcpListener server, X509Certificate2 certificate)
    {
        using var client = await server.AcceptTcpClientAsync(Token);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(certificate);
            await stream.WriteAsync("220 ready\r\n"u8.ToArray(), Token);
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(Token) ?? "";
        }
        catch (Exception failure) when (failure is IOException or System.Security.Authentication.AuthenticationException)
        {
            return ""; // it hung up
        }
    }

    // What the sweeper hands to Hangfire is not run: the job it would kill is played dead.
    private static async Task SweepAsync(ServiceProvider services)
    {
        await new Sweeper(services.GetRequiredService<Database>(), services.GetRequiredService<NightSchedule>(), services.GetRequiredService<NightWatch>(), services.GetRequiredService<BackOffice.Jobs.Orders.OrderStatusJob>(), services.GetRequiredService<BackOffice.Jobs.Codes.CodeExportDesk>(), new NoJobs()).RunAsync(Token);
        await SendAsync(services);
    }

    private static async Task SendAsync(ServiceProvider services)
    {
        var waiting = await services.GetRequiredService<Database>().ReadAsync(session => session.ListAsync<Guid>(ReadWaiting, token: Token), Token);
        foreach (var id in waiting)
            await services.GetRequiredService<OutboxJob>().RunAsync(id, Token);
    }

    private List<string> Told() => Directory.Exists(Mails) ? [.. Directory.EnumerateFiles(Mails, "*.eml").Select(Read)] : [];

    private static string Read(string file)
    {
        var mail = MimeKit.MimeMessage.Load(file);
        return $"{mail.To}\n{mail.Subject}\n{mail.TextBody}";
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // The least a mail server says.
    private static async Task<string> ReceiveAsync(TcpListener server)
    {
        using var client = await server.AcceptTcpClientAsync(Token);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\r\n" };
        var heard = new StringBuilder();
        await writer.WriteLineAsync("220 stand-in");
        var inContent = false;
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            heard.AppendLine(line);
            if (inContent && line != ".")
                continue;
            await writer.WriteLineAsync(inContent ? "250 taken" : line switch
            {
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 yes",
            });
            inContent = !inContent && line == "DATA";
            if (line == "QUIT")
                break;
        }
        return heard.ToString();
    }

    private static readonly Sql ReadWaiting = new("SELECT Id FROM OutboxMessages WHERE Status = 'pending' ORDER BY RecordedAt, Id");

    private sealed class NoJobs : IBackgroundJobClient
    {
        public string Create(Job job, IState state) => "";

        public bool ChangeState(string jobId, IState state, string expectedState) => false;
    }
}

/// <summary>Somebody else's server, over real HTTP.</summary>
internal sealed class StandIn(WebApplication app) : IAsyncDisposable
{
    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<StandIn> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new StandIn(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
