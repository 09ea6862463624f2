using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Settlement;

/// <summary>What people say to an upstream's invoice.</summary>
public sealed class InvoiceStore(Database database)
{
    /// <summary>Accepts the difference of the invoice that counts, as it was seen.</summary>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="number">The invoice.</param>
    /// <param name="seen">Hash of the figures that were seen, hexadecimal.</param>
    /// <param name="by">Who accepts.</param>
    /// <param name="reason">Why.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">A newer invoice counts, the figures are others by now, or exactly they were accepted already.</exception>
    public Task AcceptAsync(string upstream, DateOnly month, long number, string seen, string by, string reason, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var period = SettlementPeriod.NameOf(month);
            var settlement = await SettlementReader.NowAsync(session, upstream, month, token).ConfigureAwait(false);
            if (await InvoiceQueries.CompareAsync(session, settlement, number, token).ConfigureAwait(false) is not { IsCurrent: true } figures)
                throw new RefusedException(new Refusal("InvoiceReplaced", "", upstream, period));
            if (figures.HashText != seen)
                throw new RefusedException(new Refusal("InvoiceFiguresChanged", ""));
            if (await session.ExecuteAsync(Accept, new Acceptance(number, by, session.At, reason, figures.Hash), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("InvoiceAcceptedAlready", ""));
            var (difference, variance) = (figures.Difference, figures.Difference.Variance);
            await AuditLog.AppendAsync(session, new AuditAct
            {
                Who = by,
                Action = AuditActions.InvoiceAccepted,
                Subject = AuditSubject.Of("settlement", $"{upstream}/{period}"),
                Reason = reason,
                Before = new { figures.Invoice.AcceptedBy },
                After = new { AcceptedBy = by },
                Details = new
                {
                    Invoice = number,
                    figures.Invoice.Currency,
                    difference.InvoiceNano,
                    difference.OursNano,
                    variance.Quantity,
                    variance.Mix,
                    variance.Price,
                    variance.Unmapped,
                    variance.Rounding,
                    Hash = seen,
                },
            }, token).ConfigureAwait(false);
        }, token);

    /// <summary>What an acceptance writes.</summary>
    public sealed record Acceptance(long Number, string By, DateTime At, string Reason, byte[] Hash);

    /// <summary>Accepted; anew only where the figures are others than those accepted before.</summary>
    public static readonly Sql<Acceptance> Accept = new("""
        UPDATE UpstreamInvoices
        SET AcceptedBy = @By, AcceptedAt = @At, AcceptReason = @Reason, AcceptedHash = @Hash
        WHERE Number = @Number AND (AcceptedHash IS NULL OR AcceptedHash <> @Hash)
        """);
}
