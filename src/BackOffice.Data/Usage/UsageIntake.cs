using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>
/// Takes records of usage in (settlement rules 1): keyed by console and id. The same content again is a repeat; other content is put aside, and stops the
/// approval of its month until a person keeps the first or replaces it. Sums are kept in the same transactions.
/// </summary>
public sealed class UsageIntake : Intake<UsageRecord>
{
    private readonly int _source;
    private readonly BusinessTime _business;
    private readonly UsageSums _sums;
    private readonly Dictionary<UsageNameKey, int> _names = [];
    private readonly Dictionary<string, int> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _upstreams = new(StringComparer.Ordinal);
    private int? _era;

    private UsageIntake(int source, BusinessTime business)
    {
        _source = source;
        _business = business;
        _sums = new UsageSums();
    }

    /// <summary>For records of a console; one not known before is made known.</summary>
    /// <param name="database">Where to.</param>
    /// <param name="source">The console's name, 1 to 40 characters.</param>
    /// <param name="business">The shop's days, for the sums of keys.</param>
    /// <param name="token">To stop waiting.</param>
    public static async Task<UsageIntake> StartAsync(Database database, string source, BusinessTime business, CancellationToken token = default) =>
        new(await UsageSources.IdOfAsync(database, source, token).ConfigureAwait(false), business);

    /// <summary>The console's id.</summary>
    public int Source => _source;

    /// <summary>For one more record of a console that is known.</summary>
    internal static UsageIntake Resume(int source, BusinessTime business) => new(source, business);

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<UsageRecord> records, CancellationToken token)
    {
        await LearnAsync(session, records, token).ConfigureAwait(false);
        var stored = await session.ListAsync<StoredUsage>(FindRecords, new RecordKeys(_source, [.. records.Select(record => record.ExternalId)]), token).ConfigureAwait(false);
        var known = stored.ToDictionary(row => row.ExternalId, row => row, StringComparer.Ordinal);
        var outcomes = new Outcome[records.Count];
        var fresh = new Dictionary<string, UsageRecord>(StringComparer.Ordinal);
        var conflicts = 0;
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = Judge(records[i], known, fresh);
            conflicts += outcomes[i].Kind == OutcomeKind.PutAside ? 1 : 0;
        }
        if (conflicts > 0)
            await PassDecidedAsync(session, outcomes, token).ConfigureAwait(false);
        return outcomes;
    }

    /// <inheritdoc/>
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<UsageRecord> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var rows = new List<NewUsage>(records.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Kind != OutcomeKind.New)
                continue;
            _era ??= await UsageEra.HoldAsync(session, token).ConfigureAwait(false);
            var row = new NewUsage(_source, records[i], await NamesOfAsync(session, records[i], by, token).ConfigureAwait(false), await KeyOfAsync(session, records[i], token).ConfigureAwait(false), _era.Value, session.At);
            rows.Add(row);
            _sums.Add(row, _business.DayOf(records[i].OccurredAt));
        }
        await session.BulkInsertAsync(Table, rows, token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task FinishAsync(WriteSession session, Guid? import, IReadOnlyList<(long Ordinal, PutAside Aside)> asides, CancellationToken token)
    {
        await _sums.StoreAsync(session, token).ConfigureAwait(false);
        _era = null;
        await UsageAsideStore.AddAsync(session, _source, import, asides, token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Forget()
    {
        _sums.Forget();
        _names.Clear();
        _keys.Clear();
        _upstreams.Clear();
        _era = null;
    }

    private Outcome Judge(UsageRecord record, Dictionary<string, StoredUsage> known, Dictionary<string, UsageRecord> fresh)
    {
        if (known.TryGetValue(record.ExternalId, out var stored))
            return IsSame(record, stored) ? Outcome.Repeated : Conflict(record, stored.OccurredAt);
        if (fresh.TryAdd(record.ExternalId, record))
            return Outcome.New;
        return UsageContent.AreSame(record, fresh[record.ExternalId]) ? Outcome.Repeated : Conflict(record, fresh[record.ExternalId].OccurredAt);
    }

    private static Outcome Conflict(UsageRecord record, DateTime storedAt) =>
        Outcome.PutAside("UsageConflict", "id", record.ExternalId) with
        {
            Usage = new UsageAside(UsageContent.Fingerprint(record), record.ExternalId, record.OccurredAt, record, storedAt),
        };

    private bool IsSame(UsageRecord record, StoredUsage stored) =>
        stored.OccurredAt == record.OccurredAt && stored.Tokens == record.Tokens && UsageContent.ChargeOf(record.ChargedQuota, record.Flags) == UsageContent.ChargeOf(stored.ChargedQuota, (UsageFlags)stored.Flags)
        && (stored.Flags & (int)UsageFlags.Refund) == (int)(record.Flags & UsageFlags.Refund)
        && _names.TryGetValue(UsageNameKey.Of(record), out var names) && names == stored.NamesId
        && _keys.TryGetValue(KeyReferenceOf(record), out var key) && key == stored.KeyId;

    // A conflict that a person has decided asks nothing again.
    private async Task PassDecidedAsync(Session session, Outcome[] outcomes, CancellationToken token)
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Usage is { } aside && await UsageAsideStore.IsDecidedAsync(session, _source, aside.Fingerprint, token).ConfigureAwait(false))
                outcomes[i] = Outcome.Repeated;
        }
    }

    private async Task LearnAsync(Session session, IReadOnlyList<UsageRecord> records, CancellationToken token)
    {
        if (_names.Count == 0)
        {
            foreach (var row in await session.ListAsync<NamesRow>(ReadNames, new OfSource(_source), token).ConfigureAwait(false))
                _names[row.Key] = row.Id;
        }
        var unknown = records.Select(KeyReferenceOf).Where(key => !_keys.ContainsKey(key)).Distinct(StringComparer.Ordinal).ToList();
        if (unknown.Count == 0)
            return;
        foreach (var row in await session.ListAsync<KeyRow>(FindKeys, new KeyReferences(_source, unknown), token).ConfigureAwait(false))
            _keys[row.Reference] = row.Id;
    }

    internal async Task<int> NamesOfAsync(WriteSession session, UsageRecord record, string by, CancellationToken token)
    {
        await LearnAsync(session, [record], token).ConfigureAwait(false);
        var key = UsageNameKey.Of(record);
        if (key.Upstream.Length > 0)
            await KnowAsync(session, key.Upstream, by, token).ConfigureAwait(false);
        if (_names.TryGetValue(key, out var id))
            return id;
        id = checked((int)await session.NextNumberAsync("UsageNames", token).ConfigureAwait(false));
        await session.ExecuteAsync(InsertNames, new NewNames(id, _source, key.Upstream, key.ConsoleName, key.UpstreamName, key.Channel, session.At), token).ConfigureAwait(false);
        return _names[key] = id;
    }

    // Its tokens stand on a settlement of its own, without a price, where somebody sees them.
    private async Task KnowAsync(WriteSession session, string upstream, string by, CancellationToken token)
    {
        if (!_upstreams.Add(upstream) || await session.FindAsync<string>(RateStore.FindUpstream, new RateTable.OfUpstream(upstream), token).ConfigureAwait(false) is not null)
            return;
        await RateStore.HoldAsync(session, token).ConfigureAwait(false);
        if (await UpstreamStore.EnsureAsync(session, upstream, null, _business.Zone.Id, by, token).ConfigureAwait(false))
            await AuditLog.AppendAsync(session, new AuditAct { Who = by, Action = AuditActions.UpstreamAdded, Subject = AuditSubject.Of("upstream", upstream), After = new { TimeZone = _business.Zone.Id } }, token).ConfigureAwait(false);
    }

    internal async Task<int> KeyOfAsync(WriteSession session, UsageRecord record, CancellationToken token)
    {
        var reference = KeyReferenceOf(record);
        if (_keys.TryGetValue(reference, out var id))
            return id;
        id = checked((int)await session.NextNumberAsync("UsageKeys", token).ConfigureAwait(false));
        await session.ExecuteAsync(InsertKey, new NewKey(id, _source, reference, session.At), token).ConfigureAwait(false);
        return _keys[reference] = id;
    }

    private static string KeyReferenceOf(UsageRecord record) => UsageNameKey.Stored(record.Key);

    /// <summary>Which records of a console.</summary>
    public sealed record RecordKeys(int Source, IReadOnlyList<string> Keys);

    /// <summary>Of which console.</summary>
    public sealed record OfSource(int Source);

    /// <summary>Which keys of a console.</summary>
    public sealed record KeyReferences(int Source, IReadOnlyList<string> Keys);

    /// <summary>Names not met before.</summary>
    public sealed record NewNames(int Id, int Source, string Upstream, string ConsoleName, string UpstreamName, string Channel, DateTime RecordedAt);

    /// <summary>A key not met before.</summary>
    public sealed record NewKey(int Id, int Source, string Reference, DateTime RecordedAt);

    /// <summary>The records of a portion that are known, in full: a repeated one must be equal.</summary>
    public static readonly Sql<RecordKeys> FindRecords = new("""
        SELECT ExternalId, OccurredAt, NamesId, KeyId, UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens, ChargedQuota, Flags
        FROM UsageRecords
        WHERE SourceId = @Source AND ExternalId IN @Keys
        """);

    /// <summary>The names a console has used.</summary>
    public static readonly Sql<OfSource> ReadNames = new("SELECT Id, Upstream, ConsoleName, UpstreamName, Channel FROM UsageNames WHERE SourceId = @Source");

    /// <summary>The keys of a portion that are known.</summary>
    public static readonly Sql<KeyReferences> FindKeys = new("SELECT Id, Reference FROM UsageKeys WHERE SourceId = @Source AND Reference IN @Keys");

    /// <summary>New names.</summary>
    public static readonly Sql<NewNames> InsertNames = new("""
        INSERT INTO UsageNames (Id, SourceId, Upstream, ConsoleName, UpstreamName, Channel, RecordedAt)
        VALUES (@Id, @Source, @Upstream, @ConsoleName, @UpstreamName, @Channel, @RecordedAt)
        """);

    /// <summary>A new key.</summary>
    public static readonly Sql<NewKey> InsertKey = new("INSERT INTO UsageKeys (Id, SourceId, Reference, RecordedAt) VALUES (@Id, @Source, @Reference, @RecordedAt)");

    /// <summary>How new records go in.</summary>
    public static readonly BulkTable<NewUsage> Table = new(
        "UsageRecords",
        ("SourceId", typeof(int), row => row.Source),
        ("ExternalId", typeof(string), row => row.Record.ExternalId),
        ("OccurredAt", typeof(DateTime), row => row.Record.OccurredAt),
        ("Quarter", typeof(int), row => row.Quarter),
        ("NamesId", typeof(int), row => row.Names),
        ("KeyId", typeof(int), row => row.Key),
        ("UncachedInput", typeof(long), row => row.Record.Tokens.UncachedInput),
        ("CacheRead", typeof(long), row => row.Record.Tokens.CacheRead),
        ("CacheWrite5m", typeof(long), row => row.Record.Tokens.CacheWrite5m),
        ("CacheWrite1h", typeof(long), row => row.Record.Tokens.CacheWrite1h),
        ("OutputTokens", typeof(long), row => row.Record.Tokens.Output),
        ("ChargedQuota", typeof(long), row => row.Record.ChargedQuota),
        ("Flags", typeof(int), row => (int)row.Record.Flags),
        ("Era", typeof(int), row => row.Era),
        ("RecordedAt", typeof(DateTime), row => row.RecordedAt));

    private sealed class NamesRow
    {
        public int Id { get; init; }

        public string Upstream { get; init; } = "";

        public string ConsoleName { get; init; } = "";

        public string UpstreamName { get; init; } = "";

        public string Channel { get; init; } = "";

        public UsageNameKey Key => new(Upstream, ConsoleName, UpstreamName, Channel);
    }

    private sealed class KeyRow
    {
        public int Id { get; init; }

        public string Reference { get; init; } = "";
    }

    private sealed class StoredUsage
    {
        public string ExternalId { get; init; } = "";

        public DateTime OccurredAt { get; init; }

        public int NamesId { get; init; }

        public int KeyId { get; init; }

        public long UncachedInput { get; init; }

        public long CacheRead { get; init; }

        public long CacheWrite5m { get; init; }

        public long CacheWrite1h { get; init; }

        public long OutputTokens { get; init; }

        public long? ChargedQuota { get; init; }

        public int Flags { get; init; }

        public TokenCounts Tokens => new(UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens);
    }
}

/// <summary>A record to be stored.</summary>
/// <param name="Source">The console.</param>
/// <param name="Record">The record.</param>
/// <param name="Names">Its names.</param>
/// <param name="Key">Its key.</param>
/// <param name="Era">How many approvals there have been.</param>
/// <param name="RecordedAt">When we learnt it, UTC.</param>
public sealed record NewUsage(int Source, UsageRecord Record, int Names, int Key, int Era, DateTime RecordedAt)
{
    /// <summary>Quarter-hours since 1970.</summary>
    public int Quarter => checked((int)Quarters.Of(Record.OccurredAt));
}

/// <summary>The names of a record within its console, '' where it has none.</summary>
internal readonly record struct UsageNameKey(string Upstream, string ConsoleName, string UpstreamName, string Channel)
{
    public static UsageNameKey Of(UsageRecord record) => new(Stored(record.Upstream), Stored(record.ConsoleName), Stored(record.UpstreamName), Stored(record.Channel));

    /// <summary>A name as it is stored: without spaces at its end, which do not count in T-SQL's unique indexes, so that what differs in them only is one name on both engines.</summary>
    public static string Stored(string? name) => name?.TrimEnd(' ') ?? "";
}
