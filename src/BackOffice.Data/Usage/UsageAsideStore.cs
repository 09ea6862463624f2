using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>Records of usage that were put aside, until a person has said what to do with them (settlement rules 1).</summary>
public sealed class UsageAsideStore(Database database)
{
    // Of a transaction: a second's work at most.
    private const int AtOnce = 20_000;

    // Chinese as it stands, not six characters for each: the longest names would not fit the column. It is read as text, never put into a page as it is.
    private static readonly JsonSerializerOptions AsItStands = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A line that could not be read stays out, and stops nothing any more.</summary>
    /// <exception cref="RefusedException">It is decided already, or no such line.</exception>
    public Task AcceptAsync(Guid id, string by, string reason, CancellationToken token = default) => DecideAsync(id, "unreadable", "accepted", AuditActions.UsageAccepted, by, reason, null, token);

    /// <summary>Of two contents of a record the first counts.</summary>
    /// <exception cref="RefusedException">It is decided already, or no conflict.</exception>
    public Task KeepAsync(Guid id, string by, string reason, CancellationToken token = default) => DecideAsync(id, "conflict", "kept", AuditActions.UsageKept, by, reason, null, token);

    /// <summary>Of two contents of a record the later one counts: what the first had added to the sums is taken back in the present era, and the first is remembered as decided.</summary>
    /// <exception cref="RefusedException">It is decided already, or no conflict.</exception>
    public Task ReplaceAsync(Guid id, BusinessTime business, string by, string reason, CancellationToken token = default) =>
        DecideAsync(id, "conflict", "replaced", AuditActions.UsageReplaced, by, reason, (session, aside) => ReplaceAsync(session, aside, business, by, reason, token), token);

    /// <summary>All lines of an import that could not be read stay out.</summary>
    /// <param name="import">Its number.</param>
    /// <param name="seen">How many of them a person saw waiting.</param>
    /// <param name="by">Who says so.</param>
    /// <param name="reason">Why.</param>
    /// <param name="token">To stop.</param>
    /// <exception cref="RefusedException">Not as many wait as were seen.</exception>
    public Task AcceptAllAsync(long import, long seen, string by, string reason, CancellationToken token = default) =>
        DecideAllAsync(import, seen, new DecisionOfAll("unreadable", "accepted", AuditActions.UsageAccepted, by, reason), token);

    /// <summary>Of all conflicts of an import the first content counts.</summary>
    /// <inheritdoc cref="AcceptAllAsync"/>
    public Task KeepAllAsync(long import, long seen, string by, string reason, CancellationToken token = default) =>
        DecideAllAsync(import, seen, new DecisionOfAll("conflict", "kept", AuditActions.UsageKept, by, reason), token);

    // What was decided stays so wherever this ends; who does it again is told how many wait by then.
    private async Task DecideAllAsync(long import, long seen, DecisionOfAll decision, CancellationToken token)
    {
        var left = seen;
        do
            left -= await database.WriteAsync(WriteRank.Request, session => DecideSomeAsync(session, import, left, decision, token), token).ConfigureAwait(false);
        while (left > 0);
    }

    private static async Task<int> DecideSomeAsync(WriteSession session, long import, long left, DecisionOfAll decision, CancellationToken token)
    {
        var waiting = await session.GetAsync<long>(CountOpen, new OfImport(import, decision.Kind), token).ConfigureAwait(false);
        if (waiting == 0 || waiting != left)
            throw Changed(waiting);
        var some = await session.ListAsync<OpenRow>(ListOpen, new OpenOfImport(import, decision.Kind, 0, AtOnce), token).ConfigureAwait(false);
        var upTo = new DecisionUpTo(import, decision.Kind, some[^1].RecordedAt, some[^1].Id, decision.State, decision.By, session.At, decision.Reason);
        if (await session.ExecuteAsync(DecideUpTo, upTo, token).ConfigureAwait(false) != some.Count)
            throw Changed(waiting);
        await AuditLog.AppendAsync(session, new AuditAct
        {
            Who = decision.By,
            Action = decision.Action,
            Subject = AuditSubject.Of("import", import),
            Reason = decision.Reason,
            Details = new { Rows = some.Count, ListHash = AuditLog.HashOf(some.Select(row => row.Id.ToString("N"))) },
        }, token).ConfigureAwait(false);
        return some.Count;
    }

    private static RefusedException Changed(long waiting) => new(new Refusal("UsageAsidesChanged", "", waiting.ToString("N0", CultureInfo.InvariantCulture)));

    private Task DecideAsync(Guid id, string kind, string state, string action, string by, string reason, Func<WriteSession, AsideRow, Task>? effect, CancellationToken token) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(Decide, new Decision(id, kind, state, by, session.At, reason), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("UsageDecided", ""));
            var aside = await session.GetAsync<AsideRow>(ReadOne, new ById(id), token).ConfigureAwait(false);
            if (effect is not null)
                await effect(session, aside).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, new AuditAct
            {
                Who = by,
                Action = action,
                Subject = AuditSubject.Of("usage", $"{aside.Source}/{aside.ExternalId ?? aside.Line.ToString(CultureInfo.InvariantCulture)}"),
                Reason = reason,
                Details = new { aside.Code, aside.Field, aside.Line },
            }, token).ConfigureAwait(false);
        }, token);

    private static async Task ReplaceAsync(WriteSession session, AsideRow aside, BusinessTime business, string by, string reason, CancellationToken token)
    {
        var era = await UsageEra.HoldAsync(session, token).ConfigureAwait(false);
        var stored = await session.GetAsync<StoredUsageRow>(ReadRecord, new RecordKey(aside.SourceId, aside.ExternalId!), token).ConfigureAwait(false);
        var (before, after) = (stored.Record, JsonSerializer.Deserialize<UsageRecord>(aside.Content!)!);
        var intake = UsageIntake.Resume(aside.SourceId, business);
        var names = await intake.NamesOfAsync(session, after, by, token).ConfigureAwait(false);
        var key = await intake.KeyOfAsync(session, after, token).ConfigureAwait(false);
        var sums = new UsageSums();
        sums.Add(new NewUsage(aside.SourceId, before, stored.NamesId, stored.KeyId, era, session.At), business.DayOf(before.OccurredAt), -1);
        var row = new NewUsage(aside.SourceId, after, names, key, era, session.At);
        sums.Add(row, business.DayOf(after.OccurredAt));
        await session.ExecuteAsync(ReplaceRecord, Replacement.Of(row), token).ConfigureAwait(false);
        await sums.StoreAsync(session, token).ConfigureAwait(false);
        await RememberAsync(session, aside, before, by, reason, token).ConfigureAwait(false);
    }

    // The file that brought the first content may be imported again: it has been decided about.
    private static async Task RememberAsync(WriteSession session, AsideRow aside, UsageRecord before, string by, string reason, CancellationToken token)
    {
        var old = new UsageAside(UsageContent.Fingerprint(before), before.ExternalId, before.OccurredAt, before);
        var put = new PutAside(aside.Line, new Refusal("UsageConflict", "id", before.ExternalId));
        if (await session.FindAsync<string>(FindState, new ByFingerprint(aside.SourceId, old.Fingerprint), token).ConfigureAwait(false) is not null)
            return;
        var row = Row(session, aside.SourceId, null, put, old);
        await session.ExecuteAsync(Insert, row, token).ConfigureAwait(false);
        await session.ExecuteAsync(Decide, new Decision(row.Id, "conflict", "kept", by, session.At, reason), token).ConfigureAwait(false);
    }

    /// <summary>Keeps what a transaction of an import put aside; what is known already asks nothing again.</summary>
    internal static async Task AddAsync(WriteSession session, int source, Guid? import, IReadOnlyList<(long Ordinal, PutAside Aside)> asides, CancellationToken token)
    {
        foreach (var (_, aside) in asides)
        {
            if (aside.Usage is not { } usage || await session.FindAsync<string>(FindState, new ByFingerprint(source, usage.Fingerprint), token).ConfigureAwait(false) is not null)
                continue;
            await session.ExecuteAsync(Insert, Row(session, source, import, aside, usage), token).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a person has decided about this content.</summary>
    internal static async Task<bool> IsDecidedAsync(Session session, int source, byte[] fingerprint, CancellationToken token) =>
        await session.FindAsync<string>(FindState, new ByFingerprint(source, fingerprint), token).ConfigureAwait(false) is not (null or "open");

    private static NewAside Row(WriteSession session, int source, Guid? import, PutAside aside, UsageAside usage) => new(
        Ids.New(session.At), source, usage.Fingerprint, usage.Conflict is null ? "unreadable" : "conflict", usage.ExternalId,
        QuarterOf(usage.OccurredAt), QuarterOf(usage.StoredAt), aside.Reason.Code, aside.Reason.Field, JsonSerializer.Serialize(aside.Reason.Args, AsItStands),
        usage.Conflict is null ? null : JsonSerializer.Serialize(usage.Conflict, AsItStands), import, aside.Line, session.At);

    private static int? QuarterOf(DateTime? instant) => instant is { } at ? checked((int)Quarters.Of(at)) : null;

    /// <summary>Which content.</summary>
    public sealed record ByFingerprint(int Source, byte[] Fingerprint);

    /// <summary>What was put aside.</summary>
    public sealed record NewAside(
        Guid Id, int Source, byte[] Fingerprint, string Kind, string? ExternalId, int? Quarter, int? OtherQuarter, string Code, string Field, string Args, string? Content,
        Guid? ImportId, long Line, DateTime RecordedAt);

    /// <summary>What became of a content.</summary>
    public static readonly Sql<ByFingerprint> FindState = new("SELECT State FROM UsageAsides WHERE SourceId = @Source AND Fingerprint = @Fingerprint");

    /// <summary>Something put aside, open.</summary>
    public static readonly Sql<NewAside> Insert = new("""
        INSERT INTO UsageAsides (Id, SourceId, Fingerprint, Kind, State, ExternalId, Quarter, OtherQuarter, Code, Field, Args, Content, ImportId, Line, RecordedAt)
        VALUES (@Id, @Source, @Fingerprint, @Kind, 'open', @ExternalId, @Quarter, @OtherQuarter, @Code, @Field, @Args, @Content, @ImportId, @Line, @RecordedAt)
        """);

    /// <summary>Which one.</summary>
    public sealed record ById(Guid Id);

    /// <summary>Which record.</summary>
    public sealed record RecordKey(int Source, string ExternalId);

    /// <summary>What a person says.</summary>
    public sealed record Decision(Guid Id, string Kind, string State, string By, DateTime At, string Reason);

    /// <summary>An import's of a kind.</summary>
    public sealed record OfImport(long Import, string Kind);

    /// <summary>The oldest of them that wait.</summary>
    public sealed record OpenOfImport(long Import, string Kind, int Skip, int Take) : IPaged;

    /// <summary>What a person says of all that waits of an import and a kind, up to one of them.</summary>
    public sealed record DecisionUpTo(long Import, string Kind, DateTime LastAt, Guid LastId, string State, string By, DateTime At, string Reason);

    /// <summary>A record's new content.</summary>
    public sealed record Replacement(
        int Source, string ExternalId, DateTime OccurredAt, int Quarter, int Names, int Key, long UncachedInput, long CacheRead, long CacheWrite5m, long CacheWrite1h, long OutputTokens,
        long? ChargedQuota, int Flags, int Era, DateTime RecordedAt)
    {
        internal static Replacement Of(NewUsage row) => new(
            row.Source, row.Record.ExternalId, row.Record.OccurredAt, row.Quarter, row.Names, row.Key, row.Record.Tokens.UncachedInput, row.Record.Tokens.CacheRead,
            row.Record.Tokens.CacheWrite5m, row.Record.Tokens.CacheWrite1h, row.Record.Tokens.Output, row.Record.ChargedQuota, (int)row.Record.Flags, row.Era, row.RecordedAt);
    }

    /// <summary>One of them.</summary>
    public static readonly Sql<ById> ReadOne = new("""
        SELECT A.Id, A.SourceId, S.Name AS Source, A.ExternalId, A.Code, A.Field, A.Content, A.Line
        FROM UsageAsides AS A
        JOIN UsageSources AS S ON S.Id = A.SourceId
        WHERE A.Id = @Id
        """);

    /// <summary>Decided, once.</summary>
    public static readonly Sql<Decision> Decide = new("""
        UPDATE UsageAsides SET State = @State, DecidedBy = @By, DecidedAt = @At, Reason = @Reason WHERE Id = @Id AND Kind = @Kind AND State = 'open'
        """);

    /// <summary>How many wait of an import and a kind.</summary>
    public static readonly Sql<OfImport> CountOpen = new("""
        SELECT COUNT(*) FROM UsageAsides WHERE State = 'open' AND ImportId = (SELECT Id FROM Imports WHERE Number = @Import) AND Kind = @Kind
        """);

    /// <summary>The oldest of them.</summary>
    public static readonly Sql<OpenOfImport> ListOpen = new("""
        SELECT Id, RecordedAt
        FROM UsageAsides
        WHERE State = 'open' AND ImportId = (SELECT Id FROM Imports WHERE Number = @Import) AND Kind = @Kind
        ORDER BY RecordedAt, Id
        {page}
        """);

    /// <summary>Decided together, once.</summary>
    public static readonly Sql<DecisionUpTo> DecideUpTo = new("""
        UPDATE UsageAsides
        SET State = @State, DecidedBy = @By, DecidedAt = @At, Reason = @Reason
        WHERE State = 'open' AND ImportId = (SELECT Id FROM Imports WHERE Number = @Import) AND Kind = @Kind
            AND (RecordedAt < @LastAt OR (RecordedAt = @LastAt AND Id <= @LastId))
        """);

    /// <summary>A record with its names.</summary>
    public static readonly Sql<RecordKey> ReadRecord = new("""
        SELECT R.ExternalId, R.OccurredAt, R.NamesId, R.KeyId, N.Upstream, N.ConsoleName, N.UpstreamName, N.Channel, K.Reference,
            R.UncachedInput, R.CacheRead, R.CacheWrite5m, R.CacheWrite1h, R.OutputTokens, R.ChargedQuota, R.Flags
        FROM UsageRecords AS R
        JOIN UsageNames AS N ON N.Id = R.NamesId
        JOIN UsageKeys AS K ON K.Id = R.KeyId
        WHERE R.SourceId = @Source AND R.ExternalId = @ExternalId
        """);

    /// <summary>Puts other content in a record's place.</summary>
    public static readonly Sql<Replacement> ReplaceRecord = new("""
        UPDATE UsageRecords
        SET OccurredAt = @OccurredAt, Quarter = @Quarter, NamesId = @Names, KeyId = @Key, UncachedInput = @UncachedInput, CacheRead = @CacheRead, CacheWrite5m = @CacheWrite5m,
            CacheWrite1h = @CacheWrite1h, OutputTokens = @OutputTokens, ChargedQuota = @ChargedQuota, Flags = @Flags, Era = @Era, RecordedAt = @RecordedAt
        WHERE SourceId = @Source AND ExternalId = @ExternalId
        """);

    private sealed record DecisionOfAll(string Kind, string State, string Action, string By, string Reason);

    private sealed class OpenRow
    {
        public Guid Id { get; init; }

        public DateTime RecordedAt { get; init; }
    }

    private sealed class AsideRow
    {
        public Guid Id { get; init; }

        public int SourceId { get; init; }

        public string Source { get; init; } = "";

        public string? ExternalId { get; init; }

        public string Code { get; init; } = "";

        public string Field { get; init; } = "";

        public string? Content { get; init; }

        public long Line { get; init; }
    }
}

/// <summary>A stored record with its names.</summary>
internal sealed class StoredUsageRow
{
    public string ExternalId { get; init; } = "";

    public DateTime OccurredAt { get; init; }

    public int NamesId { get; init; }

    public int KeyId { get; init; }

    public string Upstream { get; init; } = "";

    public string ConsoleName { get; init; } = "";

    public string UpstreamName { get; init; } = "";

    public string Channel { get; init; } = "";

    public string Reference { get; init; } = "";

    public long UncachedInput { get; init; }

    public long CacheRead { get; init; }

    public long CacheWrite5m { get; init; }

    public long CacheWrite1h { get; init; }

    public long OutputTokens { get; init; }

    public long? ChargedQuota { get; init; }

    public int Flags { get; init; }

    public UsageRecord Record => new()
    {
        Line = 0,
        ExternalId = ExternalId,
        OccurredAt = OccurredAt,
        Upstream = NullOf(Upstream),
        ConsoleName = ConsoleName,
        UpstreamName = NullOf(UpstreamName),
        Key = NullOf(Reference),
        Channel = NullOf(Channel),
        Tokens = new TokenCounts(UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens),
        ChargedQuota = ChargedQuota,
        Flags = (UsageFlags)Flags,
    };

    private static string? NullOf(string text) => text.Length == 0 ? null : text;
}
