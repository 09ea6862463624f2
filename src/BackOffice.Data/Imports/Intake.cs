using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Imports;

namespace BackOffice.Data.Imports;

/// <summary>What becomes of a record of an import file.</summary>
public enum OutcomeKind
{
    /// <summary>Not known before: it goes in.</summary>
    New,

    /// <summary>Known; the line only adds its end: a delivery's revocation, the last instant of a row with dates.</summary>
    Ending,

    /// <summary>Known as it stands: nothing changes.</summary>
    Repeated,

    /// <summary>It contradicts what is known: kept aside with the reason.</summary>
    PutAside,
}

/// <summary>The outcome for one record.</summary>
/// <param name="Kind">What becomes of it.</param>
/// <param name="Reason">Why it was put aside.</param>
/// <param name="ExistingId">The stored row an ending belongs to.</param>
/// <param name="Usage">What is kept of a record of usage that was put aside.</param>
public readonly record struct Outcome(OutcomeKind Kind, Refusal? Reason = null, Guid ExistingId = default, UsageAside? Usage = null)
{
    internal static readonly Outcome New = new(OutcomeKind.New);
    internal static readonly Outcome Repeated = new(OutcomeKind.Repeated);

    internal static Outcome PutAside(string code, string field, params string[] args) => new(OutcomeKind.PutAside, new Refusal(code, field, args));
}

/// <summary>
/// Takes records of one kind of file in, a portion at a time: one question to the index for all of them, then one insert of what is new. A repeated
/// file costs the questions only.
/// </summary>
public abstract class Intake<TRecord>
{
    /// <summary>
    /// Records asked about in one statement. Short lists: both engines look every parameter up by its name, one after the other; and a page that waits for
    /// the gate waits for a portion.
    /// </summary>
    public const int Portion = 50;

    /// <summary>Says what would become of each record, and changes nothing. The records are in file order; earlier ones count for later ones.</summary>
    public abstract Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<TRecord> records, CancellationToken token);

    /// <summary>Judges the records inside the transaction and stores what is new.</summary>
    public async Task<Outcome[]> TakeAsync(WriteSession session, IReadOnlyList<TRecord> records, string by, CancellationToken token)
    {
        var outcomes = await JudgeAsync(session, records, token).ConfigureAwait(false);
        await StoreAsync(session, records, outcomes, by, token).ConfigureAwait(false);
        return outcomes;
    }

    /// <summary>The last word of a transaction, before it is committed: what is stored once for all its portions, and what it put aside.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="import">The import whose file they are of; null for what came from no file.</param>
    /// <param name="asides">What was put aside, with its place in the file.</param>
    /// <param name="token">To stop waiting.</param>
    public virtual Task FinishAsync(WriteSession session, Guid? import, IReadOnlyList<(long Ordinal, PutAside Aside)> asides, CancellationToken token) => Task.CompletedTask;

    /// <summary>The transaction was rolled back: what was learnt in it is not so.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>Stores the records whose outcome says so.</summary>
    protected abstract Task StoreAsync(WriteSession session, IReadOnlyList<TRecord> records, Outcome[] outcomes, string by, CancellationToken token);
}
