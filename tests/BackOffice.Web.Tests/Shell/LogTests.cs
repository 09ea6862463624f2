using System.Collections.Concurrent;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
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

        var page = await client.GetStringIgnoringStatusAsync("/specimen/busy?order=AC-ZM3J-J7T7-3Q1C");

        var traceId = System.Text.RegularExpressions.Regex.Match(page, "data-copy=\"([0-9a-f]{32})\"").Groups[1].Value;
        Assert.Contains(lines.Written, line => line.Contains($"TraceId:{traceId}", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.Written, line => line.Contains("RequestPath", StringComparison.Ordinal) || line.Contains("AC-ZM3J", StringComparison.Ordinal));
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
