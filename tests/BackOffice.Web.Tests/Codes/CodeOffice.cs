using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Codes;
using Microsoft.Extensions.DependencyInjection;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Web.Tests.Codes;

/// <summary>A shop without a web host that issues codes, on a clock that runs fifty times as fast.</summary>
internal sealed class CodeOffice : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public CodeOffice(params (string Name, string Value)[] settings) => _services = Folder.Services(new HastyClock(), settings);

    public ShopFolder Folder { get; } = ShopFolder.Migrated();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public static BatchRequest Wanted(long count, PublishWay way = PublishWay.Script, CodeFormat format = CodeFormat.Console) =>
        new(Ids.New(TimeProvider.System.UtcNow()), "trial", 1, count, format, "", way, "For tests", null);

    /// <summary>Asks for a batch and lets the job make it; the job's own failure is the caller's.</summary>
    public async Task<BatchRow> MakeAsync(BatchRequest wanted)
    {
        var batch = await Get<BatchDesk>().RequestAsync(wanted, "mara@example.com", TestContext.Current.CancellationToken);
        await Get<BatchJob>().RunAsync(batch.Id, TestContext.Current.CancellationToken);
        return await Get<BatchQueries>().GetAsync(batch.Id);
    }

    /// <summary>Does the tasks of a batch, or a list's, that wait.</summary>
    public async Task DoTasksAsync()
    {
        while (await Get<Database>().WriteAsync(WriteRank.Job, session => CodeTaskStore.Queue.TakeWaitingAsync(session)) is { Count: > 0 } waiting)
        {
            foreach (var id in waiting)
                await Get<CodeTaskJob>().RunAsync(id, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Every code of a batch in its order, opened.</summary>
    public async Task<List<string>> OpenAsync(BatchRow batch)
    {
        using var sealer = await Get<VaultOfSecrets>().CodeSealerAsync(batch.Id, batch.WrappedKey!);
        var rows = await Get<ConsoleCodeQueries>().OfBatchAsync(batch.Number, 0, int.MaxValue);
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(row => row.Sequence));
        return [.. rows.Select(row => sealer.Open(row.Sequence, row.Cipher))];
    }

    public async ValueTask DisposeAsync()
    {
        await Get<Database>().DisposeAsync();
        await _services.DisposeAsync();
        Folder.Dispose();
    }

    private sealed class HastyClock : TimeProvider
    {
        private const int Haste = 50;

        private readonly DateTimeOffset _start = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _start + (System.GetUtcNow() - _start) * Haste;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Haste : dueTime, period > TimeSpan.Zero ? period / Haste : period);
    }
}
