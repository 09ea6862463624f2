using System.Globalization;
using System.Text.Json;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Rates;

/// <summary>
/// Rates as people change them (settlement rules 2, 3 and 5): each method is one act in one transaction, with its audit row. A row is added or given its end, never
/// changed; holidays and channels come and go. All who write rates hold one counter first, and so does an approval: no two rows come to hold together, and none ends that is just being used.
/// </summary>
public sealed class RateStore(Database database)
{
    private const string Counter = "Rates";

    /// <summary>Adds a row; ends those before it where it begins, if that is wanted.</summary>
    /// <param name="table">Its kind.</param>
    /// <param name="wish">The row; its upstream is known.</param>
    /// <param name="makesRoom">Rows about the same that began before and have no end end where this one begins.</param>
    /// <param name="reason">Where it is from, at most 200 characters.</param>
    /// <param name="by">Who.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It would hold together with another row, is not on quarter-hours, a row was used after its end, or it would send elsewhere what is counted (fields as in files).</exception>
    public Task AddAsync(RateTable table, DatedRow wish, bool makesRoom, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await HoldAsync(session, token).ConfigureAwait(false);
            Require(RateRules.Validity(wish.ValidFrom, wish.ValidUntil));
            var counted = await CountedAsync(session, wish, token).ConfigureAwait(false);
            var rows = (await table.ListAsync(session, table.GroupOf(wish), token).ConfigureAwait(false)).ConvertAll(kept => kept.Row);
            var ended = makesRoom ? RateRules.MakeRoom(wish, rows).ToList() : [];
            foreach (var row in ended)
            {
                var used = await table.UsedUntilAsync(session, row, token).ConfigureAwait(false);
                Require(RateRules.Close(row.ValidFrom, row.ValidUntil, wish.ValidFrom!.Value, used) is { } refusal ? refusal with { Field = "valid_from" } : null);
                await table.CloseAsync(session, row, wish.ValidFrom.Value, token).ConfigureAwait(false);
            }
            Require(RateRules.Conflict(wish, rows.Except(ended)));
            if (wish is PriceRow price)
                await UpstreamStore.TellCurrencyAsync(session, price.Upstream, price.Currency, by, token).ConfigureAwait(false);
            var number = await table.InsertAsync(session, wish, reason, by, token).ConfigureAwait(false);
            await RequireUnmovedAsync(session, counted, wish, wish.ValidFrom, "valid_from", token).ConfigureAwait(false);
            var act = new AuditAct
            {
                Who = by,
                Action = AuditActions.RateAdded,
                Subject = table.SubjectOf(wish),
                Reason = reason,
                After = table.FactsOf(wish),
                Details = new { Row = number == 0 ? table.KeyOf(wish) : number.ToString(CultureInfo.InvariantCulture), EndedRows = ended.Select(table.KeyOf) },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    /// <summary>Sets the end of a row that has none.</summary>
    /// <param name="table">Its kind.</param>
    /// <param name="group">The upstream whose it is; null where rows are nobody's.</param>
    /// <param name="key">Which row.</param>
    /// <param name="until">First instant at which it does not hold, UTC.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It has an end, would end before it begins, an approved settlement used it later, or usage that is counted would go elsewhere (field <c>valid_until</c>).</exception>
    public Task EndAsync(RateTable table, string? group, string key, DateTime until, string reason, string by, CancellationToken token = default) =>
        EndAsync(table, group, key, AuditActions.RateEnded, reason, by, (row, used) => (until, RateRules.Close(row.ValidFrom, row.ValidUntil, until, used)), token);

    /// <summary>Withdraws a row that was a slip: it ends where it begins, so that it never held, and stays on record.</summary>
    /// <param name="table">Its kind, one whose rows may be withdrawn.</param>
    /// <param name="group">The upstream whose it is; null where rows are nobody's.</param>
    /// <param name="key">Which row; it has a beginning.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It has an end, an approved settlement used it, or usage that is counted would go elsewhere (field <c>valid_until</c>).</exception>
    /// <exception cref="ArgumentException">Such a row is not withdrawn, but ended.</exception>
    public Task WithdrawAsync(RateTable table, string? group, string key, string reason, string by, CancellationToken token = default) =>
        EndAsync(
            table, group, key, AuditActions.RateWithdrawn, reason, by,
            (row, used) => table.MayWithdraw && row.ValidFrom is { } from ? (from, RateRules.Withdraw(from, row.ValidUntil, used)) : throw new ArgumentException("Such a row is ended.", nameof(key)), token);

    private Task EndAsync(
        RateTable table, string? group, string key, string action, string reason, string by, Func<DatedRow, DateTime?, (DateTime Until, Refusal? Refusal)> endOf, CancellationToken token) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await HoldAsync(session, token).ConfigureAwait(false);
            var row = (await table.ListAsync(session, group, token).ConfigureAwait(false)).Single(kept => kept.Key == key).Row;
            var (until, refusal) = endOf(row, await table.UsedUntilAsync(session, row, token).ConfigureAwait(false));
            Require(refusal);
            var counted = await CountedAsync(session, row, token).ConfigureAwait(false);
            await table.CloseAsync(session, row, until, token).ConfigureAwait(false);
            await RequireUnmovedAsync(session, counted, row, until, "valid_until", token).ConfigureAwait(false);
            var act = new AuditAct
            {
                Who = by,
                Action = action,
                Subject = table.SubjectOf(row),
                Reason = reason,
                Before = table.FactsOf(row),
                After = table.FactsOf(row with { ValidUntil = until }),
                Details = new { Row = key },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    /// <summary>
    /// Makes an upstream known, with what it bills in since ever. One that a record or a mapping named before, of which nothing is settled yet, gets its currency and the
    /// zone of its months so.
    /// </summary>
    /// <exception cref="RefusedException">There is one of that name with a currency, or of which a month is approved (field <c>upstream</c>).</exception>
    public Task AddUpstreamAsync(string upstream, string currency, string zone, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await HoldAsync(session, token).ConfigureAwait(false);
            var isNew = await UpstreamStore.EnsureAsync(session, upstream, null, zone, by, token).ConfigureAwait(false);
            var before = isNew || await CurrencyTable.LastApprovedAsync(session, upstream, token).ConfigureAwait(false) is not null
                ? null : await UpstreamStore.SetZoneAsync(session, upstream, zone, token).ConfigureAwait(false);
            if (!isNew && before is null)
                throw new RefusedException(new Refusal("UpstreamExists", "upstream", upstream));
            await UpstreamStore.TellCurrencyAsync(session, upstream, currency, by, token).ConfigureAwait(false);
            var act = new AuditAct { Who = by, Action = AuditActions.UpstreamAdded, Subject = AuditSubject.Of("upstream", upstream), Reason = reason, Before = isNew ? null : new { TimeZone = before }, After = new { Currency = currency, TimeZone = zone } };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    /// <summary>Makes local days of an upstream's calendars wholly off-peak; those that are it already stay as they are.</summary>
    /// <returns>How many days were not holidays before.</returns>
    public Task<int> AddHolidaysAsync(string upstream, IReadOnlyCollection<DateOnly> days, string origin, string by, CancellationToken token = default) =>
        ChangeHolidaysAsync(
            upstream, days, AuditActions.HolidaysAdded, origin, by, (session, day) => session.ExecuteAsync(InsertHoliday, new NewHoliday(upstream, day, origin, session.At, by), token), token);

    /// <summary>Makes holidays of an upstream days like others again; what was approved keeps to what was known then.</summary>
    /// <returns>How many days were holidays.</returns>
    public Task<int> RemoveHolidaysAsync(string upstream, IReadOnlyCollection<DateOnly> days, string reason, string by, CancellationToken token = default) =>
        ChangeHolidaysAsync(upstream, days, AuditActions.HolidaysRemoved, reason, by, (session, day) => session.ExecuteAsync(DeleteHoliday, new Holiday(upstream, day), token), token);

    private Task<int> ChangeHolidaysAsync(
        string upstream, IReadOnlyCollection<DateOnly> days, string action, string reason, string by, Func<WriteSession, DateOnly, Task<int>> change, CancellationToken token) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await HoldAsync(session, token).ConfigureAwait(false);
            var changed = new List<DateOnly>();
            foreach (var day in days.Order())
            {
                if (await change(session, day).ConfigureAwait(false) > 0)
                    changed.Add(day);
            }
            if (changed.Count == 0)
                return 0;
            var act = new AuditAct
            {
                Who = by,
                Action = action,
                Subject = AuditSubject.Of("upstream", upstream),
                Reason = reason,
                Details = new { Days = changed.Select(day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
            return changed.Count;
        }, token);

    /// <summary>Says whose the calls of a console's channel are, from an instant on; what was said of later ones is forgotten.</summary>
    /// <param name="source">The console, by name.</param>
    /// <param name="channel">The channel's id there.</param>
    /// <param name="upstream">The upstream; null for none.</param>
    /// <param name="from">From when on, UTC, on a whole quarter-hour; null: since ever.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">Console or upstream is not known, it is so already, or usage that is counted would go elsewhere (field <c>valid_from</c>).</exception>
    public Task SetChannelAsync(string source, string channel, string? upstream, DateTime? from, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await HoldAsync(session, token).ConfigureAwait(false);
            Require(RateRules.Validity(from, null));
            var id = await session.FindAsync<int?>(UsageSources.FindSource, new UsageSources.ByName(source), token).ConfigureAwait(false)
                ?? throw new RefusedException(new Refusal("ConsoleUnknown", "console", source));
            if (upstream is not null && await session.FindAsync<string>(FindUpstream, new RateTable.OfUpstream(upstream), token).ConfigureAwait(false) is null)
                throw new RefusedException(new Refusal("UpstreamUnknown", "upstream", upstream));
            var quarter = from is { } instant ? checked((int)Math.Max(Quarters.Of(instant), 0)) : 0;
            var rows = await session.ListAsync<ChannelRow>(ListOwners, new ChannelPlace(id, channel), token).ConfigureAwait(false);
            var earlier = rows.LastOrDefault(row => row.FromQuarter < quarter)?.Upstream;
            var before = rows.LastOrDefault(row => row.FromQuarter <= quarter)?.Upstream;
            if (before == upstream && rows.TrueForAll(row => row.FromQuarter <= quarter))
                throw new RefusedException(new Refusal("ChannelIsSo", "upstream"));
            var counted = await CountedUsage.ReadAsync(session, token).ConfigureAwait(false);
            await session.ExecuteAsync(DeleteOwners, new ChannelFrom(id, channel, quarter), token).ConfigureAwait(false);
            if (upstream != earlier)
                await session.ExecuteAsync(InsertOwner, new NewOwner(id, channel, quarter, upstream, session.At, by), token).ConfigureAwait(false);
            if (counted is not null)
                Require(await counted.WhyMovedAsync(session, names => names.Source == source && names.Channel?.Trim() == channel, from, "valid_from", token).ConfigureAwait(false));
            var act = new AuditAct
            {
                Who = by,
                Action = AuditActions.ChannelSet,
                Subject = AuditSubject.Of("console-channel", $"{source}/{channel}"),
                Reason = reason,
                Before = new { Upstream = before },
                After = new { Upstream = upstream, ValidFrom = from },
                Details = new { Forgotten = rows.Where(row => row.FromQuarter > quarter).Select(row => $"{row.Upstream ?? "-"} {row.ValidFrom:yyyy-MM-dd'T'HH:mm'Z'}") },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    /// <summary>What taking the starting set over would do, row by row.</summary>
    public Task<List<StartingChange>> StartingSetAsync(CancellationToken token = default) => database.ReadAsync(session => JudgeStartingSetAsync(session, token), token);

    /// <summary>Adds the rows of the starting set that are not there and overlap nothing; the others are left as they are.</summary>
    /// <returns>What was done, row by row.</returns>
    public Task<List<StartingChange>> TakeStartingSetAsync(string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            await HoldAsync(session, token).ConfigureAwait(false);
            var changes = await JudgeStartingSetAsync(session, token).ConfigureAwait(false);
            foreach (var (row, table, _, _) in changes.Where(change => change.Adds))
                await table.InsertAsync(session, row.Row, row.Origin, by, token).ConfigureAwait(false);
            var added = changes.Where(change => change.Adds).Select(change => JsonSerializer.Serialize(change.Table.FactsOf(change.Row.Row))).ToList();
            if (added.Count == 0)
                return changes;
            var act = new AuditAct
            {
                Who = by,
                Action = AuditActions.StartingSetTaken,
                Subject = AuditSubject.Of("upstream", "deepseek"),
                Details = new { Added = added.Count, LeftOut = changes.Count - added.Count, ListHash = AuditLog.HashOf(added) },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
            return changes;
        }, token);

    /// <summary>Nobody else writes rates or approves a settlement until the transaction ends: what is read afterwards stays as it is read. First thing in a transaction, or after the era of usage.</summary>
    internal static Task HoldAsync(WriteSession session, CancellationToken token) => session.NextNumberAsync(Counter, token);

    private static async Task<List<StartingChange>> JudgeStartingSetAsync(Session session, CancellationToken token)
    {
        var changes = new List<StartingChange>();
        var counted = await CountedUsage.ReadAsync(session, token).ConfigureAwait(false);
        foreach (var table in new[] { RateTables.Prices, RateTables.Mappings })
        {
            var mine = StartingRates.All.Where(row => (row.Row is PriceRow) == (table == RateTables.Prices)).ToList();
            var stored = (await table.ListAsync(session, table.GroupOf(mine[0].Row), token).ConfigureAwait(false)).ConvertAll(kept => kept.Row);
            foreach (var row in mine)
            {
                // An end that a person set stays, and one that a person did not set is not set here.
                var refusal = RateRules.Judge(row.Row, stored, _ => null, out var change, out _);
                if (refusal is null && change == RowChange.Add && counted is not null && row.Row is MappingRow mapping)
                    refusal = await counted.WhyNotAsync(session, mapping, false, token).ConfigureAwait(false);
                changes.Add(new StartingChange(row, table, refusal is null && change == RowChange.Add, change == RowChange.Add ? refusal : null));
            }
        }
        return changes;
    }

    private static async Task<CountedUsage?> CountedAsync(Session session, DatedRow row, CancellationToken token) =>
        row is MappingRow ? await CountedUsage.ReadAsync(session, token).ConfigureAwait(false) : null;

    private static async Task RequireUnmovedAsync(Session session, CountedUsage? counted, DatedRow row, DateTime? from, string field, CancellationToken token)
    {
        if (counted is not null && row is MappingRow mapping)
            Require(await counted.WhyMovedAsync(session, names => RateRules.Concerns(mapping, names), from, field, token).ConfigureAwait(false));
    }

    private static void Require(Refusal? refusal)
    {
        if (refusal is not null)
            throw new RefusedException(refusal);
    }

    /// <summary>A holiday to be stored.</summary>
    public sealed record NewHoliday(string Upstream, DateOnly Day, string Origin, DateTime RecordedAt, string RecordedBy);

    /// <summary>A holiday of an upstream.</summary>
    public sealed record Holiday(string Upstream, DateOnly Day);

    /// <summary>A channel of a console.</summary>
    public sealed record ChannelPlace(int Source, string Channel);

    /// <summary>A channel of a console from a quarter-hour on.</summary>
    public sealed record ChannelFrom(int Source, string Channel, int From);

    /// <summary>Whose a channel is, to be stored.</summary>
    public sealed record NewOwner(int Source, string Channel, int From, string? Upstream, DateTime RecordedAt, string RecordedBy);

    /// <summary>An upstream by its name.</summary>
    public static readonly Sql<RateTable.OfUpstream> FindUpstream = new("SELECT Name FROM Upstreams WHERE Name = @Upstream");

    /// <summary>A new holiday, if it is one.</summary>
    public static readonly Sql<NewHoliday> InsertHoliday = new("""
        INSERT INTO CalendarHolidays (Upstream, Day, Origin, RecordedAt, RecordedBy)
        SELECT @Upstream, @Day, @Origin, @RecordedAt, @RecordedBy
        WHERE NOT EXISTS (SELECT 1 FROM CalendarHolidays WHERE Upstream = @Upstream AND Day = @Day)
        """);

    /// <summary>A day is no holiday any more.</summary>
    public static readonly Sql<Holiday> DeleteHoliday = new("DELETE FROM CalendarHolidays WHERE Upstream = @Upstream AND Day = @Day");

    /// <summary>Whose a channel is, from when on.</summary>
    public static readonly Sql<ChannelPlace> ListOwners = new("SELECT Upstream, FromQuarter FROM ChannelOwners WHERE SourceId = @Source AND Channel = @Channel ORDER BY FromQuarter");

    /// <summary>What was said of a channel from then on.</summary>
    public static readonly Sql<ChannelFrom> DeleteOwners = new("DELETE FROM ChannelOwners WHERE SourceId = @Source AND Channel = @Channel AND FromQuarter >= @From");

    /// <summary>A channel is an upstream's, or nobody's.</summary>
    public static readonly Sql<NewOwner> InsertOwner = new("""
        INSERT INTO ChannelOwners (SourceId, Channel, FromQuarter, Upstream, RecordedAt, RecordedBy) VALUES (@Source, @Channel, @From, @Upstream, @RecordedAt, @RecordedBy)
        """);
}

/// <summary>What becomes of a row of the starting set.</summary>
/// <param name="Row">The row.</param>
/// <param name="Table">Its kind.</param>
/// <param name="Adds">It is added.</param>
/// <param name="Refusal">Why it is left out: the row it would overlap, or that a person withdrew it; null where it is added or there already.</param>
public sealed record StartingChange(StartingRow Row, RateTable Table, bool Adds, Refusal? Refusal);
