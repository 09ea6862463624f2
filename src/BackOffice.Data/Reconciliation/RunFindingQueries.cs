using BackOffice.Data.Engine;

namespace BackOffice.Data.Reconciliation;

/// <summary>
/// Reads what one run saw, page by page, by kind and subject (ordinal). A page is put together of two seeks, the rest of one kind and then the kinds after
/// it, so that a page deep in a million findings costs what the first one costs.
/// </summary>
public sealed class RunFindingQueries(Database database)
{
    /// <summary>A page of a run's findings.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="kind">Only this kind; null for all.</param>
    /// <param name="place">The finding next to which the page begins; null for the first page.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<RunFindingRow>> ListAsync(Guid runId, string? kind, RunFindingPlace? place, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (place is { IsBefore: true })
            {
                var before = await ReadAsync(session, OfKindBefore, KindsBefore, new Args(runId, place.Kind, place.Subject, 0, take + 1), kind, token).ConfigureAwait(false);
                if (KeyedPage.Before(before, take) is { } page)
                    return page;
                place = null;
            }
            var args = new Args(runId, place?.Kind ?? kind ?? "", place?.Subject ?? "", 0, take + 1);
            var after = await ReadAsync(session, OfKindAfter, KindsAfter, args, kind, token).ConfigureAwait(false);
            return KeyedPage.After(after, take, isFirst: place is null);
        }, token);

    private static async Task<List<RunFindingRow>> ReadAsync(Session session, Sql<Args> ofKind, Sql<OtherArgs> ofOthers, Args args, string? kind, CancellationToken token)
    {
        var rows = await session.ListAsync<RunFindingRow>(ofKind, args, token).ConfigureAwait(false);
        if (kind is null && rows.Count < args.Take)
            rows.AddRange(await session.ListAsync<RunFindingRow>(ofOthers, new OtherArgs(args.RunId, args.Kind, 0, args.Take - rows.Count), token).ConfigureAwait(false));
        return rows;
    }

    /// <summary>Findings of one kind, after or before a subject.</summary>
    public sealed record Args(Guid RunId, string Kind, string Subject, int Skip, int Take) : IPaged;

    /// <summary>Findings of the kinds after or before one.</summary>
    public sealed record OtherArgs(Guid RunId, string Kind, int Skip, int Take) : IPaged;

    /// <summary>The rest of a kind.</summary>
    public static readonly Sql<Args> OfKindAfter = new($$"""
        SELECT {{RunFindingRow.Columns}}
        FROM RunFindings s
        LEFT JOIN Findings f ON f.Kind = s.Kind AND f.Subject = s.Subject
        WHERE s.RunId = @RunId AND s.Kind = @Kind AND s.Subject > @Subject
        ORDER BY s.Subject
        {page}
        """);

    /// <summary>The kinds that follow.</summary>
    public static readonly Sql<OtherArgs> KindsAfter = new($$"""
        SELECT {{RunFindingRow.Columns}}
        FROM RunFindings s
        LEFT JOIN Findings f ON f.Kind = s.Kind AND f.Subject = s.Subject
        WHERE s.RunId = @RunId AND s.Kind > @Kind
        ORDER BY s.Kind, s.Subject
        {page}
        """);

    /// <summary>A kind before a subject, against the order.</summary>
    public static readonly Sql<Args> OfKindBefore = new($$"""
        SELECT {{RunFindingRow.Columns}}
        FROM RunFindings s
        LEFT JOIN Findings f ON f.Kind = s.Kind AND f.Subject = s.Subject
        WHERE s.RunId = @RunId AND s.Kind = @Kind AND s.Subject < @Subject
        ORDER BY s.Subject DESC
        {page}
        """);

    /// <summary>The kinds that go before, against the order.</summary>
    public static readonly Sql<OtherArgs> KindsBefore = new($$"""
        SELECT {{RunFindingRow.Columns}}
        FROM RunFindings s
        LEFT JOIN Findings f ON f.Kind = s.Kind AND f.Subject = s.Subject
        WHERE s.RunId = @RunId AND s.Kind < @Kind
        ORDER BY s.Kind DESC, s.Subject DESC
        {page}
        """);
}

/// <summary>A place in a run's findings: the row next to which a page begins.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="IsBefore">The page holds what goes before it, not what follows.</param>
public sealed record RunFindingPlace(string Kind, string Subject, bool IsBefore);

/// <summary>What a run saw, with the finding it is now, if the run or another one opened it.</summary>
public sealed class RunFindingRow
{
    internal const string Columns = """
        s.Kind, s.Subject, s.OrderNo, s.TransactionId, s.Currency, s.ExpectedMinor, s.ActualMinor, f.Id AS FindingId, f.State
        """;

    /// <summary>One of <see cref="Domain.Reconciliation.FindingKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Order number or transaction id.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The order, when known.</summary>
    public string? OrderNo { get; init; }

    /// <summary>The transaction; null for findings of an order.</summary>
    public string? TransactionId { get; init; }

    /// <summary>Currency of the amounts, where the kind has one.</summary>
    public string? Currency { get; init; }

    /// <summary>What should have been paid, minor units.</summary>
    public long? ExpectedMinor { get; init; }

    /// <summary>What was paid, minor units.</summary>
    public long? ActualMinor { get; init; }

    /// <summary>The finding; null when no run has opened it: one that looks back does not.</summary>
    public Guid? FindingId { get; init; }

    /// <summary>The finding's state now.</summary>
    public string? State { get; init; }
}
