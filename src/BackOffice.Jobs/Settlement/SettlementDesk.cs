using System.Text.Json;
using BackOffice.Data.Approvals;
using BackOffice.Data.Engine;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Approvals;

namespace BackOffice.Jobs.Settlement;

/// <summary>Where the approval of a month is asked for.</summary>
public sealed class SettlementDesk(SettlementStore store, ApprovalStore approvals, TimeProvider clock)
{
    /// <summary>Asks a second person to approve the figures that were seen.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="seen">Hash of the figures on the page.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>The request's number.</returns>
    /// <exception cref="RefusedException">It is blocked, its figures are others by now, or a request waits already.</exception>
    public async Task<long> RequestAsync(string upstream, DateOnly month, string seen, string reason, string by, CancellationToken token)
    {
        var document = await store.SeeAsync(upstream, month, token).ConfigureAwait(false);
        var wanted = new SettlementWanted(document.Upstream, document.Period, seen, by);
        if (SettlementStore.WhyNot(document, wanted, clock.UtcNow()) is { } refusal)
            throw new RefusedException(refusal);
        var subject = SubjectOf(document.Upstream, document.Period);
        var details = new { Act = SettlementStore.ApprovalKind, Settlement = subject, document.Total.Currency, document.Total.TotalNano, document.Total.PayableMinor, Hash = seen };
        return await approvals.RequestAsync(new NewApproval(SettlementStore.ApprovalKind, subject, JsonSerializer.Serialize(wanted), reason, by, details), token).ConfigureAwait(false);
    }

    /// <summary>How a request names what it is about.</summary>
    public static string SubjectOf(string upstream, string period) => $"{upstream} {period}";
}

/// <summary>Approving a month: its figures are final from then on.</summary>
public sealed class SettlementApproval(SettlementStore store, TimeProvider clock) : TwoPersonAct
{
    public override string Kind => SettlementStore.ApprovalKind;

    public override Act Signs => Act.Sign;

    public static SettlementWanted WantedOf(ApprovalRow approval) => JsonSerializer.Deserialize<SettlementWanted>(approval.Payload)!;

    public override async Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        var wanted = WantedOf(approval);
        var document = await store.SeeAsync(wanted.Upstream, wanted.Month, token).ConfigureAwait(false);
        if (SettlementStore.WhyNot(document, wanted, clock.UtcNow()) is { } refusal)
            throw new RefusedException(refusal);
        return (session, stop) => SettlementStore.ApproveAsync(session, wanted, by, stop);
    }
}
