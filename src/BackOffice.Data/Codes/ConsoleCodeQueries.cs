using BackOffice.Data.Engine;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Codes;

/// <summary>Sealed codes on their way to the console.</summary>
public sealed class ConsoleCodeQueries(Database database)
{
    /// <summary>Codes of a batch after one.</summary>
    public Task<List<ConsoleCodeRow>> OfBatchAsync(long batch, int after, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ConsoleCodeRow>(ReadOfBatch, new CodeQueries.AfterSequence(batch, after, 0, take), token), token);

    /// <summary>Codes of a list after a place in it.</summary>
    public Task<List<ConsoleCodeRow>> OfTaskAsync(Guid task, int after, int take, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<ConsoleCodeRow>(ReadOfTask, new CodeTaskStore.CodesArgs(task, after, 0, take), token), token);

    /// <summary>When the latest redemption that we know of was made, UTC; null when there is none.</summary>
    public async Task<DateTime?> LastRedeemedAsync(CancellationToken token = default) =>
        (await database.ReadAsync(session => session.GetAsync<LastRow>(ReadLastRedeemed, token: token), token).ConfigureAwait(false)).At;

    /// <summary>Of a batch.</summary>
    public static readonly Sql<CodeQueries.AfterSequence> ReadOfBatch = new($$"""
        SELECT {{ConsoleCodeRow.Columns}} FROM Codes c JOIN CodeBatches b ON b.Number = c.BatchNo
        WHERE c.BatchNo = @BatchNo AND c.Sequence > @Sequence
        ORDER BY c.Sequence
        {page}
        """);

    /// <summary>Of a list.</summary>
    public static readonly Sql<CodeTaskStore.CodesArgs> ReadOfTask = new($$"""
        SELECT {{ConsoleCodeRow.Columns}}
        FROM CodeTaskRows r
        JOIN Codes c ON c.BatchNo = r.BatchNo AND c.Sequence = r.Sequence
        JOIN CodeBatches b ON b.Number = c.BatchNo
        WHERE r.TaskId = @TaskId AND r.Ordinal > @After
        ORDER BY r.Ordinal
        {page}
        """);

    /// <summary>The latest.</summary>
    public static readonly Sql ReadLastRedeemed = new("SELECT MAX(HappenedAt) AS At FROM CodeEvents WHERE Kind = 'redeemed' AND Sequence > 0");

    private sealed class LastRow
    {
        public DateTime? At { get; init; }
    }
}

/// <summary>A sealed code with its state.</summary>
public sealed class ConsoleCodeRow
{
    internal const string Columns = "c.BatchNo, c.Sequence, c.Cipher, c.Status, b.Status AS BatchStatus, b.VoidDelivered";

    /// <summary>Number of its batch.</summary>
    public long BatchNo { get; init; }

    /// <summary>Its place in it.</summary>
    public int Sequence { get; init; }

    /// <summary>Nonce, ciphertext and tag.</summary>
    public byte[] Cipher { get; init; } = [];

    /// <summary>State of its row.</summary>
    public string Status { get; init; } = "";

    /// <summary>State of its batch.</summary>
    public string BatchStatus { get; init; } = "";

    /// <summary>Whether delivered codes of the void batch are void too.</summary>
    public bool VoidDelivered { get; init; }

    /// <summary>The state that counts.</summary>
    public CodeStatus Effective => CodeStatuses.Of(Status)!.Value.Effective(BatchStatus == "void", VoidDelivered);

    /// <summary>As findings name it.</summary>
    public string Subject => FormattableString.Invariant($"{BatchNo}-{Sequence}");
}
