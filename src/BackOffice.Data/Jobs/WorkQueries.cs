using BackOffice.Data.Engine;

namespace BackOffice.Data.Jobs;

/// <summary>What works or waits now, whatever its kind: for the strip on top of every page, so it costs a look into three indexes.</summary>
public sealed class WorkQueries(Database database)
{
    /// <summary>Imports, reconciliation runs and reports that run or wait, in the order they were asked for.</summary>
    public Task<List<WorkRow>> ListAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<WorkRow>(ListUnended, token: token), token);

    /// <summary>Whatever has not ended. An import is measured in bytes, a run in cases, a report in rows.</summary>
    public static readonly Sql ListUnended = new("""
        SELECT 'import' AS Kind, Number, Status, FileName AS Name, BytesRead AS Done, Size AS Total, RequestedAt, StartedAt
        FROM Imports
        WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'run', Number, Status, NULL, CasesJudged, CasesTotal, RequestedAt, StartedAt
        FROM ReconciliationRuns
        WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'report', Number, Status, FileName, RowsDone, RowsTotal, RequestedAt, StartedAt
        FROM ReportRuns
        WHERE Status IN ('pending', 'running')
        ORDER BY RequestedAt, Kind, Number
        """);
}

/// <summary>A piece of work that runs or waits. Instants are UTC.</summary>
public sealed class WorkRow
{
    /// <summary><c>import</c>, <c>run</c> or <c>report</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The number people see, of its kind.</summary>
    public long Number { get; init; }

    /// <summary><c>pending</c> or <c>running</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The file it reads or writes; null for a run.</summary>
    public string? Name { get; init; }

    /// <summary>How much is done.</summary>
    public long Done { get; init; }

    /// <summary>How much there is; 0 while it is not known.</summary>
    public long Total { get; init; }

    /// <summary>When it was asked for.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>When a worker first took it up.</summary>
    public DateTime? StartedAt { get; init; }
}
