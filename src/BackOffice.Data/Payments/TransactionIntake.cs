using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Orders;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Payments;

/// <summary>
/// Takes transactions of a Creem file in, as observations (reconciliation rules 1): the same record from the same source is stored once, a different one
/// beside it. The payment is the state that all observations of the transaction make, whenever they came.
/// </summary>
/// <param name="mode">The shop's mode at Creem.</param>
public sealed class TransactionIntake(string mode) : Intake<ImportedTransaction>
{
    private readonly OrderStatuses _statuses = new(mode);

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<ImportedTransaction> records, CancellationToken token)
    {
        var args = new TransactionIds([.. records.Select(record => record.TransactionId).Distinct(StringComparer.Ordinal)]);
        var stored = await session.ListAsync<StoredKey>(FindObservations, args, token).ConfigureAwait(false);
        var known = stored.Where(row => row.Source == ObservationSources.File).Select(row => (row.TransactionId, new Guid(row.PayloadHash))).ToHashSet();
        var outcomes = new Outcome[records.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = known.Add((records[i].TransactionId, new Guid(records[i].PayloadHash))) ? Outcome.New : Outcome.Repeated;
        return outcomes;
    }

    /// <inheritdoc/>
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<ImportedTransaction> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var fresh = records.Where((_, i) => outcomes[i].Kind == OutcomeKind.New).ToList();
        if (fresh.Count == 0)
            return;
        var lastRecorded = await LastRecordedAsync(session, fresh, token).ConfigureAwait(false);
        var known = lastRecorded.Keys.ToHashSet(StringComparer.Ordinal);
        var rows = fresh.ConvertAll(record => new NewObservation(record, RecordedAfterOthers(lastRecorded, record.TransactionId, session.At)));
        await session.BulkInsertAsync(Observations, rows, token).ConfigureAwait(false);
        await StorePaymentsAsync(session, rows, known, token).ConfigureAwait(false);
        var first = rows.Where(row => !known.Contains(row.Record.TransactionId)).Select(row => new OrderStatuses.FirstObservation(row.AsObservation(), row.Record.RequestId));
        await _statuses.OfFirstObservationsAsync(session, [.. first], token).ConfigureAwait(false);
        await _statuses.OfTransactionsAsync(session, [.. known], token).ConfigureAwait(false);
    }

    private static async Task<Dictionary<string, DateTime>> LastRecordedAsync(WriteSession session, List<ImportedTransaction> fresh, CancellationToken token)
    {
        var args = new TransactionIds([.. fresh.Select(record => record.TransactionId).Distinct(StringComparer.Ordinal)]);
        var payments = await session.ListAsync<KnownPayment>(FindPayments, args, token).ConfigureAwait(false);
        return payments.ToDictionary(payment => payment.TransactionId, payment => payment.RecordedAt, StringComparer.Ordinal);
    }

    // A file can tell of one transaction twice, within one write transaction or not: which telling was the first decides when the steps were taken (rules 1).
    private static DateTime RecordedAfterOthers(Dictionary<string, DateTime> lastRecorded, string transactionId, DateTime at)
    {
        if (lastRecorded.TryGetValue(transactionId, out var last) && at <= last)
            at = last.AddMilliseconds(1);
        return lastRecorded[transactionId] = at;
    }

    private static async Task StorePaymentsAsync(WriteSession session, List<NewObservation> rows, HashSet<string> known, CancellationToken token)
    {
        var fresh = new List<Payment>(rows.Count);
        foreach (var transaction in rows.Where(row => !known.Contains(row.Record.TransactionId)).GroupBy(row => row.Record.TransactionId, StringComparer.Ordinal))
        {
            var observations = transaction.Select(row => row.AsObservation()).ToArray();
            fresh.Add(Payment.Of(observations));
            await NoteStrayAsync(session, observations, token).ConfigureAwait(false);
        }
        await session.BulkInsertAsync(Payments, fresh, token).ConfigureAwait(false);
        if (known.Count == 0)
            return;
        var all = await session.ListAsync<Observation>(ReadObservations, new TransactionIds([.. known]), token).ConfigureAwait(false);
        foreach (var transaction in all.GroupBy(row => row.TransactionId, StringComparer.Ordinal))
        {
            await session.ExecuteAsync(UpdatePayment, Payment.Of([.. transaction]), token).ConfigureAwait(false);
            await NoteStrayAsync(session, [.. transaction], token).ConfigureAwait(false);
        }
    }

    private static async Task NoteStrayAsync(WriteSession session, Observation[] observations, CancellationToken token)
    {
        if (Array.Exists(observations, one => one.CreemOrderId != observations[0].CreemOrderId))
            await session.ExecuteAsync(InsertStray, new StrayArgs(observations[0].TransactionId), token).ConfigureAwait(false);
    }

    /// <summary>Which transactions.</summary>
    public sealed record TransactionIds(IReadOnlyList<string> Keys);

    /// <summary>A transaction whose observations do not all name one Creem order.</summary>
    public sealed record StrayArgs(string TransactionId);

    /// <summary>Notes it once.</summary>
    public static readonly Sql<StrayArgs> InsertStray = new("""
        INSERT INTO StrayTransactions (TransactionId)
        SELECT p.TransactionId FROM PaymentObservations p
        WHERE p.TransactionId = @TransactionId AND NOT EXISTS (SELECT 1 FROM StrayTransactions s WHERE s.TransactionId = @TransactionId)
        GROUP BY p.TransactionId
        """);

    /// <summary>What is stored of the transactions of a portion, from every source.</summary>
    public static readonly Sql<TransactionIds> FindObservations = new("SELECT TransactionId, Source, PayloadHash FROM PaymentObservations WHERE TransactionId IN @Keys");

    /// <summary>Which of the transactions have a payment already, and when the newest fact of each was recorded.</summary>
    public static readonly Sql<TransactionIds> FindPayments = new("SELECT TransactionId, RecordedAt FROM Payments WHERE TransactionId IN @Keys");

    /// <summary>All observations of transactions, to make their state anew.</summary>
    public static readonly Sql<TransactionIds> ReadObservations = new("""
        SELECT TransactionId, Source, PayloadHash, RecordedAt, Status, Mode, Currency, AmountMinor, AmountPaidMinor, AmountDueMinor, TaxMinor, DiscountMinor, RefundedMinor,
            CreemOrderId, CreatedAt, HappenedAt
        FROM PaymentObservations
        WHERE TransactionId IN @Keys
        """);

    /// <summary>The state a transaction has come to.</summary>
    public static readonly Sql<Payment> UpdatePayment = new("""
        UPDATE Payments
        SET Status = @Status, Currency = @Currency, AmountPaidMinor = @AmountPaidMinor, TaxMinor = @TaxMinor, RefundedMinor = @RefundedMinor,
            CreemOrderId = @CreemOrderId, CreatedAt = @CreatedAt, RecordedAt = @RecordedAt
        WHERE TransactionId = @TransactionId
        """);

    /// <summary>How observations go in.</summary>
    public static readonly BulkTable<NewObservation> Observations = new(
        "PaymentObservations",
        ("TransactionId", typeof(string), row => row.Record.TransactionId),
        ("PayloadHash", typeof(byte[]), row => row.Record.PayloadHash),
        ("Source", typeof(string), _ => ObservationSources.File),
        ("Status", typeof(string), row => row.Record.Status),
        ("Mode", typeof(string), row => row.Record.Mode),
        ("Currency", typeof(string), row => row.Record.Currency),
        ("AmountMinor", typeof(long), row => row.Record.AmountMinor),
        ("AmountPaidMinor", typeof(long), row => row.Record.AmountPaidMinor),
        ("TaxMinor", typeof(long), row => row.Record.TaxMinor),
        ("DiscountMinor", typeof(long), row => row.Record.DiscountMinor),
        ("RefundedMinor", typeof(long), row => row.Record.RefundedMinor),
        ("CreemOrderId", typeof(string), row => row.Record.CreemOrderId),
        ("RequestId", typeof(string), row => row.Record.RequestId),
        ("TaxCountry", typeof(string), row => row.Record.TaxCountry),
        ("CustomerId", typeof(string), row => row.Record.CustomerId),
        ("CreatedAt", typeof(DateTime), row => row.Record.CreatedAt),
        ("RecordedAt", typeof(DateTime), row => row.RecordedAt));

    /// <summary>How payments go in.</summary>
    public static readonly BulkTable<Payment> Payments = new(
        "Payments",
        ("TransactionId", typeof(string), row => row.TransactionId),
        ("Status", typeof(string), row => row.Status),
        ("Currency", typeof(string), row => row.Currency),
        ("AmountPaidMinor", typeof(long), row => row.AmountPaidMinor),
        ("TaxMinor", typeof(long), row => row.TaxMinor),
        ("RefundedMinor", typeof(long), row => row.RefundedMinor),
        ("CreemOrderId", typeof(string), row => row.CreemOrderId),
        ("CreatedAt", typeof(DateTime), row => row.CreatedAt),
        ("RecordedAt", typeof(DateTime), row => row.RecordedAt));

    /// <summary>An observation to be stored.</summary>
    public sealed record NewObservation(ImportedTransaction Record, DateTime RecordedAt)
    {
        /// <summary>As the rules see it.</summary>
        public Observation AsObservation() => new()
        {
            TransactionId = Record.TransactionId,
            Source = ObservationSources.File,
            PayloadHash = Record.PayloadHash,
            RecordedAt = RecordedAt,
            Status = Record.Status,
            Mode = Record.Mode,
            Currency = Record.Currency,
            AmountMinor = Record.AmountMinor,
            AmountPaidMinor = Record.AmountPaidMinor,
            TaxMinor = Record.TaxMinor,
            DiscountMinor = Record.DiscountMinor,
            RefundedMinor = Record.RefundedMinor,
            CreemOrderId = Record.CreemOrderId,
            CreatedAt = Record.CreatedAt,
        };
    }

    private sealed class StoredKey
    {
        public string TransactionId { get; init; } = "";

        public string Source { get; init; } = "";

        public byte[] PayloadHash { get; init; } = [];
    }

    private sealed class KnownPayment
    {
        public string TransactionId { get; init; } = "";

        public DateTime RecordedAt { get; init; }
    }
}

/// <summary>The state a transaction has come to, as far as known now. Minor units, UTC.</summary>
public sealed record Payment(
    string TransactionId, string Status, string? Currency, long? AmountPaidMinor, long TaxMinor, long RefundedMinor, string? CreemOrderId, DateTime CreatedAt, DateTime RecordedAt)
{
    /// <summary>The word of a normal status as rows hold it.</summary>
    public static string Word(NormalStatus status) => status switch
    {
        NormalStatus.Unpaid => "unpaid",
        NormalStatus.Unknown => "unknown",
        NormalStatus.Paid => "paid",
        NormalStatus.Refunded => "refunded",
        NormalStatus.ChargedBack => "charged_back",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status."),
    };

    /// <summary>Made of all observations of one transaction. The order is not asked for: a missing amount paid counts without tax on top.</summary>
    public static Payment Of(Observation[] observations)
    {
        var transaction = Transaction.Known(observations, DateTime.MaxValue)!;
        var state = transaction.StateAt(DateTime.MaxValue, null)!;
        var creemOrderId = transaction.Steps.Select(step => step.Seen.CreemOrderId).LastOrDefault(id => id is not null);
        return new Payment(
            state.Id, Word(state.Status), state.Currency == TransactionState.NoCurrency ? null : state.Currency, state.PaidMinor, state.TaxMinor, state.RefundedMinor,
            creemOrderId, state.CreatedAt, transaction.LastRecordedAt);
    }
}
