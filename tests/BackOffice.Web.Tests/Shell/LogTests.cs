using System.Collections.Concurrent;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Audit;
using BackOffice.Jobs.Nights;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BackOffice.Web.Tests.Shell;

public sealed class LogTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task A_line_of_the_log_carries_its_trace_id_and_never_the_address_of_its_request()
    {
        using var lines = new Lines();
        await using var logged = site.WithWebHostBuilder(host => host.ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(lines)));
        using var client = logged.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

        client.DefaultRequestHeaders.Add("Cookie", site.Cookie(Role.Support));
        var page = await client.GetStringIgnoringStatusAsync("/specimen/busy?order=AC-ZM3J-J7T7-3Q1C");

        var traceId = System.Text.RegularExpressions.Regex.Match(page, "data-copy=\"([0-9a-f]{32})\"").Groups[1].Value;
        Assert.Contains(lines.Written, line => line.Contains($"TraceId:{traceId}", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.Written, line => line.Contains("RequestPath", StringComparison.Ordinal) || line.Contains("AC-ZM3J", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/orders/AC-ZM3J-J7T7-3Q1C", "GET /orders/{**orderNo} answered 404 in ")]
    [InlineData("/search?q=mara%40example.com", "GET /search answered 200 in ")]
    [InlineData("/no-such-page/AC-ZM3J-J7T7-3Q1C", "GET (no route) answered 404 in ")]
    [InlineData("/specimen/throws?order=AC-ZM3J-J7T7-3Q1C", "GET /specimen/throws answered 500 in ")]
    public async Task A_request_is_one_line_with_its_route_and_never_its_address(string path, string says)
    {
        using var lines = new Lines();
        await using var logged = site.WithWebHostBuilder(host => host.ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(lines)));
        using var client = logged.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Add("Cookie", site.Cookie(Role.Support));

        await client.GetStringIgnoringStatusAsync(path);

        Assert.Contains(" => TraceId:", Assert.Single(lines.Written, line => line.Contains(" answered ", StringComparison.Ordinal) && line.StartsWith(says, StringComparison.Ordinal)));
        Assert.Single(lines.Written, line => line.Contains(" answered ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.Written, line => line.Contains("AC-ZM3J", StringComparison.Ordinal) || line.Contains("mara", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/staff", "GET /staff answered 403 in ")]
    [InlineData("POST", "/account/keys", "POST /account/keys answered 400 in ")]
    public async Task A_refusal_names_who_was_refused_by_id_and_not_by_address(string method, string path, string says)
    {
        using var lines = new Lines();
        await using var logged = site.WithWebHostBuilder(host => host.ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(lines)));
        using var client = logged.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        using (await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/sign-in"), TestContext.Current.CancellationToken))
            Assert.Matches("^POST /sign-in answered 400 in \\d+ ms to nobody => ", Assert.Single(lines.Written, line => line.Contains(" answered ", StringComparison.Ordinal)));
        client.DefaultRequestHeaders.Add("Cookie", site.Cookie(Role.Support));

        using var refused = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        var member = await site.Services.GetRequiredService<StaffQueries>().FindAsync("support@example.com", TestContext.Current.CancellationToken);
        Assert.Contains($" ms to {member!.Id:N} => ", Assert.Single(lines.Written, line => line.StartsWith(says, StringComparison.Ordinal)));
        Assert.DoesNotContain(lines.Written, line => line.Contains("support@", StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_on_the_console_has_UTC_level_category_and_scopes_and_stays_one_line()
    {
        var text = Written("simple", log =>
        {
            using var job = log.BeginScope("Job:{Job}", new WorkName("import", 12));
            log.LogWarning(new InvalidOperationException("first\nsecond"), "It {What}\nand went on", "broke");
        });
        Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z warn: Some\\.Category => Job:import 12 It broke and went on System.InvalidOperationException: first second\n$", text.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void As_JSON_a_line_is_an_object_with_the_same()
    {
        var line = System.Text.Json.JsonDocument.Parse(Written("json", log =>
        {
            using var job = log.BeginScope("Job:{Job}", new WorkName("import", 12));
            log.LogWarning("It {What}", "broke");
        })).RootElement;
        Assert.Equal(("It \"broke\"", "Warning", "Some.Category", "import 12"), (Text("@m"), Text("@l"), Text("SourceContext"), Text("Job")));
        Assert.EndsWith("Z", Text("@t"), StringComparison.Ordinal);

        string? Text(string name) => line.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_job_that_is_done_names_itself_in_its_lines()
    {
        using var lines = new Lines();
        await using var logged = site.WithWebHostBuilder(host => host.ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(lines)));
        var nights = logged.Services.GetRequiredService<JobRunStore>();
        var id = (await nights.AddAsync(AuditNight.JobName, "2026-11-10", TestContext.Current.CancellationToken))!.Value;
        await using var scope = logged.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<NightlyJob>().RunAsync(id, TestContext.Current.CancellationToken);
        Assert.Contains(lines.Written, line => line.StartsWith("Ended done after ", StringComparison.Ordinal) && line.EndsWith($" => Job:{AuditNight.JobName} 2026-11-10", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_statement_is_a_warning_with_its_name()
    {
        using var lines = new Lines();
        await using var logged = site.WithWebHostBuilder(host => host
            .UseSetting("Database:SlowSqlMilliseconds", "1")
            .ConfigureTestServices(services => services.AddSingleton<ILoggerProvider>(lines)));
        var database = logged.Services.GetRequiredService<Database>();
        await database.ReadAsync(session => session.GetAsync<long>(CountFar, new FarArgs(3_000_000), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.Contains(lines.Written, line => line.StartsWith("Slow SQL: LogTests.CountFar took ", StringComparison.Ordinal) && !line.Contains("3000000", StringComparison.Ordinal));
    }

    private sealed record FarArgs(int Most);

    private static readonly Sql<FarArgs> CountFar = new("WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Most) SELECT MAX(i) FROM n");

    private static string Written(string format, Action<ILogger> write)
    {
        using var output = new StringWriter();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:Console:FormatterName", format)]).Build();
        using (var factory = new LoggerFactory([OfficeLog.Provider(sink => sink.Sink(new Kept(OfficeLog.Formatter(configuration), output)))]))
            write(factory.CreateLogger("Some.Category"));
        return output.ToString();
    }

    private sealed class Kept(Serilog.Formatting.ITextFormatter formatter, TextWriter output) : Serilog.Core.ILogEventSink
    {
        public void Emit(Serilog.Events.LogEvent logEvent) => formatter.Format(logEvent, output);
    }

    /// <summary>What the console would write: each line with its scopes.</summary>
    private sealed class Lines : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<string> Written { get; } = [];

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => new Logger(this);

        public void Dispose()
        {
        }

        private sealed class Logger(Lines lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => lines._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var line = new System.Text.StringBuilder(formatter(state, exception));
                lines._scopes.ForEachScope((scope, text) => text.Append(" => ").Append(scope), line);
                lines.Written.Enqueue(line.ToString());
            }
        }
    }
}
