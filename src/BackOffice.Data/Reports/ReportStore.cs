using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;

namespace BackOffice.Data.Reports;

/// <summary>Report rows: what was asked for, how far the writing is, and the finished file with its size and SHA-256.</summary>
public sealed class ReportStore(Database database)
{
    /// <summary>The rows as work.</summary>
    public static readonly WorkQueue Queue = new("ReportRuns");

    /// <summary>Asks for a report; the same subject, format and language is one report, asked for once. A failed one is to be written again.</summary>
    public async Task<ReportRow> AskAsync(NewReport report, CancellationToken token = default)
    {
        try
        {
            return await TryAskAsync(report, token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            // Somebody asked for the same at the same moment: their row is the answer.
            return await TryAskAsync(report, token).ConfigureAwait(false);
        }
    }

    private Task<ReportRow> TryAskAsync(NewReport report, CancellationToken token) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var args = new SubjectArgs(report.SubjectId, report.Format, report.Language);
            if (await session.FindAsync<ReportRow>(ReadBySubject, args, token).ConfigureAwait(false) is { } known)
            {
                if (await session.ExecuteAsync(Retry, new ById(known.Id), token).ConfigureAwait(false) > 0)
                    await AuditLog.AppendAsync(session, Act(AuditActions.ReportRetried, known.Number, report), token).ConfigureAwait(false);
                return await session.GetAsync<ReportRow>(ReadBySubject, args, token).ConfigureAwait(false);
            }
            var number = await session.NextNumberAsync("ReportRuns", token).ConfigureAwait(false);
            await session.ExecuteAsync(
                Insert,
                new InsertArgs(Ids.New(session.At), number, report.SubjectId, report.Format, report.Language, report.FileName, report.RowsTotal, report.By, session.At),
                token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, Act(AuditActions.ReportRequested, number, report), token).ConfigureAwait(false);
            return await session.GetAsync<ReportRow>(ReadBySubject, args, token).ConfigureAwait(false);
        }, token);

    private static AuditAct Act(string action, long number, NewReport report) => new()
    {
        Who = report.By,
        Action = action,
        Subject = AuditSubject.Of("report", number),
        Details = new { report.FileName, report.Format, report.Language, Rows = report.RowsTotal },
    };

    /// <summary>One report by its number; null when there is none.</summary>
    public Task<ReportRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<ReportRow>(ReadOne, new ByNumber(number), token), token);

    /// <summary>One report by its id.</summary>
    public Task<ReportRow> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<ReportRow>(ReadById, new ById(id), token), token);

    /// <summary>The reports of a subject.</summary>
    public Task<List<ReportRow>> OfSubjectAsync(Guid subjectId, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ReportRow>(ListOfSubject, new ById(subjectId), token), token);

    /// <summary>How many rows are written.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task AdvanceAsync(Guid id, long rows, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            await session.ExecuteAsync(Advance, new AdvanceArgs(id, rows), token).ConfigureAwait(false);
            if (!await Queue.RenewAsync(session, id, token).ConfigureAwait(false))
                throw new LeaseLostException();
        }, token);

    /// <summary>The file is complete.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task FinishAsync(Guid id, long rows, long size, byte[] sha256, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            await session.ExecuteAsync(Finish, new FinishArgs(id, rows, size, sha256), token).ConfigureAwait(false);
            if (!await Queue.EndAsync(session, id, "done", token).ConfigureAwait(false))
                throw new LeaseLostException();
        }, token);

    /// <summary>Which report, or subject.</summary>
    public sealed record ById(Guid Id);

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>What a report is identified by.</summary>
    public sealed record SubjectArgs(Guid SubjectId, string Format, string Language);

    /// <summary>How far the writing is.</summary>
    public sealed record AdvanceArgs(Guid Id, long Rows);

    /// <summary>The finished file.</summary>
    public sealed record FinishArgs(Guid Id, long Rows, long Size, byte[] Sha256);

    /// <summary>Columns of a new row.</summary>
    public sealed record InsertArgs(
        Guid Id, long Number, Guid SubjectId, string Format, string Language, string FileName, long RowsTotal, string RequestedBy, DateTime RequestedAt);

    /// <summary>A new report, pending.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO ReportRuns (Id, Number, Kind, SubjectId, Format, Language, Status, RowsDone, RowsTotal, FileName, RequestedBy, RequestedAt, Attempts)
        VALUES (@Id, @Number, 'reconciliation', @SubjectId, @Format, @Language, 'pending', 0, @RowsTotal, @FileName, @RequestedBy, @RequestedAt, 0)
        """);

    /// <summary>A failed report, asked for again.</summary>
    public static readonly Sql<ById> Retry = new("""
        UPDATE ReportRuns SET Status = 'pending', Attempts = 0, EndedAt = NULL, EnqueuedAt = NULL WHERE Id = @Id AND Status = 'failed'
        """);

    /// <summary>One report.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {ReportRow.Columns} FROM ReportRuns WHERE Number = @Number");

    /// <summary>One report.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {ReportRow.Columns} FROM ReportRuns WHERE Id = @Id");

    /// <summary>The report of a subject in a format and language.</summary>
    public static readonly Sql<SubjectArgs> ReadBySubject = new($"""
        SELECT {ReportRow.Columns} FROM ReportRuns WHERE SubjectId = @SubjectId AND Format = @Format AND Language = @Language
        """);

    /// <summary>All reports of a subject.</summary>
    public static readonly Sql<ById> ListOfSubject = new($"SELECT {ReportRow.Columns} FROM ReportRuns WHERE SubjectId = @Id ORDER BY Number");

    /// <summary>How many rows are written.</summary>
    public static readonly Sql<AdvanceArgs> Advance = new("UPDATE ReportRuns SET RowsDone = @Rows WHERE Id = @Id");

    /// <summary>What the file is.</summary>
    public static readonly Sql<FinishArgs> Finish = new("UPDATE ReportRuns SET RowsDone = @Rows, Size = @Size, Sha256 = @Sha256 WHERE Id = @Id");
}

/// <summary>A report that is wanted.</summary>
/// <param name="SubjectId">The run it tells of.</param>
/// <param name="Format"><c>xlsx</c>, <c>csv</c> or <c>json</c>.</param>
/// <param name="Language"><c>en</c> or <c>zh-Hans</c>.</param>
/// <param name="FileName">What the file will be called when it is downloaded.</param>
/// <param name="RowsTotal">Findings to be written.</param>
/// <param name="By">Who asks.</param>
public sealed record NewReport(Guid SubjectId, string Format, string Language, string FileName, long RowsTotal, string By);

/// <summary>A report as pages show it. Instants are UTC.</summary>
public sealed class ReportRow
{
    internal const string Columns = """
        Id, Number, SubjectId, Format, Language, Status, RowsDone, RowsTotal, FileName, Size, Sha256, RequestedBy, RequestedAt, StartedAt, EndedAt, Failure, FailureJson, Attempts
        """;

    /// <summary>The row's id; the finished file bears it as its name.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see and type.</summary>
    public long Number { get; init; }

    /// <summary>The run it tells of.</summary>
    public Guid SubjectId { get; init; }

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

    /// <summary>Of the file, once done.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When it was asked for.</summary>
    public DateTime RequestedAt { get; init; }

    /// <summary>When a worker first took it up.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>Why it failed, one line.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it failed, as the row keeps it for every language.</summary>
    public string? FailureJson { get; init; }

    /// <summary>Why it failed, or failed last before it is tried again; null when it did not.</summary>
    public Refusal? FailureReason => WorkQueue.ReadReason(FailureJson, Failure);

    /// <summary>How often it was taken up.</summary>
    public int Attempts { get; init; }
}
