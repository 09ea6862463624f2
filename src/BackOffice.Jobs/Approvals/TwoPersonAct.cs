using BackOffice.Data.Approvals;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using Hangfire;

namespace BackOffice.Jobs.Approvals;

/// <summary>
/// Something that one person asks for and another one decides. A feature adds its own: who may sign, and what is done then. Its words are
/// <c>Approval.Kind.{Kind}</c>, what the page shows before the button is its case in Features/Approvals.
/// </summary>
public abstract class TwoPersonAct
{
    /// <summary>Its word in the rows, at most 30 characters.</summary>
    public abstract string Kind { get; }

    /// <summary>What the second person must be allowed.</summary>
    public abstract Act Signs { get; }

    /// <summary>Looks at the facts as they are now. What comes back is done in the transaction that decides, with an audit row of its own.</summary>
    /// <param name="approval">What was asked for.</param>
    /// <param name="by">E-mail of the second person.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It is not what was asked for any more: nobody approves blindly.</exception>
    public abstract Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token);

    /// <summary>What ends with the request when it is refused or taken back, in the transaction that decides; null for nothing.</summary>
    public virtual Func<WriteSession, CancellationToken, Task>? WhenNot(ApprovalRow approval, string by, string? reason) => null;

    /// <summary>Hands out the work that the approval left in the queue; without it the sweeper does.</summary>
    public virtual Task FollowAsync(ApprovalRow approval, IBackgroundJobClient jobs, CancellationToken token) => Task.CompletedTask;
}

/// <summary>Where the second person decides.</summary>
public sealed class ApprovalDesk(ApprovalStore store, IEnumerable<TwoPersonAct> acts)
{
    /// <summary>What the second person of a request must be allowed; nobody may sign what this program does not know.</summary>
    public Act? Signs(ApprovalRow approval) => Find(approval)?.Signs;

    /// <summary>Why it cannot be approved as things are; null when it can.</summary>
    public async Task<Refusal?> WhyNotAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        try
        {
            await PrepareAsync(approval, by, token).ConfigureAwait(false);
            return null;
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    /// <exception cref="RefusedException">It is decided, one's own, or not what was asked for any more.</exception>
    public async Task ApproveAsync(ApprovalRow approval, string by, string? reason, CancellationToken token) =>
        await store.ApproveAsync(new Decision(approval.Number, by, reason), await PrepareAsync(approval, by, token).ConfigureAwait(false), token).ConfigureAwait(false);

    /// <exception cref="RefusedException">It is decided, or one's own.</exception>
    public Task RefuseAsync(ApprovalRow approval, string by, string? reason, CancellationToken token) =>
        store.RefuseAsync(new Decision(approval.Number, by, reason), Find(approval)?.WhenNot(approval, by, reason), token);

    /// <exception cref="RefusedException">It is decided, or somebody else's.</exception>
    public Task WithdrawAsync(ApprovalRow approval, string by, string? reason, CancellationToken token) =>
        store.WithdrawAsync(new Decision(approval.Number, by, reason), Find(approval)?.WhenNot(approval, by, reason), token);

    /// <summary>Hands out the work that an approval left in the queue.</summary>
    public Task FollowAsync(ApprovalRow approval, IBackgroundJobClient jobs, CancellationToken token) => Find(approval)?.FollowAsync(approval, jobs, token) ?? Task.CompletedTask;

    // What is decided is said to be, and not that its facts are others by now: they are because it was done.
    private Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        if (!approval.IsPending)
            throw new RefusedException(new Refusal("ApprovalDecided", ""));
        return (Find(approval) ?? throw new RefusedException(new Refusal("ApprovalUnknown", "", approval.Kind))).PrepareAsync(approval, by, token);
    }

    private TwoPersonAct? Find(ApprovalRow approval) => acts.SingleOrDefault(act => act.Kind == approval.Kind);
}
