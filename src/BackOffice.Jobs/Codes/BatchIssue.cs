using System.Globalization;
using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Approvals;
using Hangfire;

namespace BackOffice.Jobs.Codes;

/// <summary>A batch above the limits is issued by two people.</summary>
public sealed class BatchIssue(BatchQueries batches) : TwoPersonAct
{
    public override string Kind => BatchStore.ApprovalKind;

    public override Act Signs => Act.RunCatalogue;

    public static long BatchOf(ApprovalRow approval) => long.Parse(approval.SubjectId, CultureInfo.InvariantCulture);

    public override async Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        var number = BatchOf(approval);
        if (await batches.FindAsync(number, token).ConfigureAwait(false) is not { Status: "requested" })
            throw new RefusedException(new Refusal("BatchNotWaiting", ""));
        return (session, stop) => BatchStore.ApproveAsync(session, number, by, stop);
    }

    public override Func<WriteSession, CancellationToken, Task> WhenNot(ApprovalRow approval, string by, string? reason) =>
        (session, stop) => CodeVoids.EndRequestAsync(session, BatchOf(approval), by, reason, stop);

    public override async Task FollowAsync(ApprovalRow approval, IBackgroundJobClient jobs, CancellationToken token)
    {
        if (await batches.FindAsync(BatchOf(approval), token).ConfigureAwait(false) is { } batch)
            jobs.Enqueue<BatchJob>(job => job.RunAsync(batch.Id, CancellationToken.None));
    }
}
