using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>Reads records of usage for the list and a record's own page.</summary>
public sealed class UsageQueries(Database database)
{
    // Each is an argument, of which a statement of SQL Server takes 2,100.
    private const int MostNames = 1_500;

    /// <summary>
    /// A page of records, the latest quarter-hour first; within one by their names, or for one key by their ids. That is the order of the indexes: by the second, a
    /// list of a hundred million would have to be sorted.
    /// </summary>
    /// <param name="filter">Which records.</param>
    /// <param name="from">The record next to which the page begins; null for the latest.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">The key is one of several consoles, or too many names fit.</exception>
    public Task<KeyedPage<UsageRow>> ListAsync(UsageFilter filter, UsagePlace? from, int take, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var names = filter.IsOfNames ? await NamesAsync(session, filter, token).ConfigureAwait(false) : null;
        var key = filter.Key is null ? null : (int?)await KeyAsync(session, filter, token).ConfigureAwait(false);
        if (names is { Count: 0 } || key == 0)
            return new KeyedPage<UsageRow>([], false, false);
        if (from is { Newer: true } && from.Quarter >= filter.From)
        {
            var above = await ReadAsync(session, filter, names, key, from, filter.Until, take, token).ConfigureAwait(false);
            if (KeyedPage.Before(above, take) is { } page)
                return page;
        }
        if (from is not { Newer: false } || from.Quarter >= filter.Until)
            from = null;
        var below = await ReadAsync(session, filter, names, key, from ?? UsagePlace.Top(filter.Until), filter.From, take, token).ConfigureAwait(false);
        return KeyedPage.After(below, take, isFirst: from is null);
    }, token);

    /// <summary>One record; null when there is none.</summary>
    public Task<UsageRow?> FindAsync(string source, string externalId, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<UsageRow>(FindOne, new RecordName(source, externalId), token), token);

    /// <summary>The era that the approval of an upstream's month closed; null when it is not approved.</summary>
    public Task<int?> ApprovedEraAsync(string upstream, string period, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<int?>(FindApprovedEra, new OfMonth(upstream, period), token), token);

    /// <summary>All consoles that usage came from, by name.</summary>
    public Task<List<string>> SourcesAsync(CancellationToken token = default) => database.ReadAsync(session => session.ListAsync<string>(ReadSources, token: token), token);

    private static Task<List<UsageRow>> ReadAsync(Session session, UsageFilter filter, List<int>? names, int? key, UsagePlace place, int end, int take, CancellationToken token)
    {
        var (ofNames, ofFlag, flag) = (names is not null, filter.Flag is not null, (int)(filter.Flag ?? UsageFlags.None));
        if (key is not { } only)
        {
            var args = new ListArgs(place.Quarter, place.NamesId, place.SourceId, place.ExternalId, end, names ?? [], flag, 0, take + 1);
            return session.ListAsync<UsageRow>((place.Newer ? ListAbove : ListBelow).With(ofNames, ofFlag), args, token);
        }
        var ofKey = new KeyListArgs(only, place.Quarter, place.SourceId, place.ExternalId, end, names ?? [], flag, 0, take + 1);
        return session.ListAsync<UsageRow>((place.Newer ? ListOfKeyAbove : ListOfKeyBelow).With(ofNames, ofFlag), ofKey, token);
    }

    // A console has tens of names, rarely hundreds: they are looked through here, in canonical form, which no engine knows.
    private static async Task<List<int>> NamesAsync(Session session, UsageFilter filter, CancellationToken token)
    {
        var model = ModelNames.CanonicalOrNull(filter.Model);
        var fitting = (await session.ListAsync<NamesRow>(ReadNames, token: token).ConfigureAwait(false)).FindAll(row =>
            (filter.Source is null || row.Source == filter.Source) && (filter.Channel is null || row.Channel == filter.Channel)
            && (filter.Upstream is null || row.Upstream == ModelNames.Canonical(filter.Upstream))
            && (model is null || ModelNames.Canonical(row.ConsoleName) == model || ModelNames.CanonicalOrNull(row.UpstreamName) == model));
        return fitting.Count <= MostNames ? fitting.ConvertAll(row => row.Id) : throw new RefusedException(new Refusal("UsageNamesTooMany", "model"));
    }

    // 0 when nobody has it.
    private static async Task<int> KeyAsync(Session session, UsageFilter filter, CancellationToken token)
    {
        var keys = (await session.ListAsync<KeyRow>(FindKeys, new OfReference(filter.Key!), token).ConfigureAwait(false)).FindAll(row => filter.Source is null || row.Source == filter.Source);
        return keys.Count <= 1 ? keys.SingleOrDefault()?.Id ?? 0 : throw new RefusedException(new Refusal("UsageKeyOfSeveral", "key", filter.Key!, string.Join(", ", keys.Select(row => row.Source))));
    }

    /// <summary>A page of the list: from the place (@At, ...) on, no further than the quarter-hour @End.</summary>
    public sealed record ListArgs(int At, int NamesAt, int SourceAt, string IdAt, int End, IReadOnlyList<int> Names, int Flag, int Skip, int Take) : IPaged;

    /// <summary>The same of one key.</summary>
    public sealed record KeyListArgs(int Key, int At, int SourceAt, string IdAt, int End, IReadOnlyList<int> Names, int Flag, int Skip, int Take) : IPaged;

    /// <summary>A record by the names people know.</summary>
    public sealed record RecordName(string Source, string ExternalId);

    /// <summary>A key by its reference.</summary>
    public sealed record OfReference(string Reference);

    /// <summary>An upstream's month.</summary>
    public sealed record OfMonth(string Upstream, string Period);

    private const string Columns = """
        R.SourceId, S.Name AS Source, R.ExternalId, R.OccurredAt, R.Quarter, R.NamesId, N.Upstream, N.ConsoleName, N.UpstreamName, N.Channel, K.Reference, R.UncachedInput, R.CacheRead,
        R.CacheWrite5m, R.CacheWrite1h, R.OutputTokens, R.ChargedQuota, R.Flags, R.Era, R.RecordedAt
        """;

    private const string Joins = """
        FROM UsageRecords AS R
        JOIN UsageNames AS N ON N.Id = R.NamesId
        JOIN UsageSources AS S ON S.Id = R.SourceId
        JOIN UsageKeys AS K ON K.Id = R.KeyId
        """;

    /// <summary>Latest first, below a place.</summary>
    public static readonly FilteredSql<ListArgs> ListBelow = new($$"""
        SELECT {{Columns}}
        {{Joins}}
        WHERE R.Quarter >= @End AND R.Quarter <= @At
            AND (R.Quarter < @At OR R.NamesId < @NamesAt OR (R.NamesId = @NamesAt AND (R.SourceId < @SourceAt OR (R.SourceId = @SourceAt AND R.ExternalId < @IdAt))))
        {filters}
        ORDER BY R.Quarter DESC, R.NamesId DESC, R.SourceId DESC, R.ExternalId DESC
        {page}
        """, "AND R.NamesId IN @Names", "AND (R.Flags & @Flag) = @Flag");

    /// <summary>Earliest first, above a place.</summary>
    public static readonly FilteredSql<ListArgs> ListAbove = new($$"""
        SELECT {{Columns}}
        {{Joins}}
        WHERE R.Quarter < @End AND R.Quarter >= @At
            AND (R.Quarter > @At OR R.NamesId > @NamesAt OR (R.NamesId = @NamesAt AND (R.SourceId > @SourceAt OR (R.SourceId = @SourceAt AND R.ExternalId > @IdAt))))
        {filters}
        ORDER BY R.Quarter, R.NamesId, R.SourceId, R.ExternalId
        {page}
        """, "AND R.NamesId IN @Names", "AND (R.Flags & @Flag) = @Flag");

    /// <summary>The records of a key, latest first, below a place.</summary>
    public static readonly FilteredSql<KeyListArgs> ListOfKeyBelow = new($$"""
        SELECT {{Columns}}
        {{Joins}}
        WHERE R.KeyId = @Key AND R.Quarter >= @End AND R.Quarter <= @At
            AND (R.Quarter < @At OR R.SourceId < @SourceAt OR (R.SourceId = @SourceAt AND R.ExternalId < @IdAt))
        {filters}
        ORDER BY R.Quarter DESC, R.SourceId DESC, R.ExternalId DESC
        {page}
        """, "AND R.NamesId IN @Names", "AND (R.Flags & @Flag) = @Flag");

    /// <summary>The records of a key, earliest first, above a place.</summary>
    public static readonly FilteredSql<KeyListArgs> ListOfKeyAbove = new($$"""
        SELECT {{Columns}}
        {{Joins}}
        WHERE R.KeyId = @Key AND R.Quarter < @End AND R.Quarter >= @At
            AND (R.Quarter > @At OR R.SourceId > @SourceAt OR (R.SourceId = @SourceAt AND R.ExternalId > @IdAt))
        {filters}
        ORDER BY R.Quarter, R.SourceId, R.ExternalId
        {page}
        """, "AND R.NamesId IN @Names", "AND (R.Flags & @Flag) = @Flag");

    /// <summary>One record.</summary>
    public static readonly Sql<RecordName> FindOne = new($"SELECT {Columns} {Joins} WHERE S.Name = @Source AND R.ExternalId = @ExternalId");

    /// <summary>All names.</summary>
    public static readonly Sql ReadNames = new("SELECT N.Id, S.Name AS Source, N.Upstream, N.ConsoleName, N.UpstreamName, N.Channel FROM UsageNames AS N JOIN UsageSources AS S ON S.Id = N.SourceId");

    /// <summary>The keys of a reference: one a console.</summary>
    public static readonly Sql<OfReference> FindKeys = new("""
        SELECT K.Id, S.Name AS Source
        FROM UsageSources AS S
        JOIN UsageKeys AS K ON K.SourceId = S.Id AND K.Reference = @Reference
        """);

    /// <summary>All consoles.</summary>
    public static readonly Sql ReadSources = new("SELECT Name FROM UsageSources ORDER BY Name");

    /// <summary>What an approval closed.</summary>
    public static readonly Sql<OfMonth> FindApprovedEra = new("SELECT Era FROM Settlements WHERE Upstream = @Upstream AND Period = @Period AND Status <> 'draft'");

    private sealed class NamesRow
    {
        public int Id { get; init; }

        public string Source { get; init; } = "";

        public string Upstream { get; init; } = "";

        public string ConsoleName { get; init; } = "";

        public string UpstreamName { get; init; } = "";

        public string Channel { get; init; } = "";
    }

    private sealed class KeyRow
    {
        public int Id { get; init; }

        public string Source { get; init; } = "";
    }
}

/// <summary>Which records a list shows.</summary>
public sealed record UsageFilter
{
    /// <summary>The console; null for all.</summary>
    public string? Source { get; init; }

    /// <summary>A name of a model, the console's or the upstream's, in any case; null for all.</summary>
    public string? Model { get; init; }

    /// <summary>The customer's key, <c>id:97</c>; null for all.</summary>
    public string? Key { get; init; }

    /// <summary>The console's channel; null for all.</summary>
    public string? Channel { get; init; }

    /// <summary>The upstream that records name themselves; null for all.</summary>
    public string? Upstream { get; init; }

    /// <summary>A flag that is set; null for all.</summary>
    public UsageFlags? Flag { get; init; }

    /// <summary>First quarter-hour.</summary>
    public int From { get; init; }

    /// <summary>First quarter-hour that is not included; the default is after any.</summary>
    public int Until { get; init; } = int.MaxValue;

    internal bool IsOfNames => Source is not null || Model is not null || Channel is not null || Upstream is not null;
}

/// <summary>A place in the list: a record, and whether the page wanted holds what is later than it.</summary>
public sealed record UsagePlace(int Quarter, int NamesId, int SourceId, string ExternalId, bool Newer)
{
    internal static UsagePlace Top(int until) => new(until - 1, int.MaxValue, int.MaxValue, "", Newer: false);
}

/// <summary>A record as lists and its page show it. Instants are UTC.</summary>
public sealed class UsageRow
{
    /// <summary>The console.</summary>
    public int SourceId { get; init; }

    /// <summary>Its name.</summary>
    public string Source { get; init; } = "";

    /// <summary>The console's own id of the record.</summary>
    public string ExternalId { get; init; } = "";

    /// <summary>When it happened.</summary>
    public DateTime OccurredAt { get; init; }

    /// <summary>Quarter-hours since 1970.</summary>
    public int Quarter { get; init; }

    /// <summary>Its names.</summary>
    public int NamesId { get; init; }

    /// <summary>The upstream it names; '' for none.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>The model as the console calls it.</summary>
    public string ConsoleName { get; init; } = "";

    /// <summary>The model as the upstream calls it; '' when it does not say.</summary>
    public string UpstreamName { get; init; } = "";

    /// <summary>The console's channel; '' for none.</summary>
    public string Channel { get; init; } = "";

    /// <summary>The customer's key; '' for none.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Input outside of any cache.</summary>
    public long UncachedInput { get; init; }

    /// <summary>Input read from a cache.</summary>
    public long CacheRead { get; init; }

    /// <summary>Input written to a cache of five minutes.</summary>
    public long CacheWrite5m { get; init; }

    /// <summary>Input written to a cache of an hour.</summary>
    public long CacheWrite1h { get; init; }

    /// <summary>Output.</summary>
    public long OutputTokens { get; init; }

    /// <summary>What the console took; null when it does not say.</summary>
    public long? ChargedQuota { get; init; }

    /// <summary><see cref="UsageFlags"/>.</summary>
    public int Flags { get; init; }

    /// <summary>How many approvals there had been when it, or its present content, came in.</summary>
    public int Era { get; init; }

    /// <summary>When it came in.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>Its tokens.</summary>
    public TokenCounts Tokens => new(UncachedInput, CacheRead, CacheWrite5m, CacheWrite1h, OutputTokens);

    /// <summary>What is to be known of it.</summary>
    public UsageFlags Known => (UsageFlags)Flags;

    /// <summary>Its names as it came with them.</summary>
    public UsageNames Names => new(Source, NullOf(Upstream), ConsoleName, NullOf(UpstreamName), NullOf(Channel));

    private static string? NullOf(string text) => text.Length == 0 ? null : text;
}
