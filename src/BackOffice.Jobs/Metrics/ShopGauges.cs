using System.Diagnostics.Metrics;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Jobs.Nights;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Jobs.Metrics;

/// <summary>What is read from the database when somebody asks, and only then: queues, and how long ago each night ended well.</summary>
internal sealed class ShopGauges : IDisposable
{
    // However many ask.
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(5);

    private readonly Meter _meter = new(Measures.Name);
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly IServiceProvider _services;
    private readonly TimeProvider _clock;
    private List<QueueLength> _queues = [];
    private List<(string Night, DateTime At)> _nights = [];
    private DateTime _readAt;

    public ShopGauges(IServiceProvider services, TimeProvider clock)
    {
        (_services, _clock) = (services, clock);
        _meter.CreateObservableGauge("backoffice.queue.length", () => _queues.Select(queue => new Measurement<long>(queue.Waiting, Tag("queue", queue.Queue))), null, "What waits or runs.");
        _meter.CreateObservableGauge("backoffice.queue.oldest.age", () => _queues.Select(queue => new Measurement<double>(Age(queue), Tag("queue", queue.Queue))), "s", "Age of the oldest of it.");
        _meter.CreateObservableGauge("backoffice.night.last.success", () => _nights.Select(night => new Measurement<double>(Seconds(night.At), Tag("night", night.Night))), "s", "When it last ended well, since 1970.");
    }

    public async Task RefreshAsync(CancellationToken token)
    {
        await _one.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (_clock.UtcNow() < _readAt + Holds)
                return;
            _queues = await _services.GetRequiredService<WorkQueries>().ListQueuesAsync(token).ConfigureAwait(false);
            _nights = await NightsAsync(token).ConfigureAwait(false);
            _readAt = _clock.UtcNow();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        _one.Dispose();
    }

    private async Task<List<(string, DateTime)>> NightsAsync(CancellationToken token)
    {
        var runs = _services.GetRequiredService<JobRunQueries>();
        var ended = new List<(string, DateTime)>();
        await using var scope = _services.CreateAsyncScope();
        foreach (var night in scope.ServiceProvider.GetServices<Night>().Where(night => night.IsOn))
        {
            if (await runs.FindNewestDoneAsync(night.Name, token).ConfigureAwait(false) is { EndedAt: { } at })
                ended.Add((night.Name, at));
        }
        return ended;
    }

    private double Age(QueueLength queue) => queue.OldestAt is { } at ? Math.Max(0, (_readAt - at).TotalSeconds) : 0;

    private static double Seconds(DateTime at) => (at - DateTime.UnixEpoch).TotalSeconds;

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
