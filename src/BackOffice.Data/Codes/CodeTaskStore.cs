using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;

namespace BackOffice.Data.Codes;

/// <summary>
/// What is done to codes in slices once it was decided: rows of a void batch follow it (<c>settle</c>), a list is made void (<c>voidlist</c>), the console is told of codes
/// (<c>publish</c>, <c>disable</c>). Each slice moves the task on in the same transaction, so that it goes on from there whatever happens.
/// </summary>
public sealed class CodeTaskStore(Database database)
{
    /// <summary>The tasks that wait to be done.</summary>
    public static readonly WorkQueue Queue = new("CodeTasks", givesUpAfter: 20);

    /// <summary>A task, to be done as soon as this transaction is.</summary>
    public static async Task<CodeTaskRow> AddAsync(WriteSession session, string kind, long? batch, int total, string by, CancellationToken token, string status = "pending", int notFound = 0)
    {
        var number = await session.NextNumberAsync("CodeTasks", token).ConfigureAwait(false);
        await session.ExecuteAsync(Insert, new InsertArgs(Ids.New(session.At), number, kind, batch, status, total, notFound, by, session.At), token).ConfigureAwait(false);
        return await session.GetAsync<CodeTaskRow>(ReadOne, new ByNumber(number), token).ConfigureAwait(false);
    }

    /// <summary>Starts to publish a batch over a connection; one that is under way goes on.</summary>
    /// <exception cref="RefusedException">It is published, or not to be.</exception>
    public Task<CodeTaskRow> PublishAsync(long batch, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.FindAsync<CodeTaskRow>(ReadUnended, new OfBatch(batch, "publish"), token).ConfigureAwait(false) is { } running)
                return running;
            var row = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(batch), token).ConfigureAwait(false);
            if (row is not { Status: "ready", PublishedAt: null })
                throw new RefusedException(new Refusal("BatchNotToPublish", ""));
            var task = await AddAsync(session, "publish", batch, row.Wanted, by, token).ConfigureAwait(false);
            await BatchStore.AppendAsync(session, AuditActions.BatchPublishing, batch, by, null, new { Codes = row.Wanted, row.PublishBy }, token).ConfigureAwait(false);
            return task;
        }, token);

    /// <summary>Somebody takes the script that brings the codes of a batch to the console, in plain: on record before the first code leaves.</summary>
    /// <exception cref="RefusedException">The batch was not approved to go that way, is not ready, at the console already, or has left as a file.</exception>
    public Task ScriptAsync(long batch, string engine, string by, string reason, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var row = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(batch), token).ConfigureAwait(false);
            if (row is not { Status: "ready", PublishBy: "script", PublishedAt: null, ExportedAt: null })
                throw new RefusedException(new Refusal("BatchNotByScript", ""));
            await CodeEvents.AddAsync(session, new NewCodeEvent(batch, CodeEvents.WholeBatch, CodeEventKinds.Scripted, by) { Codes = row.Wanted, Reason = reason }, token).ConfigureAwait(false);
            await BatchStore.AppendAsync(session, AuditActions.BatchScripted, batch, by, reason, new { Codes = row.Wanted, Script = "insert", Engine = engine }, token).ConfigureAwait(false);
        }, token);

    /// <summary>The console knows all codes of the batch: from now on they can be handed out.</summary>
    /// <exception cref="RefusedException">It is published already, or void.</exception>
    public Task MarkPublishedAsync(long batch, string by, string? reason, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, session => MarkPublishedAsync(session, batch, by, reason, token), token);

    /// <summary>The console knows all codes of the batch, inside a transaction.</summary>
    /// <exception cref="RefusedException">It is published already, or void.</exception>
    public static async Task MarkPublishedAsync(WriteSession session, long batch, string by, string? reason, CancellationToken token)
    {
        if (await session.ExecuteAsync(MarkPublished, new PublishedArgs(batch, session.At), token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("BatchNotToPublish", ""));
        var row = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(batch), token).ConfigureAwait(false);
        await CodeEvents.AddAsync(session, new NewCodeEvent(batch, CodeEvents.WholeBatch, CodeEventKinds.Published, by) { Codes = row.Wanted, Reason = reason }, token).ConfigureAwait(false);
        await BatchStore.AppendAsync(session, AuditActions.BatchPublished, batch, by, reason, new { Codes = row.Wanted, row.PublishBy }, token).ConfigureAwait(false);
    }

    /// <summary>A list of codes to be made void, as it was looked up: nothing is done before somebody says so.</summary>
    public Task<CodeTaskRow> DraftAsync(IReadOnlyList<CodeRow> codes, int notFound, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var task = await AddAsync(session, "voidlist", null, codes.Count, by, token, "draft", notFound).ConfigureAwait(false);
            await session.BulkInsertAsync(Rows, [.. codes.Select((code, at) => new TaskCode(task.Id, at + 1, code.BatchNo, code.Sequence))], token).ConfigureAwait(false);
            return task;
        }, token);

    /// <summary>The list is to be made void.</summary>
    /// <exception cref="RefusedException">It is no draft any more.</exception>
    public static async Task ConfirmAsync(WriteSession session, long number, bool withDelivered, string by, string reason, CancellationToken token)
    {
        if (await session.ExecuteAsync(Confirm, new ConfirmArgs(number, withDelivered, by, reason, session.At), token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("ListDoneAlready", ""));
        var task = await session.GetAsync<CodeTaskRow>(ReadOne, new ByNumber(number), token).ConfigureAwait(false);
        await AuditLog.AppendAsync(session, new AuditAct
        {
            Who = by,
            Action = AuditActions.CodesVoided,
            Subject = AuditSubject.Of("codelist", number),
            Reason = reason,
            Details = new { Codes = task.Total, WithDelivered = withDelivered, task.NotFound },
        }, token).ConfigureAwait(false);
    }

    /// <summary>The task stands further on.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public static async Task AdvanceAsync(WriteSession session, Guid id, int before, int position, CancellationToken token)
    {
        if (await session.ExecuteAsync(Advance, new AdvanceArgs(id, LeaseOwner.Current, before, position), token).ConfigureAwait(false) == 0)
            throw new LeaseLostException();
    }

    /// <summary>The task is done; a batch that was on its way to the console is published, unless it became void meanwhile.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken over.</exception>
    public Task FinishAsync(CodeTaskRow task, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            if (task.Kind == "publish" && await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(task.BatchNo!.Value), token).ConfigureAwait(false) is { Status: "ready", PublishedAt: null })
                await MarkPublishedAsync(session, task.BatchNo!.Value, task.RequestedBy, null, token).ConfigureAwait(false);
            if (!await Queue.EndAsync(session, task.Id, "done", token).ConfigureAwait(false))
                throw new LeaseLostException();
        }, token);

    /// <summary>A task that failed is tried again from where it stopped.</summary>
    /// <exception cref="RefusedException">It has not failed, or something newer of its kind was begun with its batch.</exception>
    public Task<CodeTaskRow> ResumeAsync(long number, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(Resume, new ByNumber(number), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("TaskNotFailed", ""));
            var task = await session.GetAsync<CodeTaskRow>(ReadOne, new ByNumber(number), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, new AuditAct
            {
                Who = by,
                Action = AuditActions.CodeTaskResumed,
                Subject = task.BatchNo is { } batch ? AuditSubject.Of("batch", batch) : AuditSubject.Of("codelist", number),
                Details = new { Task = number, task.Kind, Done = task.Position, task.Total },
            }, token).ConfigureAwait(false);
            return task;
        }, token);

    /// <summary>The console is to disable the codes of a list that was made void, those of published batches: a task with the same list.</summary>
    public static async Task DisableListAsync(WriteSession session, CodeTaskRow list, CancellationToken token)
    {
        var codes = await session.ListAsync<TaskCode>(ReadKnown, new BatchQueries.ById(list.Id), token).ConfigureAwait(false);
        if (codes.Count == 0)
            return;
        var task = await AddAsync(session, "disable", null, codes.Count, list.RequestedBy, token).ConfigureAwait(false);
        await session.BulkInsertAsync(Rows, [.. codes.Select((code, at) => code with { TaskId = task.Id, Ordinal = at + 1 })], token).ConfigureAwait(false);
    }

    /// <summary>A task by its row.</summary>
    public Task<CodeTaskRow> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<CodeTaskRow>(ReadById, new BatchQueries.ById(id), token), token);

    /// <summary>A task by its number; null when there is none.</summary>
    public Task<CodeTaskRow?> FindAsync(long number, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<CodeTaskRow>(ReadOne, new ByNumber(number), token), token);

    /// <summary>The tasks of a batch, the newest first.</summary>
    public Task<List<CodeTaskRow>> OfBatchAsync(long batch, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeTaskRow>(ReadOfBatch, new BatchQueries.ByNumber(batch), token), token);

    /// <summary>What is done to codes of a batch, alone or as part of a list, and has not ended well; the newest first.</summary>
    public Task<List<CodeTaskRow>> OpenOfBatchAsync(long batch, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeTaskRow>(ReadOpenOfBatch, new BatchQueries.ByNumber(batch), token), token);

    /// <summary>Codes of a list after a place in it.</summary>
    public Task<List<CodeRow>> CodesAsync(Guid task, int after, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<CodeRow>(ReadCodes, new CodesArgs(task, after, 0, take), token), token);

    /// <summary>How many of a list are in which state, by batch.</summary>
    public Task<List<ListedState>> StatesAsync(Guid task, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ListedState>(CountStates, new BatchQueries.ById(task), token), token);

    /// <summary>By the number people see.</summary>
    public sealed record ByNumber(long Number);

    /// <summary>A task of a batch that has not ended.</summary>
    public sealed record OfBatch(long BatchNo, string Kind);

    /// <summary>Columns of a new task.</summary>
    public sealed record InsertArgs(Guid Id, long Number, string Kind, long? BatchNo, string Status, int Total, int NotFound, string RequestedBy, DateTime RequestedAt);

    /// <summary>When the console knew all.</summary>
    public sealed record PublishedArgs(long Number, DateTime At);

    /// <summary>Somebody says that the list is meant.</summary>
    public sealed record ConfirmArgs(long Number, bool WithDelivered, string By, string Reason, DateTime At);

    /// <summary>From where to where.</summary>
    public sealed record AdvanceArgs(Guid Id, string Owner, int Before, int Position);

    /// <summary>A page of a list.</summary>
    public sealed record CodesArgs(Guid TaskId, int After, int Skip, int Take) : IPaged;

    /// <summary>A code of a list.</summary>
    public sealed record TaskCode(Guid TaskId, int Ordinal, long BatchNo, int Sequence)
    {
        /// <summary>For reading.</summary>
        public TaskCode() : this(Guid.Empty, 0, 0, 0)
        {
        }
    }

    /// <summary>Codes of a list.</summary>
    public static readonly BulkTable<TaskCode> Rows = new(
        "CodeTaskRows",
        ("TaskId", typeof(Guid), row => row.TaskId),
        ("Ordinal", typeof(int), row => row.Ordinal),
        ("BatchNo", typeof(long), row => row.BatchNo),
        ("Sequence", typeof(int), row => row.Sequence));

    /// <summary>A new task.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO CodeTasks (Id, Number, Kind, BatchNo, Status, Position, Total, WithDelivered, NotFound, RequestedBy, RequestedAt, Attempts)
        VALUES (@Id, @Number, @Kind, @BatchNo, @Status, 0, @Total, 0, @NotFound, @RequestedBy, @RequestedAt, 0)
        """);

    /// <summary>One task.</summary>
    public static readonly Sql<ByNumber> ReadOne = new($"SELECT {CodeTaskRow.Columns} FROM CodeTasks WHERE Number = @Number");

    /// <summary>One task.</summary>
    public static readonly Sql<BatchQueries.ById> ReadById = new($"SELECT {CodeTaskRow.Columns} FROM CodeTasks WHERE Id = @Id");

    /// <summary>The tasks of a batch.</summary>
    public static readonly Sql<BatchQueries.ByNumber> ReadOfBatch = new($"SELECT {CodeTaskRow.Columns} FROM CodeTasks WHERE BatchNo = @Number ORDER BY Number DESC");

    /// <summary>Those of a batch, and lists with codes of it, that have not ended well; what failed and was begun anew since is past.</summary>
    public static readonly Sql<BatchQueries.ByNumber> ReadOpenOfBatch = new($"""
        SELECT {CodeTaskRow.Columns}
        FROM CodeTasks t
        WHERE t.Status IN ('pending', 'running', 'failed')
            AND ((t.BatchNo = @Number AND {IsNewest}) OR (t.BatchNo IS NULL AND EXISTS (SELECT 1 FROM CodeTaskRows r WHERE r.TaskId = t.Id AND r.BatchNo = @Number)))
        ORDER BY t.Number DESC
        """);

    /// <summary>To be tried again from where it stopped.</summary>
    public static readonly Sql<ByNumber> Resume = new($"""
        UPDATE CodeTasks SET Status = 'pending', Attempts = 0, EndedAt = NULL, EnqueuedAt = NULL
        WHERE Number = (SELECT t.Number FROM CodeTasks t WHERE t.Number = @Number AND t.Status = 'failed' AND {IsNewest})
        """);

    private const string IsNewest = "NOT EXISTS (SELECT 1 FROM CodeTasks n WHERE n.BatchNo = t.BatchNo AND n.Kind = t.Kind AND n.Number > t.Number)";

    /// <summary>What is under way.</summary>
    public static readonly Sql<OfBatch> ReadUnended = new($"SELECT {CodeTaskRow.Columns} FROM CodeTasks WHERE BatchNo = @BatchNo AND Kind = @Kind AND Status IN ('pending', 'running')");

    /// <summary>Published, once.</summary>
    public static readonly Sql<PublishedArgs> MarkPublished = new("UPDATE CodeBatches SET PublishedAt = @At WHERE Number = @Number AND Status = 'ready' AND PublishedAt IS NULL");

    /// <summary>No draft any more.</summary>
    public static readonly Sql<ConfirmArgs> Confirm = new("""
        UPDATE CodeTasks SET Status = 'pending', WithDelivered = @WithDelivered, RequestedBy = @By, RequestedAt = @At, Reason = @Reason WHERE Number = @Number AND Kind = 'voidlist' AND Status = 'draft'
        """);

    /// <summary>Further on, by whoever holds the task and nobody else.</summary>
    public static readonly Sql<AdvanceArgs> Advance = new("""
        UPDATE CodeTasks SET Position = @Position WHERE Id = @Id AND Status = 'running' AND LeaseOwner = @Owner AND Position = @Before
        """);

    /// <summary>A page of a list.</summary>
    public static readonly Sql<CodesArgs> ReadCodes = new($$"""
        SELECT {{CodeRow.Columns}}
        FROM CodeTaskRows r
        JOIN Codes c ON c.BatchNo = r.BatchNo AND c.Sequence = r.Sequence
        JOIN CodeBatches b ON b.Number = c.BatchNo
        WHERE r.TaskId = @TaskId AND r.Ordinal > @After
        ORDER BY r.Ordinal
        {page}
        """);

    /// <summary>Codes of a list that the console knows.</summary>
    public static readonly Sql<BatchQueries.ById> ReadKnown = new("""
        SELECT r.TaskId, r.Ordinal, r.BatchNo, r.Sequence FROM CodeTaskRows r JOIN CodeBatches b ON b.Number = r.BatchNo
        WHERE r.TaskId = @Id AND (b.PublishedAt IS NOT NULL OR b.PublishBy = 'api' OR EXISTS (SELECT 1 FROM CodeTasks t WHERE t.BatchNo = b.Number AND t.Kind = 'publish'))
        ORDER BY r.Ordinal
        """);

    /// <summary>A list by batch and state.</summary>
    public static readonly Sql<BatchQueries.ById> CountStates = new("""
        SELECT c.BatchNo, c.Status, b.Status AS BatchStatus, b.VoidDelivered, b.Package, b.Units, b.Tokens, b.ListCurrency, b.ListMinor, COUNT(*) AS Codes
        FROM CodeTaskRows r
        JOIN Codes c ON c.BatchNo = r.BatchNo AND c.Sequence = r.Sequence
        JOIN CodeBatches b ON b.Number = c.BatchNo
        WHERE r.TaskId = @Id
        GROUP BY c.BatchNo, c.Status, b.Status, b.VoidDelivered, b.Package, b.Units, b.Tokens, b.ListCurrency, b.ListMinor
        ORDER BY c.BatchNo, c.Status
        """);
}

/// <summary>Codes of a list that are alike.</summary>
public sealed class ListedState
{
    /// <summary>Number of their batch.</summary>
    public long BatchNo { get; init; }

    /// <summary>State of their rows.</summary>
    public string Status { get; init; } = "";

    /// <summary>State of their batch.</summary>
    public string BatchStatus { get; init; } = "";

    /// <summary>Whether delivered codes of the void batch are void too.</summary>
    public bool VoidDelivered { get; init; }

    /// <summary>Slug of their package.</summary>
    public string Package { get; init; } = "";

    /// <summary>Units of each.</summary>
    public int Units { get; init; }

    /// <summary>Tokens of each.</summary>
    public long Tokens { get; init; }

    /// <summary>Currency of the list price.</summary>
    public string? ListCurrency { get; init; }

    /// <summary>List price of each, minor units.</summary>
    public long? ListMinor { get; init; }

    /// <summary>How many.</summary>
    public int Codes { get; init; }

    /// <summary>The state that counts.</summary>
    public Domain.Codes.CodeStatus Effective => Domain.Codes.CodeStatuses.Effective(Domain.Codes.CodeStatuses.Of(Status)!.Value, BatchStatus == "void", VoidDelivered);
}

/// <summary>A task. Instants are UTC.</summary>
public sealed class CodeTaskRow
{
    internal const string Columns = """
        Id, Number, Kind, BatchNo, Status, Position, Total, WithDelivered, NotFound, Reason, RequestedBy, RequestedAt, StartedAt, EndedAt, Failure, FailureJson, Attempts
        """;

    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>The number people see.</summary>
    public long Number { get; init; }

    /// <summary><c>settle</c>, <c>voidlist</c>, <c>publish</c> or <c>disable</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Number of the batch; null for a list.</summary>
    public long? BatchNo { get; init; }

    /// <summary><c>draft</c>, <c>pending</c>, <c>running</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>How far it is: a sequence of the batch, or a place in the list.</summary>
    public int Position { get; init; }

    /// <summary>Where it ends.</summary>
    public int Total { get; init; }

    /// <summary>Whether codes that customers hold are made void too.</summary>
    public bool WithDelivered { get; init; }

    /// <summary>Lines of the list that are no code of ours.</summary>
    public int NotFound { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Who asked.</summary>
    public string RequestedBy { get; init; } = "";

    /// <summary>When.</summary>
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
