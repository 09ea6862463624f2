using BackOffice.Data.Engine;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Codes;

/// <summary>Reads codes: never one in plain.</summary>
public sealed class CodeQueries(Database database)
{
    /// <summary>A page of codes: the newest batch first, in it the last code first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="place">The code next to which the page begins; null for the first page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<CodeRow>> ListAsync(CodeFilter filter, CodePlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (place is { IsBefore: true } && KeyedPage.Before(await ReadAsync(session, filter, place, take + 1, token).ConfigureAwait(false), take) is { } page)
                return page;
            if (place is { IsBefore: true })
                place = null;
            return KeyedPage.After(await ReadAsync(session, filter, place, take + 1, token).ConfigureAwait(false), take, isFirst: place is null);
        }, token);

    private static async Task<List<CodeRow>> ReadAsync(Session session, CodeFilter filter, CodePlace? place, int take, CancellationToken token)
    {
        var isBefore = place is { IsBefore: true };
        var at = new ListArgs(filter.Batch ?? 0, place?.Batch ?? long.MaxValue, place?.Sequence ?? int.MaxValue, 0, take);
        // A batch that was made void a moment ago: its rows are void already, and do not say so yet.
        var unsettled = filter is { Status: CodeStatus.Void, LastFour: null } ? await session.ListAsync<long>(ReadUnsettled, token: token).ConfigureAwait(false) : [];
        var rows = new List<CodeRow>();
        var sources = 0;
        foreach (var (sql, args) in Sources(filter, at, isBefore, unsettled))
        {
            sources++;
            rows.AddRange(await session.ListAsync<CodeRow>(sql, args, token).ConfigureAwait(false));
        }
        if (sources == 1)
            return rows;
        var inOrder = isBefore ? rows.OrderBy(row => row.BatchNo).ThenBy(row => row.Sequence) : rows.OrderByDescending(row => row.BatchNo).ThenByDescending(row => row.Sequence);
        return [.. inOrder.Take(take)];
    }

    private static IEnumerable<(Sql Sql, object Args)> Sources(CodeFilter filter, ListArgs at, bool isBefore, List<long> unsettled)
    {
        var ofBatch = filter.Batch is not null;
        if (filter.LastFour is { } typed)
        {
            // In both writings: codes of the console are in small letters, the others in capitals.
            foreach (var lastFour in new[] { typed.ToLowerInvariant(), typed.ToUpperInvariant() }.Distinct(StringComparer.Ordinal))
                yield return ((isBefore ? LastFourBefore : LastFourAfter).With(ofBatch), new LastFourArgs(lastFour, at.Batch, at.BatchNo, at.Sequence, at.Skip, at.Take));
            yield break;
        }
        yield return filter.Status switch
        {
            null => ((isBefore ? ListBefore : ListAfter).With(ofBatch), at),
            CodeStatus.Available => ((isBefore ? AvailableBefore : AvailableAfter).With(ofBatch), at),
            { } status => ((isBefore ? StatusBefore : StatusAfter).With(ofBatch), new StatusArgs(status.Word(), at.Batch, at.BatchNo, at.Sequence, at.Skip, at.Take)),
        };
        foreach (var batch in unsettled.Where(batch => !ofBatch || batch == filter.Batch))
            yield return (isBefore ? UnsettledBefore : UnsettledAfter, at with { Batch = batch });
    }

    /// <summary>One code; null when there is none.</summary>
    public Task<CodeRow?> FindAsync(long batch, int sequence, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<CodeRow>(ReadOne, new OfCode(batch, sequence), token), token);

    /// <summary>The code of a lookup key; null when it is none of ours.</summary>
    public Task<CodeRow?> FindAsync(byte[] lookupKey, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<CodeRow>(ReadByKey, new ByKey(lookupKey), token), token);

    /// <summary>The first codes of a batch, as a sample.</summary>
    public Task<List<CodeRow>> SampleAsync(long batch, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeRow>(ReadSample, new AfterSequence(batch, 0, 0, take), token), token);

    /// <summary>What happened to a code, the oldest first.</summary>
    public Task<List<CodeEventRow>> EventsAsync(long batch, int sequence, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeEventRow>(ReadEvents, new OfCode(batch, sequence), token), token);

    /// <summary>Codes that left stock or were redeemed, by the shop's day, the oldest first.</summary>
    public Task<List<CodeDayRow>> DaysAsync(long batch, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeDayRow>(ReadDays, new BatchQueries.ByNumber(batch), token), token);

    /// <summary>Which code.</summary>
    public sealed record OfCode(long BatchNo, int Sequence);

    /// <summary>By its lookup key.</summary>
    public sealed record ByKey(byte[] LookupKey);

    /// <summary>Codes of a batch after one.</summary>
    public sealed record AfterSequence(long BatchNo, int Sequence, int Skip, int Take) : IPaged;

    /// <summary>A page of a list.</summary>
    public sealed record ListArgs(long Batch, long BatchNo, int Sequence, int Skip, int Take) : IPaged;

    /// <summary>A page of the codes in one state.</summary>
    public sealed record StatusArgs(string Status, long Batch, long BatchNo, int Sequence, int Skip, int Take) : IPaged;

    /// <summary>A page of the codes with these last four characters.</summary>
    public sealed record LastFourArgs(string LastFour, long Batch, long BatchNo, int Sequence, int Skip, int Take) : IPaged;

    private const string From = $"SELECT {CodeRow.Columns} FROM Codes c JOIN CodeBatches b ON b.Number = c.BatchNo";

    /// <summary>One code.</summary>
    public static readonly Sql<OfCode> ReadOne = new($"{From} WHERE c.BatchNo = @BatchNo AND c.Sequence = @Sequence");

    /// <summary>One code.</summary>
    public static readonly Sql<ByKey> ReadByKey = new($"{From} WHERE c.LookupKey = @LookupKey");

    /// <summary>The first codes of a batch.</summary>
    public static readonly Sql<AfterSequence> ReadSample = new($$"""{{From}} WHERE c.BatchNo = @BatchNo AND c.Sequence > @Sequence ORDER BY c.Sequence {page}""");

    /// <summary>What happened to a code, or to a batch as a whole.</summary>
    public static readonly Sql<OfCode> ReadEvents = new("""
        SELECT Kind, Codes, StatusBefore, OrderNo, ConsoleUser, Reason, HappenedAt, RecordedAt, RecordedBy FROM CodeEvents WHERE BatchNo = @BatchNo AND Sequence = @Sequence ORDER BY Id
        """);

    /// <summary>Codes by day.</summary>
    public static readonly Sql<BatchQueries.ByNumber> ReadDays = new("SELECT ShopDay, Taken, Redeemed FROM CodeDays WHERE BatchNo = @Number ORDER BY ShopDay");

    private const string Earlier = "(c.BatchNo < @BatchNo OR (c.BatchNo = @BatchNo AND c.Sequence < @Sequence))";
    private const string Later = "(c.BatchNo > @BatchNo OR (c.BatchNo = @BatchNo AND c.Sequence > @Sequence))";

    /// <summary>All codes, or those of one batch, whatever their state.</summary>
    public static readonly FilteredSql<ListArgs> ListAfter = new(
        $$"""{{From}} WHERE c.BatchNo <= @BatchNo AND {{Earlier}} {filters} ORDER BY c.BatchNo DESC, c.Sequence DESC {page}""", "AND c.BatchNo = @Batch");

    /// <summary>Against the order.</summary>
    public static readonly FilteredSql<ListArgs> ListBefore = new(
        $$"""{{From}} WHERE c.BatchNo >= @BatchNo AND {{Later}} {filters} ORDER BY c.BatchNo, c.Sequence {page}""", "AND c.BatchNo = @Batch");

    /// <summary>Codes in stock: of batches that have any.</summary>
    public static readonly FilteredSql<ListArgs> AvailableAfter = new(
        $$"""{{From}} WHERE c.BatchNo <= @BatchNo AND {{Earlier}} AND c.Status = 'available' AND b.Status <> 'void' {filters} ORDER BY c.BatchNo DESC, c.Sequence DESC {page}""", "AND c.BatchNo = @Batch");

    /// <summary>Against the order.</summary>
    public static readonly FilteredSql<ListArgs> AvailableBefore = new(
        $$"""{{From}} WHERE c.BatchNo >= @BatchNo AND {{Later}} AND c.Status = 'available' AND b.Status <> 'void' {filters} ORDER BY c.BatchNo, c.Sequence {page}""", "AND c.BatchNo = @Batch");

    /// <summary>Codes in another state, or by their last four characters: what nobody was ever handed is not looked through for those.</summary>
    public static readonly FilteredSql<StatusArgs> StatusAfter = new(
        $$"""
        {{From}}
        WHERE c.Status = @Status AND c.BatchNo <= @BatchNo AND {{Earlier}} AND c.Status <> 'available'
            AND NOT (b.Status = 'void' AND (@Status = 'allocated' OR (@Status = 'delivered' AND b.VoidDelivered = 1)))
        {filters}
        ORDER BY c.BatchNo DESC, c.Sequence DESC
        {page}
        """,
        "AND c.BatchNo = @Batch");

    /// <summary>Against the order.</summary>
    public static readonly FilteredSql<StatusArgs> StatusBefore = new(
        $$"""
        {{From}}
        WHERE c.Status = @Status AND c.BatchNo >= @BatchNo AND {{Later}} AND c.Status <> 'available'
            AND NOT (b.Status = 'void' AND (@Status = 'allocated' OR (@Status = 'delivered' AND b.VoidDelivered = 1)))
        {filters}
        ORDER BY c.BatchNo, c.Sequence
        {page}
        """,
        "AND c.BatchNo = @Batch");

    /// <summary>Void batches whose rows do not say so yet.</summary>
    public static readonly Sql ReadUnsettled = new("SELECT Number FROM CodeBatches WHERE Status = 'void' AND SettledTo < Made");

    /// <summary>Of such a batch, the codes that are void by it.</summary>
    public static readonly Sql<ListArgs> UnsettledAfter = new(
        $$"""
        {{From}}
        WHERE c.BatchNo = @Batch AND {{Earlier}} AND (c.Status IN ('available', 'allocated') OR (c.Status = 'delivered' AND b.VoidDelivered = 1))
        ORDER BY c.BatchNo DESC, c.Sequence DESC
        {page}
        """);

    /// <summary>Against the order.</summary>
    public static readonly Sql<ListArgs> UnsettledBefore = new(
        $$"""
        {{From}}
        WHERE c.BatchNo = @Batch AND {{Later}} AND (c.Status IN ('available', 'allocated') OR (c.Status = 'delivered' AND b.VoidDelivered = 1))
        ORDER BY c.BatchNo, c.Sequence
        {page}
        """);

    /// <summary>By the last four characters.</summary>
    public static readonly FilteredSql<LastFourArgs> LastFourAfter = new(
        $$"""
        {{From}}
        WHERE c.LastFour = @LastFour AND c.BatchNo <= @BatchNo AND {{Earlier}} AND c.Status <> 'available'
        {filters}
        ORDER BY c.BatchNo DESC, c.Sequence DESC
        {page}
        """,
        "AND c.BatchNo = @Batch");

    /// <summary>Against the order.</summary>
    public static readonly FilteredSql<LastFourArgs> LastFourBefore = new(
        $$"""
        {{From}}
        WHERE c.LastFour = @LastFour AND c.BatchNo >= @BatchNo AND {{Later}} AND c.Status <> 'available'
        {filters}
        ORDER BY c.BatchNo, c.Sequence
        {page}
        """,
        "AND c.BatchNo = @Batch");
}

/// <summary>Which codes a list shows.</summary>
/// <param name="Batch">Number of a batch; null for all.</param>
/// <param name="Status">The state that counts; null for all, and beside <paramref name="LastFour"/>, where so few fit that it is not asked.</param>
/// <param name="LastFour">Last four characters; null for all. Codes that nobody was handed yet are not looked through.</param>
public sealed record CodeFilter(long? Batch, CodeStatus? Status, string? LastFour);

/// <summary>A place in the list: the code next to which a page begins.</summary>
/// <param name="Batch">Number of its batch.</param>
/// <param name="Sequence">Its place in it.</param>
/// <param name="IsBefore">The page holds what goes before it, not what follows.</param>
public sealed record CodePlace(long Batch, int Sequence, bool IsBefore);

/// <summary>A code without the code. Instants are UTC.</summary>
public sealed class CodeRow
{
    internal const string Columns = "c.BatchNo, c.Sequence, c.LastFour, c.Status, c.OrderNo, b.Package, b.Units, b.Tokens, b.Prefix, b.ExpiresAt, b.Status AS BatchStatus, b.VoidDelivered";

    /// <summary>Number of its batch.</summary>
    public long BatchNo { get; init; }

    /// <summary>Its place in it, from 1.</summary>
    public int Sequence { get; init; }

    /// <summary>Its last four characters.</summary>
    public string LastFour { get; init; } = "";

    /// <summary>The state of its row: what counts is <see cref="Effective"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>For which order it was taken.</summary>
    public string? OrderNo { get; init; }

    /// <summary>Slug of its package.</summary>
    public string Package { get; init; } = "";

    /// <summary>Units it is worth.</summary>
    public int Units { get; init; }

    /// <summary>Tokens it is worth.</summary>
    public long Tokens { get; init; }

    /// <summary>What stands before it; empty for nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>When it ends; null for never.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>State of its batch.</summary>
    public string BatchStatus { get; init; } = "";

    /// <summary>Whether delivered codes of the void batch are void too.</summary>
    public bool VoidDelivered { get; init; }

    /// <summary>The state that counts.</summary>
    public CodeStatus Effective => CodeStatuses.Of(Status)!.Value.Effective(BatchStatus == "void", VoidDelivered);

    /// <summary>As findings name it: <c>118-42</c>.</summary>
    public string Subject => FormattableString.Invariant($"{BatchNo}-{Sequence}");
}

/// <summary>Something that happened to a code, or to a batch. Instants are UTC.</summary>
public sealed class CodeEventRow
{
    /// <summary>One of <see cref="CodeEventKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Codes it touched.</summary>
    public int Codes { get; init; }

    /// <summary>The state that counted before.</summary>
    public string? StatusBefore { get; init; }

    /// <summary>For which order.</summary>
    public string? OrderNo { get; init; }

    /// <summary>Who redeemed it, as the console names them.</summary>
    public string? ConsoleUser { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>When it happened.</summary>
    public DateTime HappenedAt { get; init; }

    /// <summary>When it was put on record.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>Who did it.</summary>
    public string RecordedBy { get; init; } = "";
}

/// <summary>A day of the shop's in the life of a batch.</summary>
public sealed class CodeDayRow
{
    /// <summary>The day.</summary>
    public DateOnly ShopDay { get; init; }

    /// <summary>Codes that left stock.</summary>
    public int Taken { get; init; }

    /// <summary>Codes redeemed.</summary>
    public int Redeemed { get; init; }
}
