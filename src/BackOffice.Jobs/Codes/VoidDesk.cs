using System.Globalization;
using System.Text.Json;
using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Approvals;
using Hangfire;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Codes;

/// <summary>Where codes are made void: a batch, a list, a single one; above the limits by two people.</summary>
public sealed class VoidDesk(Database database, BatchQueries batches, CodeQueries codes, CodeTaskStore tasks, ApprovalStore approvals, VaultOfSecrets vault, Settings settings)
{
    /// <summary>Lines of the longest list.</summary>
    public const int MostLines = 100_000;

    /// <summary>Whether making a batch void takes two people: what the same person made void on the same business day counts.</summary>
    public Task<bool> NeedsSecondPersonAsync(BatchRow batch, bool withDelivered, string by, CancellationToken token) =>
        database.ReadAsync(session => IsTooMuchAsync(session, Touched(batch, withDelivered), by, token), token);

    /// <summary>Whether making a list void takes two people, likewise.</summary>
    public Task<bool> NeedsSecondPersonAsync(IReadOnlyList<ListedState> states, bool withDelivered, string by, CancellationToken token) =>
        database.ReadAsync(session => IsTooMuchAsync(session, Touched(states, withDelivered), by, token), token);

    private async Task<bool> IsTooMuchAsync(Session session, CodesWorth touched, string by, CancellationToken token)
    {
        var day = PersonsDay.Of(by, database.Clock.UtcNow(), settings.Business);
        return (await CodesOfDay.VoidedAsync(session, day, token).ConfigureAwait(false) + touched).Exceeds(settings.Codes.Limits);
    }

    private static CodesWorth Touched(BatchRow batch, bool withDelivered) =>
        CodesWorth.Of((batch.Status == "ready" ? batch.Available + batch.Allocated : batch.Made) + (withDelivered ? batch.Delivered : 0), batch.Tokens);

    private static CodesWorth Touched(IEnumerable<ListedState> states, bool withDelivered) =>
        states.Where(state => CodeVoids.IsVoidable(state.Effective, withDelivered)).Aggregate(CodesWorth.None, (sum, state) => sum + CodesWorth.Of(state.Codes, state.Tokens));

    /// <summary>Makes a batch void, or asks for the second person.</summary>
    /// <exception cref="RefusedException">It is void already.</exception>
    public async Task<VoidOutcome> VoidAsync(BatchVoid wanted, CancellationToken token)
    {
        if (await batches.FindAsync(wanted.Number, token).ConfigureAwait(false) is not { IsVoid: false } batch)
            throw new RefusedException(new Refusal("BatchVoidAlready", ""));
        // What still waits for a second person ends with its request: nothing is made of it.
        if (batch.Status == "requested")
            throw new RefusedException(new Refusal("BatchStillWaits", ""));
        if (await VoidWithinLimitsAsync(wanted, token).ConfigureAwait(false) is { } done)
            return new VoidOutcome(done, null);
        var request = new NewApproval(
            BatchVoiding.Word, Text(wanted.Number), JsonSerializer.Serialize(new VoidPayload(wanted.WithDelivered)), wanted.Reason, wanted.By,
            new { Act = BatchVoiding.Word, Batch = wanted.Number, batch.Available, batch.Allocated, batch.Delivered, wanted.WithDelivered });
        return new VoidOutcome(null, await approvals.RequestAsync(request, token).ConfigureAwait(false));
    }

    // Null: it takes two.
    private Task<VoidedBatch?> VoidWithinLimitsAsync(BatchVoid wanted, CancellationToken token) => database.WriteAsync(WriteRank.Request, async session =>
    {
        await CodesOfDay.HoldAsync(session, wanted.By, token).ConfigureAwait(false);
        await CodeVoids.HoldAsync(session, [wanted.Number], token).ConfigureAwait(false);
        var batch = await session.GetAsync<BatchRow>(BatchQueries.ReadOne, new BatchQueries.ByNumber(wanted.Number), token).ConfigureAwait(false);
        return !batch.IsVoid && await IsTooMuchAsync(session, Touched(batch, wanted.WithDelivered), wanted.By, token).ConfigureAwait(false)
            ? null
            : await CodeVoids.VoidAsync(session, wanted, null, token).ConfigureAwait(false);
    }, token);

    /// <summary>Looks a list of codes up: what was typed, one a line, in any writing. Nothing is kept of it but which rows they are.</summary>
    /// <exception cref="RefusedException">It has no line, or too many.</exception>
    public async Task<LookedUpList> LookUpAsync(IEnumerable<string> lines, string by, CancellationToken token)
    {
        var finder = await vault.FinderAsync(token).ConfigureAwait(false);
        var (found, unknown, seen, read) = (new List<CodeRow>(), new List<UnknownLine>(), new HashSet<(long, int)>(), 0);
        var at = 0;
        foreach (var line in lines)
        {
            at++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (++read > MostLines)
                throw new RefusedException(new Refusal("ListTooLong", "list", Text(MostLines)));
            var typed = RedemptionCode.Read(line);
            var row = typed.Reading == CodeReading.Whole ? await codes.FindAsync(finder.LookupKey(typed.Canonical), token).ConfigureAwait(false) : null;
            if (row is null || !typed.Fits(row.Prefix))
                unknown.Add(new UnknownLine(at, typed.Reading));
            else if (seen.Add((row.BatchNo, row.Sequence)))
                found.Add(row);
        }
        if (read == 0)
            throw new RefusedException(new Refusal("ListEmpty", "list"));
        var task = found.Count == 0 ? null : await tasks.DraftAsync(found, unknown.Count, by, token).ConfigureAwait(false);
        return new LookedUpList(task, read, read - unknown.Count - found.Count, unknown);
    }

    /// <summary>Makes the list void, or asks for the second person.</summary>
    /// <exception cref="RefusedException">It is done already.</exception>
    public async Task<long?> VoidListAsync(CodeTaskRow task, bool withDelivered, string by, string reason, CancellationToken token)
    {
        var states = await tasks.StatesAsync(task.Id, token).ConfigureAwait(false);
        if (!states.Exists(state => CodeVoids.IsVoidable(state.Effective, withDelivered)))
            throw new RefusedException(new Refusal("NothingToVoid", ""));
        if (await ConfirmWithinLimitsAsync(task, withDelivered, by, reason, token).ConfigureAwait(false))
            return null;
        var payload = JsonSerializer.Serialize(new VoidPayload(withDelivered));
        var details = new { Act = ListVoiding.Word, List = task.Number, Codes = task.Total, WithDelivered = withDelivered };
        return await approvals.RequestAsync(new NewApproval(ListVoiding.Word, Text(task.Number), payload, reason, by, details), token).ConfigureAwait(false);
    }

    private Task<bool> ConfirmWithinLimitsAsync(CodeTaskRow task, bool withDelivered, string by, string reason, CancellationToken token) => database.WriteAsync(WriteRank.Request, async session =>
    {
        await CodesOfDay.HoldAsync(session, by, token).ConfigureAwait(false);
        // Done already, it would count against itself.
        if (await session.GetAsync<CodeTaskRow>(CodeTaskStore.ReadOne, new CodeTaskStore.ByNumber(task.Number), token).ConfigureAwait(false) is not { Status: "draft" })
            throw new RefusedException(new Refusal("ListDoneAlready", ""));
        var states = await session.ListAsync<ListedState>(CodeTaskStore.CountStates, new BatchQueries.ById(task.Id), token).ConfigureAwait(false);
        if (await IsTooMuchAsync(session, Touched(states, withDelivered), by, token).ConfigureAwait(false))
            return false;
        await CodeTaskStore.ConfirmAsync(session, task.Number, withDelivered, by, reason, token).ConfigureAwait(false);
        return true;
    }, token);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What came of making a batch void: done, or waiting for a second person.</summary>
/// <param name="Done">What it came to; null when it waits.</param>
/// <param name="Waiting">The number of the request; null when it is done.</param>
public sealed record VoidOutcome(VoidedBatch? Done, long? Waiting);

/// <summary>A line of a list that is no code of ours.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Reading">What it is like.</param>
public sealed record UnknownLine(int Line, CodeReading Reading);

/// <summary>A list that was looked up.</summary>
/// <param name="Task">The draft with what was found; null when nothing was.</param>
/// <param name="Lines">Lines with something on them.</param>
/// <param name="Repeated">Lines that named a code once more.</param>
/// <param name="Unknown">Lines that are no code of ours.</param>
public sealed record LookedUpList(CodeTaskRow? Task, int Lines, int Repeated, IReadOnlyList<UnknownLine> Unknown);

/// <summary>What a request to make codes void carries.</summary>
public sealed record VoidPayload(bool WithDelivered)
{
    public static VoidPayload Of(ApprovalRow approval) => JsonSerializer.Deserialize<VoidPayload>(approval.Payload) ?? throw new InvalidOperationException($"Request {approval.Number} carries nothing.");
}

/// <summary>A batch above the limits is made void by two people.</summary>
public sealed class BatchVoiding(BatchQueries batches, CodeTaskStore tasks) : TwoPersonAct
{
    public const string Word = "codes_void";

    public override string Kind => Word;

    public override Act Signs => Act.RunCatalogue;

    public static long BatchOf(ApprovalRow approval) => long.Parse(approval.SubjectId, CultureInfo.InvariantCulture);

    public override async Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        if (await batches.FindAsync(BatchOf(approval), token).ConfigureAwait(false) is not { IsVoid: false })
            throw new RefusedException(new Refusal("BatchVoidAlready", ""));
        var wanted = new BatchVoid(BatchOf(approval), VoidPayload.Of(approval).WithDelivered, approval.RequestedBy, approval.Reason);
        return (session, stop) => CodeVoids.VoidAsync(session, wanted, by, stop);
    }

    public override async Task FollowAsync(ApprovalRow approval, IBackgroundJobClient jobs, CancellationToken token)
    {
        foreach (var task in (await tasks.OfBatchAsync(BatchOf(approval), token).ConfigureAwait(false)).Where(task => task.Status == "pending"))
            jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(task.Id, CancellationToken.None));
    }
}

/// <summary>A list above the limits is made void by two people.</summary>
public sealed class ListVoiding(CodeTaskStore tasks) : TwoPersonAct
{
    public const string Word = "codes_void_list";

    public override string Kind => Word;

    public override Act Signs => Act.RunCatalogue;

    public static long ListOf(ApprovalRow approval) => long.Parse(approval.SubjectId, CultureInfo.InvariantCulture);

    public override async Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        if (await tasks.FindAsync(ListOf(approval), token).ConfigureAwait(false) is not { Status: "draft" })
            throw new RefusedException(new Refusal("ListDoneAlready", ""));
        return (session, stop) => CodeTaskStore.ConfirmAsync(session, ListOf(approval), VoidPayload.Of(approval).WithDelivered, approval.RequestedBy, approval.Reason, stop);
    }

    public override async Task FollowAsync(ApprovalRow approval, IBackgroundJobClient jobs, CancellationToken token)
    {
        if (await tasks.FindAsync(ListOf(approval), token).ConfigureAwait(false) is { Status: "pending" } task)
            jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(task.Id, CancellationToken.None));
    }
}
