using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Settlement;

/// <summary>Settlements' rows: drafts for lists, and what was approved, for ever (settlement rules 6).</summary>
public sealed class SettlementStore(Database database, SettlementFindingStore findings)
{
    /// <summary>The kind of request that a second person decides.</summary>
    public const string ApprovalKind = "settlement";

    /// <summary>The same by the program itself.</summary>
    public Task<SettlementDocument> DraftAsync(string upstream, DateOnly month, CancellationToken token = default) => DraftAsync(upstream, month, "system", token);

    /// <summary>Computes a draft and keeps its figures for lists; its findings are opened and cleared. What was approved stays as it is.</summary>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="by">Who asks, as the history of findings tells.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>The document with its findings: of an approved settlement the approved one.</returns>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    public async Task<SettlementDocument> DraftAsync(string upstream, DateOnly month, string by, CancellationToken token = default)
    {
        var knownAsOf = database.Clock.UtcNow();
        return await KeepAsync(await SeeAsync(upstream, month, token).ConfigureAwait(false), knownAsOf, by, token).ConfigureAwait(false);
    }

    /// <summary>The same, of a month that has usage or lines; of another one nothing is kept.</summary>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="by">Who asks, as the history of findings tells.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>The document; null where there is nothing to settle.</returns>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    public async Task<SettlementDocument?> DraftIfUsedAsync(string upstream, DateOnly month, string by, CancellationToken token = default)
    {
        var knownAsOf = database.Clock.UtcNow();
        var document = await SeeAsync(upstream, month, token).ConfigureAwait(false);
        return document is { Records: 0, Lines.Count: 0, Unpriced.Count: 0 } ? null : await KeepAsync(document, knownAsOf, by, token).ConfigureAwait(false);
    }

    /// <summary>What was approved, or a draft as things are now, which is kept nowhere.</summary>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    public Task<SettlementDocument> SeeAsync(string upstream, DateOnly month, CancellationToken token = default) =>
        database.ReadAsync(session => SettlementReader.NowAsync(session, upstream, month, token), token);

    /// <summary>The same with what it is made of.</summary>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    public Task<SettlementView> ViewAsync(string upstream, DateOnly month, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        if (await SettlementQueries.ApprovedAsync(session, upstream, SettlementPeriod.NameOf(month), token).ConfigureAwait(false) is { } approved)
            return await SettlementReader.ApprovedViewAsync(session, approved, token).ConfigureAwait(false);
        return await SettlementReader.ViewAsync(session, upstream, month, await RateQueries.BookAsync(session, token).ConfigureAwait(false), token).ConfigureAwait(false);
    }, token);

    /// <summary>The month as it would be under other prices; nothing is kept of it, and what was approved counts for nothing.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="pricesOf">The prices that would count, from those stored.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    public Task<SettlementDocument> WhatIfAsync(string upstream, DateOnly month, Func<IEnumerable<PriceRow>, IEnumerable<PriceRow>> pricesOf, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var frame = await RateQueries.FrameAsync(session, token).ConfigureAwait(false);
            var book = await RateQueries.BookAsync(session, frame, pricesOf, static rows => rows, token).ConfigureAwait(false);
            return (await SettlementReader.ViewAsync(session, upstream, month, book, token).ConfigureAwait(false)).Document;
        }, token);

    /// <summary>What the second person approves, in the transaction that decides: computed anew, not blocked, and to the last figure what was asked for.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="by">Who approves.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">It is approved already, blocked, or its figures are others by now.</exception>
    public static async Task ApproveAsync(WriteSession session, SettlementWanted wanted, string by, CancellationToken token)
    {
        // First, and held to the commit: what comes in meanwhile waits, and is late.
        var era = await UsageEra.EndAsync(session, token).ConfigureAwait(false);
        await RateStore.HoldAsync(session, token).ConfigureAwait(false);
        var (document, details) = await SettlementReader.ViewAsync(
            session, wanted.Upstream, wanted.Month, await RateQueries.BookAsync(session, token).ConfigureAwait(false), token).ConfigureAwait(false);
        if (WhyNot(document, wanted, session.At) is { } refusal)
            throw new RefusedException(refusal);
        await KeepAsync(session, document, token).ConfigureAwait(false);
        var frame = await RateQueries.FrameAsync(session, token).ConfigureAwait(false);
        var approved = new Approval(wanted.Upstream, wanted.Period, document.ToJson(), frame.ToJson(), by, session.At, wanted.RequestedBy, era);
        if (await session.ExecuteAsync(Approve, approved, token).ConfigureAwait(false) == 0)
            throw new RefusedException(new Refusal("SettlementNotDraft", "", wanted.Upstream, wanted.Period));
        var number = await session.GetAsync<long>(SettlementQueries.FindNumber, new SettlementQueries.OfMonth(wanted.Upstream, wanted.Period), token).ConfigureAwait(false);
        await session.BulkInsertAsync(Uses, [.. UsesOf(number, document), .. await CreditUsesAsync(session, number, document, details, token).ConfigureAwait(false)], token).ConfigureAwait(false);
        await AuditLog.AppendAsync(session, new AuditAct
        {
            Who = by,
            Action = AuditActions.SettlementApproved,
            Subject = AuditSubject.Of("settlement", $"{wanted.Upstream}/{wanted.Period}"),
            Details = new { document.Total.Currency, document.Total.TotalNano, document.Total.PayableMinor, document.Records, Lines = document.Lines.Count, Hash = HashOf(document) },
        }, token).ConfigureAwait(false);
    }

    /// <summary>Closes what was approved: nothing of it is open any more.</summary>
    /// <exception cref="RefusedException">It is not approved, or closed already.</exception>
    public Task CloseAsync(string upstream, string period, string by, string reason, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(Close, new Closing(upstream, period, by, session.At), token).ConfigureAwait(false) == 0)
                throw new RefusedException(new Refusal("SettlementNotApproved", "", upstream, period));
            await AuditLog.AppendAsync(session, new AuditAct { Who = by, Action = AuditActions.SettlementClosed, Subject = AuditSubject.Of("settlement", $"{upstream}/{period}"), Reason = reason }, token).ConfigureAwait(false);
        }, token);

    /// <summary>Why a settlement cannot be approved as it is; null when it can.</summary>
    /// <param name="document">As it is now.</param>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="now">The present, UTC.</param>
    public static Refusal? WhyNot(SettlementDocument document, SettlementWanted wanted, DateTime now)
    {
        if (document.IsApproved)
            return new Refusal("SettlementNotDraft", "", wanted.Upstream, wanted.Period);
        if (WhyBlocked(document, now) is { } refusal)
            return refusal;
        return HashOf(document) == wanted.Hash ? null : new Refusal("SettlementChanged", "", wanted.Upstream, wanted.Period);
    }

    /// <summary>Why nobody can approve it yet; null when somebody can.</summary>
    public static Refusal? WhyBlocked(SettlementDocument document, DateTime now)
    {
        if (document.Until > now)
            return new Refusal("SettlementNotOver", "", document.Period);
        if (!document.Check.IsClosed)
            return new Refusal("SettlementBroken", "", document.Period);
        return document.AllBlockers is [{ } first, ..] ? new Refusal("SettlementBlocked", "", first.Kind, first.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)) : null;
    }

    /// <summary>SHA-256 of a settlement's figures, hexadecimal.</summary>
    public static string HashOf(SettlementDocument document) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document.ToJson())));

    private async Task<SettlementDocument> KeepAsync(SettlementDocument document, DateTime knownAsOf, string by, CancellationToken token)
    {
        if (!document.IsApproved)
            await database.WriteAsync(WriteRank.Request, session => KeepAsync(session, document, token), token).ConfigureAwait(false);
        return document with { Findings = await findings.ApplyAsync(document, knownAsOf, by, token).ConfigureAwait(false) };
    }

    private static async Task KeepAsync(WriteSession session, SettlementDocument document, CancellationToken token)
    {
        var known = await session.FindAsync<long?>(SettlementQueries.FindNumber, new SettlementQueries.OfMonth(document.Upstream, document.Period), token).ConfigureAwait(false);
        var row = new DraftRow(
            known ?? await session.NextNumberAsync("Settlements", token).ConfigureAwait(false), document.Upstream, document.Period, document.From, document.Until, document.Currency, document.Records, document.Total.TotalNano, document.Total.PayableMinor,
            document.Total.ResidueNano, document.Reads, document.Input, document.HitRate, document.SavingNano, checked((int)document.AllBlockers.Sum(blocker => blocker.Count)),
            Convert.FromHexString(HashOf(document)), session.At);
        await session.ExecuteAsync(known is null ? InsertDraft : UpdateDraft, row, token).ConfigureAwait(false);
    }

    // A credit rule is used for as much of the month as it holds, where its model was used in it.
    private static async Task<IEnumerable<Use>> CreditUsesAsync(Session session, long number, SettlementDocument document, IReadOnlyList<SettlementDetail> details, CancellationToken token)
    {
        var names = details.Where(detail => detail is { Adjusts: null, Mapping.Kind: MappingKind.Mapped }).Select(detail => ModelNames.Canonical(detail.Names.ConsoleName)).ToHashSet();
        var rules = (await RateTables.Credits.ListAsync(session, null, token).ConfigureAwait(false)).Select(kept => (CreditRule)kept.Row);
        return rules.Where(rule => !rule.IsWithdrawn && names.Contains(ModelNames.Canonical(rule.Name)) && !(rule.ValidFrom >= document.Until) && !(rule.ValidUntil <= document.From)).Select(rule => new Use(
            number, RateKinds.Credit,
            new RowUse(rule.Id, rule.ValidFrom > document.From ? rule.ValidFrom.Value : document.From, rule.ValidUntil < document.Until ? rule.ValidUntil.Value : document.Until)));
    }

    private static List<Use> UsesOf(long number, SettlementDocument document) =>
        [.. document.PriceUses.Select(use => new Use(number, RateKinds.Price, use)), .. document.MappingUses.Select(use => new Use(number, RateKinds.Mapping, use))];

    /// <summary>A draft's figures.</summary>
    public sealed record DraftRow(
        long Number, string Upstream, string Period, DateTime WindowFrom, DateTime WindowUntil, string Currency, long Records, long TotalNano, long PayableMinor, long ResidueNano,
        long Reads, long Input, string? HitRate, long? SavingNano, int Blockers, byte[] DataHash, DateTime ComputedAt);

    /// <summary>What an approval writes.</summary>
    public sealed record Approval(string Upstream, string Period, string Document, string Frame, string By, DateTime At, string RequestedBy, int Era);

    /// <summary>What closing writes.</summary>
    public sealed record Closing(string Upstream, string Period, string By, DateTime At);

    /// <summary>A row of rates that a settlement used.</summary>
    public sealed record Use(long Settlement, string Kind, RowUse Row);

    /// <summary>A draft computed anew.</summary>
    public static readonly Sql<DraftRow> UpdateDraft = new("""
        UPDATE Settlements
        SET WindowFrom = @WindowFrom, WindowUntil = @WindowUntil, Currency = @Currency, Records = @Records, TotalNano = @TotalNano, PayableMinor = @PayableMinor,
            ResidueNano = @ResidueNano, Reads = @Reads, Input = @Input, HitRate = @HitRate, SavingNano = @SavingNano, Blockers = @Blockers, DataHash = @DataHash, ComputedAt = @ComputedAt
        WHERE Number = @Number AND Upstream = @Upstream AND Period = @Period AND Status = 'draft'
        """);

    /// <summary>A first draft.</summary>
    public static readonly Sql<DraftRow> InsertDraft = new("""
        INSERT INTO Settlements (Number, Upstream, Period, WindowFrom, WindowUntil, Status, Currency, Records, TotalNano, PayableMinor, ResidueNano, Reads, Input, HitRate,
            SavingNano, Blockers, DataHash, ComputedAt)
        VALUES (@Number, @Upstream, @Period, @WindowFrom, @WindowUntil, 'draft', @Currency, @Records, @TotalNano, @PayableMinor, @ResidueNano, @Reads, @Input, @HitRate,
            @SavingNano, @Blockers, @DataHash, @ComputedAt)
        """);

    /// <summary>From draft to approved, once.</summary>
    public static readonly Sql<Approval> Approve = new("""
        UPDATE Settlements
        SET Status = 'approved', Document = @Document, Frame = @Frame, ApprovedBy = @By, ApprovedAt = @At, RequestedBy = @RequestedBy, Era = @Era
        WHERE Upstream = @Upstream AND Period = @Period AND Status = 'draft'
        """);

    /// <summary>From approved to closed, once.</summary>
    public static readonly Sql<Closing> Close = new("""
        UPDATE Settlements SET Status = 'closed', ClosedBy = @By, ClosedAt = @At WHERE Upstream = @Upstream AND Period = @Period AND Status = 'approved'
        """);

    /// <summary>How the rows used are kept.</summary>
    public static readonly BulkTable<Use> Uses = new(
        "SettlementUses",
        ("Settlement", typeof(long), row => row.Settlement),
        ("Kind", typeof(string), row => row.Kind),
        ("Number", typeof(long), row => row.Row.Id),
        ("UsedFrom", typeof(DateTime), row => row.Row.UsedFrom),
        ("UsedUntil", typeof(DateTime), row => row.Row.UsedUntil));
}

/// <summary>The settlement that somebody asks a second person to approve.</summary>
/// <param name="Upstream">The upstream.</param>
/// <param name="Period">The month.</param>
/// <param name="Hash">Of its figures as they were seen.</param>
/// <param name="RequestedBy">Who asks.</param>
public sealed record SettlementWanted(string Upstream, string Period, string Hash, string RequestedBy)
{
    /// <summary>First day of the month.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateOnly Month => SettlementPeriod.Parse(Period)!.Value;
}
