using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Usage;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Integrations.OneApi;
using Hangfire;

namespace BackOffice.Jobs.Usage;

/// <summary>
/// Reads usage from the console, hourly: over its database from the last row that is known, or over its API, a stretch of time after the other. What was read wholly is remembered, and
/// whatever was not is read again, from a little before; a record that comes again changes nothing. So it may be killed anywhere.
/// </summary>
public sealed class UsagePullJob(Database database, UsagePullStore store, ConsoleClient console, ConsoleDatabase logs, Work work, Settings settings)
{
    /// <summary>The name of the row.</summary>
    public const string Console = "console";

    private const int Consume = 2;
    private const int Refund = 6;
    private const int Portion = 1_000; // rows in hand
    private const int LogPage = 5_000; // rows of one short transaction in the console's database

    // The console writes a row after the time that stands in it; and at one moment not two rows more may come.
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    // Clocks differ; what lies further ahead is put aside, and must not keep the others back.
    private static readonly TimeSpan FarAhead = TimeSpan.FromDays(1);

    private static readonly TimeSpan FirstSpan = TimeSpan.FromHours(1);
    private static readonly TimeSpan LeastSpan = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan MostSpan = TimeSpan.FromDays(8);

    /// <summary>Whether there is a console to read from, and it is wanted.</summary>
    public bool IsOn => settings.Console.UsageBy is not null;

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    [DisableConcurrentExecution(60)]
    public async Task RunHourlyAsync(CancellationToken token)
    {
        if (IsOn)
            await RunAsync(await store.AskAsync(Console, "system", token).ConfigureAwait(false), token).ConfigureAwait(false);
    }

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => UsagePullStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var row = await store.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(UsagePullStore.Queue, id, new WorkName("usage_pull", row.Number), row.Attempts, stop => ReadAsync(id, stop), token).ConfigureAwait(false);
    }

    private async Task ReadAsync(Guid id, CancellationToken token)
    {
        var way = settings.Console.UsageBy ?? throw new RefusedException(new Refusal("ConsoleNotSet", "", "Console:BaseUrl"));
        var now = database.Clock.UtcNow();
        var flavour = settings.Console.Flavour ?? await (way == UsageWay.Database ? logs.LogFlavourAsync(token) : console.FlavourAsync(token)).ConfigureAwait(false);
        var name = settings.Console.SourceName ?? (flavour == ConsoleFlavour.NewApi ? UsageOptions.NewApi : UsageOptions.OneApi);
        var intake = await UsageIntake.StartAsync(database, name, settings.Business, token).ConfigureAwait(false);
        await store.BeginAsync(id, intake.Source, way == UsageWay.Database ? "database" : "api", token).ConfigureAwait(false);
        var windows = await store.WindowsAsync(intake.Source, token).ConfigureAwait(false);
        var reading = new Reading(database, store, id, intake, flavour, now, token);
        if (way == UsageWay.Database)
            await FromDatabaseAsync(reading, windows).ConfigureAwait(false);
        else
            await FromApiAsync(reading, windows).ConfigureAwait(false);
    }

    private async Task FromApiAsync(Reading reading, List<UsageWindow> windows)
    {
        var all = new UsageWindow(FirstOf(windows, reading.Now), reading.Until);
        var span = FirstSpan;
        foreach (var gap in all.Without(windows))
        {
            for (var from = gap.FromAt; from < gap.UntilAt;)
            {
                var until = from + span < gap.UntilAt ? from + span : gap.UntilAt;
                var rows = await FromApiAsync(reading, new UsageWindow(from - Overlap, until)).ConfigureAwait(false);
                await store.AddWindowAsync(reading.Intake.Source, new UsageWindow(from, until), reading.Token).ConfigureAwait(false);
                span = NextSpan(span, rows);
                from = until;
            }
        }
        await store.FinishAsync(reading.Id, reading.Intake.Source, all, reading.Token).ConfigureAwait(false);
    }

    // A quiet time is read in few calls, a busy one in stretches that are not lost when something goes wrong.
    private static TimeSpan NextSpan(TimeSpan span, long rows) =>
        rows <= Portion / 2 && span < MostSpan ? span * 2 : rows > 10 * Portion && span > LeastSpan ? span / 2 : span;

    private async Task<long> FromApiAsync(Reading reading, UsageWindow window)
    {
        var read = 0L;
        var inHand = new List<ConsoleLogRow>(Portion);
        foreach (var type in reading.Flavour == ConsoleFlavour.NewApi ? [Consume, Refund] : new[] { Consume })
        {
            await foreach (var row in console.LogsAsync(type, window.FromAt, window.UntilAt, reading.Token).ConfigureAwait(false))
            {
                inHand.Add(row);
                read++;
                if (inHand.Count < Portion)
                    continue;
                await reading.TakeAsync(inHand, null).ConfigureAwait(false);
                inHand.Clear();
            }
        }
        await reading.TakeAsync(inHand, null).ConfigureAwait(false);
        return read;
    }

    private async Task FromDatabaseAsync(Reading reading, List<UsageWindow> windows)
    {
        var row = await store.GetAsync(reading.Id, reading.Token).ConfigureAwait(false);
        var start = windows.Count > 0 ? windows[^1].UntilAt : FirstOf(windows, reading.Now);
        // A log that ends before the place we know is another one, or was put back from a copy.
        var last = row.LastId is { } known && await logs.LastLogAsync(reading.Token).ConfigureAwait(false) >= known
            ? known
            : await logs.LogBeforeAsync(start - Overlap, reading.Token).ConfigureAwait(false);
        for (var isOver = false; !isOver;)
        {
            var page = await logs.ReadLogsAsync(last, reading.Flavour, LogPage, reading.Token).ConfigureAwait(false);
            // In the order of their numbers, and not past one that is too young: a transaction with a lower number may still be open.
            var ready = page.TakeWhile(one => one.CreatedAt is not { } at || at < ConsoleRules.Seconds(reading.Until) || at > ConsoleRules.Seconds(reading.Now + FarAhead)).ToList();
            isOver = ready.Count < LogPage;
            last = ready.Count > 0 ? ready[^1].Id!.Value : last;
            await reading.TakeAsync(ready, last).ConfigureAwait(false);
        }
        await store.FinishAsync(reading.Id, reading.Intake.Source, new UsageWindow(start, reading.Until), reading.Token).ConfigureAwait(false);
    }

    // The first time: the last month, which is settled next. What is older comes as a file, or by the setting.
    private DateTime FirstOf(List<UsageWindow> windows, DateTime now)
    {
        var set = settings.Console.UsageFrom is { } day ? settings.Business.StartOf(day) : (DateTime?)null;
        if (windows.Count > 0)
            return set < windows[0].FromAt ? set.Value : windows[0].FromAt;
        var today = settings.Business.DayOf(now);
        return set ?? settings.Business.StartOf(new DateOnly(today.Year, today.Month, 1).AddMonths(-1));
    }

    /// <summary>One time of reading.</summary>
    private sealed class Reading
    {
        private readonly UsagePullStore _store;
        private readonly Taking<UsageRecord> _taking;
        private long? _lastId;

        public Reading(Database database, UsagePullStore store, Guid id, UsageIntake intake, ConsoleFlavour flavour, DateTime now, CancellationToken token)
        {
            (_store, Id, Intake, Flavour, Now, Token) = (store, id, intake, flavour, now, token);
            Until = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)) - Lag;
            // The place in the console's log moves when all rows before it are in.
            _taking = new(database, intake, "system", null, (session, portions, stop) => UsagePullStore.NoteAsync(session, id, portions.Progress(), portions.IsDone ? _lastId : null, stop));
        }

        public Guid Id { get; }

        public UsageIntake Intake { get; }

        public ConsoleFlavour Flavour { get; }

        public DateTime Now { get; }

        public DateTime Until { get; }

        public CancellationToken Token { get; }

        /// <summary>Takes rows in.</summary>
        /// <param name="rows">The rows.</param>
        /// <param name="lastId">The place in the console's log after them; null over the API.</param>
        public async Task TakeAsync(List<ConsoleLogRow> rows, long? lastId)
        {
            _lastId = lastId;
            var file = new LogRows(rows, Flavour == ConsoleFlavour.NewApi, Now);
            if (Slice<UsageRecord>.Read(file, int.MaxValue) is { } slice)
                await _taking.TakeAsync(slice, Token).ConfigureAwait(false);
            else if (lastId is not null && rows.Count > 0)
                await _store.NoteAsync(Id, lastId, Token).ConfigureAwait(false);
        }
    }
}
