using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Codes;

/// <summary>Reads batches of codes.</summary>
public sealed class BatchQueries(Database database)
{
    /// <summary>A page of batches, the newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="place">The batch next to which the page begins; null for the first page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<BatchRow>> ListAsync(BatchFilter filter, BatchPlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (place is { IsBefore: true }
                && KeyedPage.Before(await session.ListAsync<BatchRow>(ListBefore.With(filter.Chosen), Args(filter, place, take), token).ConfigureAwait(false), take) is { } page)
                return page;
            if (place is { IsBefore: true })
                place = null;
            return KeyedPage.After(await session.ListAsync<BatchRow>(ListAfter.With(filter.Chosen), Args(filter, place, take), token).ConfigureAwait(false), take, isFirst: place is null);
        }, token);

    /// <summary>Every batch of which anything was made, by number.</summary>
    public Task<List<BatchRow>> MadeAsync(CancellationToken token = default) => database.ReadAsync(session => session.ListAsync<BatchRow>(ListMade, token: token), token);

    /// <summary>One batch; null when there is none of that number.</summary>
    public Task<BatchRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<BatchRow>(ReadOne, new ByNumber(number), token), token);

    /// <summary>One batch by its row.</summary>
    public Task<BatchRow> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<BatchRow>(ReadById, new ById(id), token), token);

    /// <summary>What happened to the batch as a whole, the oldest first.</summary>
    public Task<List<CodeEventRow>> EventsAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeEventRow>(CodeQueries.ReadEvents, new CodeQueries.OfCode(number, CodeEvents.WholeBatch), token), token);

    /// <summary>Codes of a format that there are or are to be: what a new batch shares its space with.</summary>
    public Task<long> CountOfFormatAsync(string format, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<long>(CountFormat, new OfFormat(format), token), token);

    /// <summary>What somebody asked for on a day of the shop's, counted against the limits.</summary>
    public async Task<(long Codes, Int128 Tokens)> AskedOnAsync(string by, DateOnly day, CancellationToken token = default)
    {
        var rows = await database.ReadAsync(session => session.ListAsync<AskedRow>(BatchStore.ReadToday, new BatchStore.TodayArgs(by, day), token), token).ConfigureAwait(false);
        return (rows.Sum(row => (long)row.Wanted), rows.Aggregate((Int128)0, (sum, row) => sum + (Int128)row.Wanted * row.Tokens));
    }

    private static ListArgs Args(BatchFilter filter, BatchPlace? place, int take) => new(filter.Package ?? "", filter.Status ?? "", place?.Number ?? long.MaxValue, 0, take + 1);

    /// <summary>Which row.</summary>
    public sealed record ById(Guid Id);

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>One format.</summary>
    public sealed record OfFormat(string Format);

    /// <summary>A page of the list.</summary>
    public sealed record ListArgs(string Package, string Status, long Number, int Skip, int Take) : IPaged;

    /// <summary>One batch.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {BatchRow.Columns} FROM CodeBatches WHERE Number = @Number");

    /// <summary>One batch.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {BatchRow.Columns} FROM CodeBatches WHERE Id = @Id");

    /// <summary>All of which anything was made.</summary>
    public static readonly Sql ListMade = new($"SELECT {BatchRow.Columns} FROM CodeBatches WHERE Made > 0 ORDER BY Number");

    /// <summary>Codes of a format.</summary>
    public static readonly Sql<OfFormat> CountFormat = new("SELECT COALESCE(SUM(CAST(Wanted AS bigint)), 0) FROM CodeBatches WHERE Format = @Format");

    /// <summary>The newest first.</summary>
    public static readonly FilteredSql<ListArgs> ListAfter = new(
        $$"""
        SELECT {{BatchRow.Columns}} FROM CodeBatches
        WHERE Number < @Number
        {filters}
        ORDER BY Number DESC
        {page}
        """,
        "AND Package = @Package",
        "AND Status = @Status");

    /// <summary>Against the order.</summary>
    public static readonly FilteredSql<ListArgs> ListBefore = new(
        $$"""
        SELECT {{BatchRow.Columns}} FROM CodeBatches
        WHERE Number > @Number
        {filters}
        ORDER BY Number
        {page}
        """,
        "AND Package = @Package",
        "AND Status = @Status");

    private sealed class AskedRow
    {
        public int Wanted { get; init; }

        public long Tokens { get; init; }
    }
}

/// <summary>Which batches a list shows.</summary>
/// <param name="Package">Slug; null for all.</param>
/// <param name="Status">One of <see cref="BatchRow.Statuses"/>; null for all.</param>
public sealed record BatchFilter(string? Package, string? Status)
{
    internal bool[] Chosen => [Package is not null, Status is not null];
}

/// <summary>A place in the list: the batch next to which a page begins.</summary>
/// <param name="Number">Its number.</param>
/// <param name="IsBefore">The page holds what goes before it, not what follows.</param>
public sealed record BatchPlace(long Number, bool IsBefore);

/// <summary>A batch of codes. Instants are UTC.</summary>
public sealed class BatchRow
{
    internal const string Columns = """
        Id, Number, Package, Units, Tokens, Quota, Wanted, Format, Prefix, Note, ExpiresAt, PublishBy, ListCurrency, ListMinor, Status, Made, Available, Allocated, Delivered,
        Redeemed, Voided, WrappedKey, PublishedAt, ExportedAt, RequestedBy, RequestedAt, ApprovedBy, ApprovedAt, StartedAt, EndedAt, Failure, FailureJson, Attempts, VoidedAt, VoidedBy,
        VoidReason, VoidDelivered, SettledTo
        """;

    /// <summary>The states, in the order of a batch's life.</summary>
    public static readonly IReadOnlyList<string> Statuses = ["requested", "approved", "generating", "ready", "failed", "void"];

    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see and type.</summary>
    public long Number { get; init; }

    /// <summary>Slug of the package.</summary>
    public string Package { get; init; } = "";

    /// <summary>Units that one code is worth.</summary>
    public int Units { get; init; }

    /// <summary>Tokens of one code.</summary>
    public long Tokens { get; init; }

    /// <summary>Quota of one code at the console.</summary>
    public long Quota { get; init; }

    /// <summary>Codes asked for.</summary>
    public int Wanted { get; init; }

    /// <summary><c>console</c> or <c>friendly</c>.</summary>
    public string Format { get; init; } = "";

    /// <summary>In capitals; empty for none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What it is for.</summary>
    public string Note { get; init; } = "";

    /// <summary>When its codes end; null for never.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary><c>script</c>, <c>database</c> or <c>api</c>.</summary>
    public string PublishBy { get; init; } = "";

    /// <summary>Currency of the list price when it was asked for.</summary>
    public string? ListCurrency { get; init; }

    /// <summary>List price of one code, minor units, when it was asked for.</summary>
    public long? ListMinor { get; init; }

    /// <summary>One of <see cref="Statuses"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Codes made: sequences 1 to this.</summary>
    public int Made { get; init; }

    /// <summary>Codes in stock.</summary>
    public int Available { get; init; }

    /// <summary>Codes taken for an order.</summary>
    public int Allocated { get; init; }

    /// <summary>Codes handed out.</summary>
    public int Delivered { get; init; }

    /// <summary>Codes used.</summary>
    public int Redeemed { get; init; }

    /// <summary>Codes worth nothing.</summary>
    public int Voided { get; init; }

    /// <summary>What seals its codes, wrapped by the key ring; null as long as nobody has begun to make them.</summary>
    public byte[]? WrappedKey { get; init; }

    /// <summary>Since when the console knows all its codes; null when it does not.</summary>
    public DateTime? PublishedAt { get; init; }

    /// <summary>When its codes left the building as a file; null when they did not.</summary>
    public DateTime? ExportedAt { get; init; }

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>Who approved: the requester, within the limits.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>When.</summary>
    public DateTime? ApprovedAt { get; init; }

    /// <summary>When a worker first took it up.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it was ready, or failed for good.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>Why it failed, one line.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it failed, as the row keeps it for every language.</summary>
    public string? FailureJson { get; init; }

    /// <summary>Why it failed, or failed last before it is tried again; null when it did not.</summary>
    public Refusal? FailureReason => WorkQueue.ReadReason(FailureJson, Failure);

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was made void; null when it was not.</summary>
    public DateTime? VoidedAt { get; init; }

    /// <summary>By whom.</summary>
    public string? VoidedBy { get; init; }

    /// <summary>Why.</summary>
    public string? VoidReason { get; init; }

    /// <summary>Whether its delivered codes are void too.</summary>
    public bool VoidDelivered { get; init; }

    /// <summary>How far the rows have followed the batch's being void: a sequence.</summary>
    public int SettledTo { get; init; }

    /// <summary>How its codes look.</summary>
    public CodeFormat FormatOf => Format == "console" ? CodeFormat.Console : CodeFormat.Friendly;

    /// <summary>Whether it is void, and all its stock with it.</summary>
    public bool IsVoid => Status == "void";
}
