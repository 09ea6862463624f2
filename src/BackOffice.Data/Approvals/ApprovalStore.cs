using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;

namespace BackOffice.Data.Approvals;

/// <summary>What takes two people: one asks, somebody else decides, once. Each method is one act in one transaction, with its audit row.</summary>
public sealed class ApprovalStore(Database database)
{
    /// <summary>Asks for a second person.</summary>
    /// <returns>The request's number.</returns>
    /// <exception cref="RefusedException">A request of that kind waits for that subject already.</exception>
    public async Task<long> RequestAsync(NewApproval request, CancellationToken token = default)
    {
        try
        {
            return await database.WriteAsync(WriteRank.Request, session => RequestAsync(session, request, token), token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            throw new RefusedException(new Refusal("ApprovalPending", ""));
        }
    }

    /// <summary>Asks for a second person inside the transaction that makes what is asked for; a request that waits already breaks its unique index.</summary>
    /// <returns>The request's number.</returns>
    public static async Task<long> RequestAsync(WriteSession session, NewApproval request, CancellationToken token)
    {
        var number = await session.NextNumberAsync("Approvals", token).ConfigureAwait(false);
        var args = new InsertArgs(Ids.New(session.At), number, request.Kind, request.SubjectId, request.Payload, request.Reason, request.RequestedBy, session.At);
        await session.ExecuteAsync(Insert, args, token).ConfigureAwait(false);
        await AppendAsync(session, AuditActions.ApprovalRequested, number, request.RequestedBy, request.Reason, request.Details, token).ConfigureAwait(false);
        return number;
    }

    /// <summary>Approves, and does what was asked for in the same transaction: when that is refused, the request goes on waiting.</summary>
    /// <param name="decision">Who decides what.</param>
    /// <param name="effect">What was asked for; its own audit row included.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It is decided already, it is that person's own, or the effect refused.</exception>
    public Task ApproveAsync(Decision decision, Func<WriteSession, CancellationToken, Task> effect, CancellationToken token = default) =>
        DecideAsync(decision, "approved", Decide, AuditActions.ApprovalApproved, effect, token);

    /// <summary>Refuses: nothing is done but to end what waited for it.</summary>
    /// <param name="decision">Who decides what.</param>
    /// <param name="effect">What ends with the request; null for nothing.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It is decided already, or that person's own.</exception>
    public Task RefuseAsync(Decision decision, Func<WriteSession, CancellationToken, Task>? effect = null, CancellationToken token = default) =>
        DecideAsync(decision, "refused", Decide, AuditActions.ApprovalRefused, effect, token);

    /// <summary>Takes one's own request back.</summary>
    /// <param name="decision">Who decides what.</param>
    /// <param name="effect">What ends with the request; null for nothing.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It is decided already, or another person's.</exception>
    public Task WithdrawAsync(Decision decision, Func<WriteSession, CancellationToken, Task>? effect = null, CancellationToken token = default) =>
        DecideAsync(decision, "withdrawn", Withdraw, AuditActions.ApprovalWithdrawn, effect, token);

    private Task DecideAsync(Decision decision, string status, Sql<DecideArgs> decide, string action, Func<WriteSession, CancellationToken, Task>? effect, CancellationToken token) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var taken = await session.ExecuteAsync(decide, new DecideArgs(decision.Number, status, decision.By, session.At, decision.Reason), token).ConfigureAwait(false);
            var approval = await session.FindAsync<ApprovalRow>(ApprovalQueries.ReadOne, new ApprovalQueries.ByNumber(decision.Number), token).ConfigureAwait(false);
            if (taken != 1 || approval is null)
                throw new RefusedException(WhyNot(approval, decision.By));
            if (effect is not null)
                await effect(session, token).ConfigureAwait(false);
            await AppendAsync(session, action, approval.Number, decision.By, decision.Reason, new { approval.Kind, approval.SubjectId, approval.RequestedBy }, token).ConfigureAwait(false);
        }, token);

    private static Refusal WhyNot(ApprovalRow? approval, string by)
    {
        if (approval is not { Status: "pending" })
            return new Refusal("ApprovalDecided", "");
        return approval.RequestedBy == by ? new Refusal("ApprovalOwn", "") : new Refusal("ApprovalNotOwn", "");
    }

    private static Task<long> AppendAsync(WriteSession session, string action, long number, string by, string? reason, object details, CancellationToken token) =>
        AuditLog.AppendAsync(session, new AuditAct
        {
            Who = by,
            Action = action,
            Subject = AuditSubject.Of("approval", number),
            Reason = reason,
            Details = details,
        }, token);

    /// <summary>Columns of a new request.</summary>
    public sealed record InsertArgs(Guid Id, long Number, string Kind, string SubjectId, string Payload, string Reason, string RequestedBy, DateTime RequestedAt);

    /// <summary>How a request ends.</summary>
    public sealed record DecideArgs(long Number, string Status, string By, DateTime At, string? Reason);

    /// <summary>A new request.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO Approvals (Id, Number, Kind, SubjectId, Payload, Reason, RequestedBy, RequestedAt, Status)
        VALUES (@Id, @Number, @Kind, @SubjectId, @Payload, @Reason, @RequestedBy, @RequestedAt, 'pending')
        """);

    /// <summary>Decided by somebody else, once.</summary>
    public static readonly Sql<DecideArgs> Decide = new("""
        UPDATE Approvals SET Status = @Status, DecidedBy = @By, DecidedAt = @At, DecisionReason = @Reason
        WHERE Number = @Number AND Status = 'pending' AND RequestedBy <> @By
        """);

    /// <summary>Taken back by who asked, once.</summary>
    public static readonly Sql<DecideArgs> Withdraw = new("""
        UPDATE Approvals SET Status = @Status, DecidedBy = @By, DecidedAt = @At, DecisionReason = @Reason
        WHERE Number = @Number AND Status = 'pending' AND RequestedBy = @By
        """);
}

/// <summary>A request to be made.</summary>
/// <param name="Kind">Which act it is, at most 30 characters: the word of the code that does it.</param>
/// <param name="SubjectId">To what, within the kind, at most 80 characters.</param>
/// <param name="Payload">What that code needs, as JSON, at most 4,000 characters; never a secret.</param>
/// <param name="Reason">Why, at most <see cref="AuditLog.LongestReason"/> characters.</param>
/// <param name="RequestedBy">E-mail of who asks.</param>
/// <param name="Details">What the audit trail keeps of it: of which kind it is, about what, the amounts.</param>
public sealed record NewApproval(string Kind, string SubjectId, string Payload, string Reason, string RequestedBy, object Details);

/// <summary>How somebody ends a request.</summary>
/// <param name="Number">Which request.</param>
/// <param name="By">E-mail of who decides.</param>
/// <param name="Reason">Why; at most <see cref="AuditLog.LongestReason"/> characters.</param>
public sealed record Decision(long Number, string By, string? Reason);
