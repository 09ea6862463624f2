using System.Collections.Concurrent;
using BackOffice.Jobs;
using BackOffice.Jobs.Checks;
using BackOffice.Jobs.Integrations.OneApi;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BackOffice.Web.Tests.Integrations;

/// <summary>How the console is set, and that <c>doctor</c> and the page say whether it is reached.</summary>
public sealed class ConsoleSettingsTests(PostgresServer postgres) : IDisposable
{
    private readonly ShopFolder _folder = ShopFolder.Migrated();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_set_is_off()
    {
        var console = _folder.Settings().Console;
        Assert.Equal((false, null, 1m, 50, null), (console.IsOn, console.Flavour, console.QuotaPerToken, console.RequestsPerMinute, console.Database));
    }

    [Theory]
    [InlineData("https://console.example.com", "https://console.example.com/")]
    [InlineData("https://console.example.com/console", "https://console.example.com/console/")]
    [InlineData("http://127.0.0.1:3000/", "http://127.0.0.1:3000/")]
    public void Everything_set_is_read_and_no_secret_is_told(string address, string reads)
    {
        var settings = _folder.Settings(
            ("Console:BaseUrl", address), ("Console:AccessToken", "s3cret"), ("Console:UserId", "12"), ("Console:Flavour", "New_Api"), ("Console:QuotaPerToken", "0.5"), ("Console:RequestsPerMinute", "20"),
            ("Console:Database", "postgresql"), ("Console:ConnectionString", "Host=db;Username=x;Password=whisper;Include Error Detail=true"));
        var console = settings.Console;
        Assert.Equal(reads, console.BaseUrl!.ToString());
        Assert.Equal(("s3cret", 12L, ConsoleFlavour.NewApi, 0.5m, 20), (console.AccessToken!, console.UserId!.Value, console.Flavour!.Value, console.QuotaPerToken, console.RequestsPerMinute));
        Assert.Equal(ConsoleEngine.PostgreSql, console.Database!.Engine);
        Assert.DoesNotContain("Include Error Detail=True", console.Database.ConnectionString, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("s3cret|whisper", $"{settings} {console} {console.Database}");
        Assert.Empty(settings.Unread);
    }

    [Theory]
    [InlineData("Console:BaseUrl", "http://console.example.com/s3cret")]
    [InlineData("Console:BaseUrl", "https://mara:s3cret@console.example.com")]
    [InlineData("Console:BaseUrl", "https://console.example.com?token=s3cret")]
    [InlineData("Console:BaseUrl", "s3cret")]
    [InlineData("Console:AccessToken", "Bearer s3cret")]
    [InlineData("Console:AccessToken", "s3cret\u00e9")]
    [InlineData("Console:AccessToken", "")]
    [InlineData("Console:UserId", "")]
    [InlineData("Console:UserId", "0")]
    [InlineData("Console:UserId", "mara")]
    [InlineData("Console:Flavour", "oneapi")]
    [InlineData("Console:QuotaPerToken", "0")]
    [InlineData("Console:QuotaPerToken", "-1")]
    [InlineData("Console:QuotaPerToken", "1e3")]
    [InlineData("Console:QuotaPerToken", "1,5")]
    [InlineData("Console:QuotaPerToken", "1.0000000001")]
    [InlineData("Console:QuotaPerToken", "1000001")]
    [InlineData("Console:RequestsPerMinute", "0")]
    [InlineData("Console:Database", "MySql")]
    [InlineData("Console:Database", "")]
    [InlineData("Console:ConnectionString", "")]
    [InlineData("Console:ConnectionString", "s3cret")]
    [InlineData("Console:ConnectionString", "Passwort=s3cret")]
    [InlineData("Console:ConnectionString", "Host=db;Port=s3cret")]
    [InlineData("Console:ConnectionString", "Username=s3cret")]
    public void A_wrong_setting_is_named_and_a_secret_one_not_quoted(string name, string value)
    {
        (string Name, string Value)[] right =
        [
            ("Console:BaseUrl", "https://console.example.com"), ("Console:AccessToken", "0123"), ("Console:UserId", "12"), ("Console:Database", "PostgreSql"), ("Console:ConnectionString", "Host=db;Password=s3cret"),
        ];
        var failure = Assert.Throws<SettingException>(() => _folder.Settings([.. right.Where(one => one.Name != name), (name, value)]));
        Assert.StartsWith($"Setting {name}: ", failure.Message);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
        Assert.Null(failure.InnerException);
    }

    [Theory]
    [InlineData("Sqlite", "s3cret")]
    [InlineData("Sqlite", "Cache=Shared")]
    public void A_connection_string_of_the_other_engine_is_refused(string engine, string connection)
    {
        var failure = Assert.Throws<SettingException>(() => _folder.Settings(("Console:UserId", "1"), ("Console:Database", engine), ("Console:ConnectionString", connection)));
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_says_that_it_is_not_set_up()
    {
        var facts = await FactsAsync();
        Assert.Equal((CheckState.Off, CheckState.Off), (facts["console"].State, facts["console_database"].State));
    }

    [Theory]
    [InlineData(ConsoleFlavour.OneApi, "One API, version v0.6.10, answers and takes our calls; a dollar is 500,000 quota there.")]
    [InlineData(ConsoleFlavour.NewApi, "New API, version v0.9.2, answers and takes our calls; a dollar is 500,000 quota there.")]
    public async Task Doctor_says_which_console_is_reached(ConsoleFlavour flavour, string says)
    {
        await using var console = await StandInConsole.StartAsync(flavour);
        var fact = (await FactsAsync(console.Settings))["console"];
        Assert.Equal(CheckState.Ok, fact.State);
        Assert.StartsWith(says, fact.Says(Texts.English));
        Assert.NotEmpty(fact.Says(Texts.Chinese));
        Assert.Equal(2, console.Calls.Count);

        var other = flavour == ConsoleFlavour.OneApi ? "new_api" : "one_api";
        var differs = (await FactsAsync([.. console.Settings, ("Console:Flavour", other)]))["console"];
        Assert.Equal(CheckState.Warn, differs.State);
        Assert.EndsWith("which is not what Console:Flavour says.", differs.Says(Texts.English));
    }

    [Theory]
    [InlineData(nameof(ConsoleFault.Ban), "administrator")]
    [InlineData(nameof(ConsoleFault.Limit), "Console:RequestsPerMinute")]
    [InlineData(nameof(ConsoleFault.Move), "Set Console:BaseUrl to https://moved.example.com/.")]
    [InlineData(nameof(ConsoleFault.Html), "Check Console:BaseUrl.")]
    [InlineData(nameof(ConsoleFault.Error), "500")]
    public async Task Doctor_says_why_it_is_not_reached_at_once_and_no_secret(string fault, string says)
    {
        await using var console = await StandInConsole.StartAsync();
        console.Plan(Enum.Parse<ConsoleFault>(fault), "GET");
        using var log = new Lines();
        var fact = (await FactsAsync(log, console.Settings))["console"];
        Assert.Equal(CheckState.Warn, fact.State);
        Assert.Contains(says, fact.Says(Texts.English), StringComparison.Ordinal);
        Assert.DoesNotContain(StandInConsole.Token, fact.Says(Texts.English) + fact.Says(Texts.Chinese), StringComparison.Ordinal);
        Assert.DoesNotContain(log.Written, line => line.Contains(StandInConsole.Token, StringComparison.OrdinalIgnoreCase) || line.Contains("redemption", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(2, console.Calls.Count);
    }

    [Fact]
    public async Task No_log_holds_a_token_a_key_or_an_address_of_the_console()
    {
        await using var console = await StandInConsole.StartAsync();
        console.Plan(ConsoleFault.StopInTheMiddle).Plan(ConsoleFault.HalfJson).Plan(ConsoleFault.HangUp).Plan(ConsoleFault.Refuse);
        using var log = new Lines();
        await using var services = Services(log, console.Settings);
        var client = services.GetRequiredService<ConsoleClient>();
        for (var call = 0; call < 5; call++)
            await client.CreateAsync($"B{call}", 5, 10, null, None);
        await client.FindByNameAsync("B0", None);
        await client.DisableAsync(1, None);
        Assert.DoesNotContain(log.Written, line => line.Contains(StandInConsole.Token, StringComparison.OrdinalIgnoreCase) || line.Contains(console.Address, StringComparison.Ordinal));
        Assert.DoesNotContain(log.Written, line => console.Codes.Any(code => line.Contains(code.Key, StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(5, console.Posts);
    }

    [Theory]
    [InlineData(ConsoleEngine.Sqlite, ConsoleMake.OneApi, "Sqlite, reached. It does not record who redeemed a code.")]
    [InlineData(ConsoleEngine.PostgreSql, ConsoleMake.NewApi, "PostgreSql, reached. It records who redeemed a code.")]
    public async Task Doctor_says_whether_the_consoles_database_is_reached(ConsoleEngine engine, ConsoleMake make, string says)
    {
        await using var tables = await ConsoleTables.MakeAsync(engine, make, postgres);
        (string, string)[] settings = [("Console:UserId", "7"), ("Console:Database", engine.ToString()), ("Console:ConnectionString", tables.ConnectionString)];
        var fact = (await FactsAsync(settings))["console_database"];
        Assert.Equal((CheckState.Ok, says), (fact.State, fact.Says(Texts.English)));
        await tables.ExecuteAsync("DROP TABLE redemptions");
        fact = (await FactsAsync(settings))["console_database"];
        Assert.Equal(CheckState.Warn, fact.State);
        Assert.StartsWith("Console:ConnectionString does not lead to", fact.Says(Texts.English));
    }

    private Task<Dictionary<string, CheckFact>> FactsAsync(params (string Name, string Value)[] settings) => FactsAsync(null, settings);

    private async Task<Dictionary<string, CheckFact>> FactsAsync(ILoggerProvider? log, params (string Name, string Value)[] settings)
    {
        await using var services = Services(log, settings);
        return (await services.GetRequiredService<Checkup>().RunAsync(None)).ToDictionary(fact => fact.Check);
    }

    // What the last one wrote for a name holds.
    private ServiceProvider Services(ILoggerProvider? log, (string Name, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging =>
        {
            logging.SetMinimumLevel(LogLevel.Trace);
            if (log is not null)
                logging.AddProvider(log);
        });
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddBackOffice(_folder.Settings([.. settings.GroupBy(one => one.Name).Select(one => one.Last())]));
        return services.BuildServiceProvider();
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
