using BackOffice.Data.Engine;

namespace BackOffice.Data.Reports;

/// <summary>Reads reports for the list of them.</summary>
public sealed class ReportQueries(Database database)
{
    /// <summary>A page of reports, newest first.</summary>
    /// <param name="below">The page begins below this number; null for the newest page.</param>
    /// <param name="above">The page ends above this number, and goes before <paramref name="below"/>.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<ListedReport>> ListAsync(long? below, long? above, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (above is { } number)
            {
                var newer = await session.ListAsync<ListedReport>(ListAbove, new FromNumber(number, 0, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(newer, take) is { } page)
                    return page;
                below = null;
            }
            var older = await session.ListAsync<ListedReport>(ListBelow, new FromNumber(below ?? long.MaxValue, 0, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(older, take, isFirst: below is null);
        }, token);

    /// <summary>Below or above a number.</summary>
    public sealed record FromNumber(long Number, int Skip, int Take) : IPaged;

    /// <summary>Newest first.</summary>
    public static readonly Sql<FromNumber> ListBelow = new($$"""
        SELECT {{ListedReport.Columns}}
        FROM ReportRuns p
        JOIN ReconciliationRuns r ON r.Id = p.SubjectId
        WHERE p.Number < @Number
        ORDER BY p.Number DESC
        {page}
        """);

    /// <summary>Oldest first.</summary>
    public static readonly Sql<FromNumber> ListAbove = new($$"""
        SELECT {{ListedReport.Columns}}
        FROM ReportRuns p
        JOIN ReconciliationRuns r ON r.Id = p.SubjectId
        WHERE p.Number > @Number
        ORDER BY p.Number
        {page}
        """);
}

/// <summary>A report as the list shows it, with the run it tells of. Instants are UTC.</summary>
public sealed class ListedReport
{
    internal const string Columns = """
        p.Number, p.Format, p.Language, p.Status, p.RowsDone, p.RowsTotal, p.FileName, p.Size, p.RequestedBy, p.RequestedAt, p.Attempts,
        r.Number AS RunNumber, r.FromDay, r.UntilDay
        """;

    /// <summary>The number people see and type.</summary>
    public long Number { get; init; }

    /// <summary><c>xlsx</c>, <c>csv</c> or <c>json</c>.</summary>
    public string Format { get; init; } = "";

    /// <summary><c>en</c> or <c>zh-Hans</c>.</summary>
    public string Language { get; init; } = "";

    /// <summary><c>pending</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Findings written.</summary>
    public long RowsDone { get; init; }

    /// <summary>Findings to be written.</summary>
    public long RowsTotal { get; init; }

    /// <summary>The file's name for the reader.</summary>
    public string FileName { get; init; } = "";

    /// <summary>Bytes, once done.</summary>
    public long? Size { get; init; }

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When it was asked for.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }

    /// <summary>Number of the run it tells of.</summary>
    public long RunNumber { get; init; }

    /// <summary>First business day of that run.</summary>
    public DateOnly FromDay { get; init; }

    /// <summary>First business day that is not included.</summary>
    public DateOnly UntilDay { get; init; }
}
