using System.Globalization;
using System.Text.Json;
using BackOffice.Data.Engine;
using BackOffice.Data.Usage;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Jobs.Usage;
using BackOffice.Web.Tests.Integrations;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Usage;

/// <summary>A shop without a web host that reads usage from a console, on a clock whose waits are short.</summary>
internal sealed class UsageOffice : IAsyncDisposable
{
    public static readonly DateTime Now = new(2026, 11, 23, 4, 0, 0, DateTimeKind.Utc);

    private readonly ServiceProvider _services;

    public UsageOffice(params (string Name, string Value)[] settings) : this(ShopFolder.Migrated(), settings)
    {
    }

    public UsageOffice(ShopFolder folder, params (string Name, string Value)[] settings) =>
        (Folder, _services) = (folder, folder.Services(Clock, [.. settings, ("Console:UsageFrom", "2026-11-01")]));

    public ShopFolder Folder { get; }

    public ImpatientClock Clock { get; } = new(Now);

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>The settings of a console over its API, whose flavour is known.</summary>
    public static (string, string)[] Of(StandInConsole console, ConsoleFlavour flavour) => [.. console.Settings, ("Console:Flavour", flavour == ConsoleFlavour.NewApi ? "new_api" : "one_api")];

    /// <summary>Reads the console as the hour does.</summary>
    public async Task<UsagePullRow> PullAsync(CancellationToken? token = null)
    {
        await Get<UsagePullJob>().RunHourlyAsync(token ?? TestContext.Current.CancellationToken);
        return (await Get<UsagePullStore>().FindAsync(UsagePullJob.Console, CancellationToken.None))!;
    }

    /// <summary>Takes rows in as a file of them is.</summary>
    public async Task ImportAsync(IEnumerable<Dictionary<string, object?>> rows, string flavour)
    {
        var file = Path.Combine(Folder.Path, Path.GetRandomFileName());
        await File.WriteAllLinesAsync(file, rows.Select(row => JsonSerializer.Serialize(row)));
        var import = await Get<ImportDesk>().TakeFileAsync("usage", file, "take", false, "system", UsageOptions.Of(flavour, null).Text(), CancellationToken.None);
        await Get<ImportJob>().RunAsync(import.Id, CancellationToken.None);
    }

    /// <summary>What came of it: records and both sums, without when and as which number.</summary>
    public static List<string> Figures(ShopFolder folder) =>
    [
        .. ShopRows.Of(folder, """
            SELECT 'record', R.ExternalId, R.OccurredAt, R.Quarter, N.ConsoleName, N.UpstreamName, N.Channel, K.Reference, R.UncachedInput, R.CacheRead, R.CacheWrite5m, R.CacheWrite1h, R.OutputTokens, R.ChargedQuota, R.Flags
            FROM UsageRecords R JOIN UsageNames N ON N.Id = R.NamesId JOIN UsageKeys K ON K.Id = R.KeyId
            """),
        .. ShopRows.Of(folder, "SELECT 'sum', R.Quarter, N.ConsoleName, N.UpstreamName, N.Channel, R.Records, R.UncachedInput, R.CacheRead, R.OutputTokens, R.ChargedQuota FROM UsageRollups R JOIN UsageNames N ON N.Id = R.NamesId"),
        .. ShopRows.Of(folder, "SELECT 'key', D.Day, K.Reference, N.ConsoleName, N.UpstreamName, N.Channel, D.Charged, D.Records, D.UncachedInput, D.OutputTokens, D.ChargedQuota, D.Refunds, D.RefundedQuota FROM KeyRollups D JOIN UsageNames N ON N.Id = D.NamesId JOIN UsageKeys K ON K.Id = D.KeyId"),
        .. ShopRows.Of(folder, "SELECT 'aside', Kind, State, ExternalId, Code, Field FROM UsageAsides"),
    ];

    /// <summary>Rows of a log, some of them no usage, refunds, and such as cannot be read.</summary>
    public static List<Dictionary<string, object?>> Rows(int count, ConsoleFlavour flavour, int first = 1, DateTime? from = null, int secondsApart = 600) => [.. Enumerable.Range(first, count).Select(id =>
    {
        var row = new Dictionary<string, object?>
        {
            ["id"] = (long)id,
            ["user_id"] = 7,
            ["created_at"] = ConsoleRules.Seconds((from ?? new DateTime(2026, 11, 2, 0, 0, 0, DateTimeKind.Utc)).AddSeconds((long)id * secondsApart)),
            ["type"] = id % 17 == 0 ? 1 : id % 23 == 0 ? 6 : 2,
            ["content"] = "模型倍率 0.5",
            ["username"] = "u" + id.ToString(CultureInfo.InvariantCulture),
            ["token_name"] = "k" + (id % 5).ToString(CultureInfo.InvariantCulture),
            ["model_name"] = id % 3 == 0 ? "deepseek-reasoner" : "deepseek-chat",
            ["quota"] = id,
            ["prompt_tokens"] = 100 + id,
            ["completion_tokens"] = id % 41 == 0 ? -1 : id,
            ["channel"] = 3,
            ["is_stream"] = true,
        };
        if (flavour == ConsoleFlavour.NewApi)
        {
            row["token_id"] = 90 + id % 5;
            row["other"] = id % 43 == 0 ? "{" : JsonSerializer.Serialize(new { cache_tokens = id % 50, upstream_model_name = "<flash>", model_ratio = 0.5 });
        }
        return row;
    })];

    public async ValueTask DisposeAsync()
    {
        await Get<Database>().DisposeAsync();
        await _services.DisposeAsync();
        Folder.Dispose();
    }
}

/// <summary>A clock that goes on as time does from a moment, but waits a fiftieth of what it is asked to.</summary>
internal sealed class ImpatientClock(DateTime start) : TimeProvider
{
    private const int Haste = 50;

    private TimeSpan _ahead = start - System.GetUtcNow().UtcDateTime;

    public void MoveTo(DateTime instant) => _ahead = instant - System.GetUtcNow().UtcDateTime;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Haste : dueTime, period > TimeSpan.Zero ? period / Haste : period);
}
