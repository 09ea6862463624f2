using System.Text.Json;
using BackOffice.Data.Approvals;
using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Approvals;

namespace BackOffice.Jobs.Reconciliation;

/// <summary>Where findings are judged as they are now, and settled: what no longer holds, or is not what a person looked at, is refused.</summary>
public sealed class FindingDesk(FindingQueries findings, FindingFactsReader facts, FindingActStore acts, ApprovalStore approvals, Settings settings, TimeProvider clock)
{
    /// <summary>The facts of a finding, judged as a run would that began now: its window does not matter, because the finding names what is judged.</summary>
    public Task<FindingFacts> ReadAsync(FindingRow finding, CancellationToken token)
    {
        var now = clock.UtcNow();
        var run = new RunParameters
        {
            From = now,
            Until = now,
            AsOf = now,
            KnownAsOf = now,
            Grace = TimeSpan.FromMinutes(settings.GraceMinutes),
            ToleranceMinor = settings.ToleranceMinor,
            Mode = settings.CreemMode,
        };
        return facts.ReadAsync(finding, run, token);
    }

    /// <summary>The amount for which accepting it takes two people; null when one is enough.</summary>
    public Money? AboveLimit(FindingFacts judged) => settings.AcceptAbove?.Exceeded(judged.AtStake);

    /// <summary>Accepts a finding, or asks for the second person where its amount takes two.</summary>
    /// <param name="act">Who, what and why.</param>
    /// <param name="factsHash">Hash of the facts that were looked at, in hexadecimal.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>The number of the request; null when it is accepted.</returns>
    /// <exception cref="RefusedException">It changed, is not open, no longer holds, or its facts are not those that were looked at.</exception>
    public async Task<long?> AcceptAsync(FindingAct act, string? factsHash, CancellationToken token)
    {
        var (finding, judged) = await RequireAsync(act.Id, token).ConfigureAwait(false);
        RequireFacts(judged.Line!, factsHash);
        if (AboveLimit(judged) is not { } amount)
        {
            await acts.AcceptAsync(act, judged.Line!, token).ConfigureAwait(false);
            return null;
        }
        if (finding.Version != act.Version)
            throw new RefusedException(new Refusal("FindingChanged", ""));
        var payload = JsonSerializer.Serialize(new AcceptancePayload(factsHash!, amount.Minor, amount.Currency));
        var details = new { Act = FindingAcceptance.Word, finding.Kind, finding.Subject, FindingId = finding.Id.ToString("N"), amount.Currency, AmountMinor = amount.Minor, FactsHash = factsHash };
        return await approvals.RequestAsync(new NewApproval(FindingAcceptance.Word, finding.Id.ToString("N"), payload, act.Reason!, act.By, details), token).ConfigureAwait(false);
    }

    /// <summary>Says that a finding is settled; the next run opens it again if it still sees it.</summary>
    /// <exception cref="RefusedException">It changed, is not open, or no longer holds.</exception>
    public async Task ResolveAsync(FindingAct act, CancellationToken token) =>
        await acts.ResolveAsync(act, (await RequireAsync(act.Id, token).ConfigureAwait(false)).Judged.Line!, token).ConfigureAwait(false);

    /// <summary>A finding that is open and holds, with its facts.</summary>
    /// <exception cref="RefusedException">It is not open, or no longer holds.</exception>
    public async Task<(FindingRow Finding, FindingFacts Judged)> RequireAsync(Guid id, CancellationToken token)
    {
        if (await findings.FindAsync(id, token).ConfigureAwait(false) is not { State: "open" } finding)
            throw new RefusedException(new Refusal("FindingNotOpen", ""));
        var judged = await ReadAsync(finding, token).ConfigureAwait(false);
        return judged.Holds ? (finding, judged) : throw new RefusedException(new Refusal("FindingNoLongerHolds", ""));
    }

    /// <exception cref="RefusedException">The facts are others.</exception>
    public static void RequireFacts(FindingLine judged, string? factsHash)
    {
        if (HashOf(judged) != factsHash)
            throw new RefusedException(new Refusal("FindingFactsChanged", ""));
    }

    /// <summary>The hash of the facts as forms and requests carry it.</summary>
    public static string HashOf(FindingLine judged) => Convert.ToHexStringLower(judged.FactsHash);
}

/// <summary>What a request to accept a finding carries: the facts that were looked at, and the amount that takes two people.</summary>
public sealed record AcceptancePayload(string FactsHash, long AmountMinor, string Currency);

/// <summary>A finding whose amount is above the limit is accepted by two people.</summary>
public sealed class FindingAcceptance(FindingDesk desk) : TwoPersonAct
{
    public const string Word = "finding_acceptance";

    public override string Kind => Word;

    public override Act Signs => Act.WorkOnMoney;

    public static Guid FindingOf(ApprovalRow approval) => Guid.ParseExact(approval.SubjectId, "N");

    public static AcceptancePayload PayloadOf(ApprovalRow approval) =>
        JsonSerializer.Deserialize<AcceptancePayload>(approval.Payload) ?? throw new InvalidOperationException($"Request {approval.Number} carries nothing.");

    public override async Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        var (finding, judged) = await desk.RequireAsync(FindingOf(approval), token).ConfigureAwait(false);
        FindingDesk.RequireFacts(judged.Line!, PayloadOf(approval).FactsHash);
        var act = new FindingAct(finding.Id, finding.Version, approval.RequestedBy, approval.Reason);
        return (session, stop) => FindingActStore.AcceptAsync(session, act, judged.Line!, new SecondPerson(by, approval.Number), stop);
    }
}
