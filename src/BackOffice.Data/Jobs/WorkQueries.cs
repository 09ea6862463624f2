using BackOffice.Data.Engine;

namespace BackOffice.Data.Jobs;

/// <summary>What works or waits now, whatever its kind: for the strip on top of every page, so it costs a look into an index each.</summary>
public sealed class WorkQueries(Database database)
{
    /// <summary>Imports, reconciliation runs, reports, batches of codes and what is done to them, as far as it runs or waits, in the order it was asked for.</summary>
    public Task<List<WorkRow>> ListAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<WorkRow>(ListUnended, token: token), token);

    /// <summary>What people asked for and was given up after all its tries: not what was refused with its reason.</summary>
    /// <param name="since">UTC; what ended earlier is left out.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<List<FailedWork>> ListGivenUpAsync(DateTime since, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<FailedWork>(ListGivenUp, new GivenUpArgs(since, WorkQueue.MostAttempts), token), token);

    /// <summary>Each queue with how much of it has not ended: messages and nights among them.</summary>
    public Task<List<QueueLength>> ListQueuesAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<QueueLength>(ListQueues, token: token), token);

    /// <summary>Since when, and after how many tries.</summary>
    public sealed record GivenUpArgs(DateTime Since, int Attempts);

    /// <summary>Failed for good, not for a reason that trying again could not mend; but reading usage for any, because nobody waits for its answer.</summary>
    public static readonly Sql<GivenUpArgs> ListGivenUp = new("""
        SELECT 'import' AS Kind, Number, Failure FROM Imports WHERE Status = 'failed' AND Attempts >= @Attempts AND EndedAt >= @Since
        UNION ALL
        SELECT 'run', Number, Failure FROM ReconciliationRuns WHERE Status = 'failed' AND Attempts >= @Attempts AND EndedAt >= @Since
        UNION ALL
        SELECT 'report', Number, Failure FROM ReportRuns WHERE Status = 'failed' AND Attempts >= @Attempts AND EndedAt >= @Since
        UNION ALL
        SELECT 'batch', Number, Failure FROM CodeBatches WHERE Status = 'failed' AND Attempts >= @Attempts AND EndedAt >= @Since
        UNION ALL
        SELECT Kind, COALESCE(BatchNo, Number), Failure FROM CodeTasks WHERE Status = 'failed' AND Attempts >= @Attempts AND EndedAt >= @Since
        UNION ALL
        SELECT 'usage_proof', Number, Failure FROM UsageProofs WHERE Status = 'failed' AND Attempts >= @Attempts AND EndedAt >= @Since
        UNION ALL
        SELECT 'usage_pull', Number, Failure FROM UsagePulls WHERE Status = 'failed' AND EndedAt >= @Since
        ORDER BY Kind, Number
        """);

    /// <summary>Whatever has not ended. An import is measured in bytes, a run in cases, a report in rows, a batch in codes, a proof of usage in days. What is done to a batch has the batch's number, what is done to a list the list's.</summary>
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
        UNION ALL
        SELECT 'batch', Number, CASE WHEN Status = 'generating' THEN 'running' ELSE 'pending' END, NULL, Made, Wanted, RequestedAt, StartedAt
        FROM CodeBatches
        WHERE Status IN ('approved', 'generating')
        UNION ALL
        SELECT Kind, COALESCE(BatchNo, Number), Status, NULL, Position, Total, RequestedAt, StartedAt
        FROM CodeTasks
        WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'usage_proof', Number, Status, NULL, DaysDone, DaysTotal, RequestedAt, StartedAt
        FROM UsageProofs
        WHERE Status IN ('pending', 'running')
        ORDER BY RequestedAt, Kind, Number
        """);

    /// <summary>How much waits or runs, by queue. A night is as old as its handing out.</summary>
    public static readonly Sql ListQueues = new("""
        SELECT 'import' AS Queue, COUNT(*) AS Waiting, MIN(RequestedAt) AS OldestAt FROM Imports WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'run', COUNT(*), MIN(RequestedAt) FROM ReconciliationRuns WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'report', COUNT(*), MIN(RequestedAt) FROM ReportRuns WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'batch', COUNT(*), MIN(RequestedAt) FROM CodeBatches WHERE Status IN ('approved', 'generating')
        UNION ALL
        SELECT 'codes', COUNT(*), MIN(RequestedAt) FROM CodeTasks WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'usage', COUNT(*), MIN(RequestedAt) FROM UsageProofs WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'night', COUNT(*), MIN(COALESCE(StartedAt, EnqueuedAt)) FROM JobRuns WHERE Status IN ('pending', 'running')
        UNION ALL
        SELECT 'message', COUNT(*), MIN(RecordedAt) FROM OutboxMessages WHERE Status IN ('pending', 'running')
        """);
}

/// <summary>A piece of work that runs or waits. Instants are UTC.</summary>
public sealed class WorkRow
{
    /// <summary><c>import</c>, <c>run</c>, <c>report</c>, <c>batch</c>, or the kind of a task on codes.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The number people see, of its kind; of a task on a batch the batch's.</summary>
    public long Number { get; init; }

    /// <summary><c>pending</c> or <c>running</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The file it reads or writes; null for what is no file.</summary>
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

/// <summary>What of one kind of work has not ended.</summary>
public sealed class QueueLength
{
    /// <summary><c>import</c>, <c>run</c>, <c>report</c>, <c>batch</c>, <c>codes</c> (tasks on them), <c>usage</c> (proofs), <c>night</c> or <c>message</c>.</summary>
    public string Queue { get; init; } = "";

    /// <summary>Rows that wait or run.</summary>
    public long Waiting { get; init; }

    /// <summary>When the oldest of them was asked for, UTC; null when nothing waits.</summary>
    public DateTime? OldestAt { get; init; }
}

/// <summary>A piece of work that was given up.</summary>
public sealed class FailedWork
{
    /// <summary><c>import</c>, <c>run</c>, <c>report</c>, <c>batch</c>, <c>usage_pull</c>, <c>usage_proof</c>, or the kind of a task on codes.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The number people see, of its kind; of a task on a batch the batch's.</summary>
    public long Number { get; init; }

    /// <summary>Why, one line.</summary>
    public string? Failure { get; init; }
}
