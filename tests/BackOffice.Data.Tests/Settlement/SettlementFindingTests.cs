using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Rates;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Reconciliation;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

public sealed class SettlementFindingTests
{
    private static readonly DateOnly August = new(2026, 8, 1);

    [Theory, EachEngine]
    public async Task A_draft_opens_what_it_has_and_the_next_one_clears_what_it_has_no_longer(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(
            UsageShop.Record("1", "2026-08-10T03:00:00", 100, 20, quota: 120), UsageShop.Record("2", "2026-08-10T03:00:00", 5, 3, model: "mystery"), UsageShop.Record("3", "2026-08-11T03:00:00", 100, quota: 250),
            UsageShop.Record("1", "2026-08-10T03:00:00", 999, 20, quota: 120));
        var document = await shop.Store.DraftAsync("acme", August, "mara@example.com");

        Assert.Equal(
            ["charged_differs new-api/id:1/2026-08-11", "conflicting_record acme/2026-08/new-api/3", "unmapped_model acme/2026-08/mystery"],
            document.Findings!.Select(finding => $"{finding.Line.Kind} {finding.Line.Subject}"));
        Assert.Equal(["acme/2026-08", "2026-08"], document.Findings!.Select(finding => finding.Scope).Distinct().OrderDescending());
        var detail = document.Findings![0].Detail;
        Assert.Equal((100, 250, "250.000000", 1), (detail.Credits, detail.Quota, detail.Charged, detail.Records));
        Assert.Equal(8, document.Findings![2].Detail.Tokens);
        Assert.Equal(["charged_differs P3 open", "conflicting_record P2 open", "unmapped_model P2 open"], await StatesAsync(shop));
        Assert.Equal(["opened mara@example.com"], await EventsAsync(shop, "unmapped_model"));

        // The same draft again changes nothing.
        await shop.Store.DraftAsync("acme", August, "ilya@example.com");
        Assert.Equal(["opened mara@example.com"], await EventsAsync(shop, "unmapped_model"));

        // Mended: the next draft clears; what is new since is another finding.
        await shop.TakeAsync(new MappingIntake("UTC"), new ImportedMapping { Line = 1, Row = new(0, "mystery", "acme", "-", null, null) });
        await shop.Asides.KeepAsync(await shop.AsideAsync("1"), "mara@example.com", "the first");
        await shop.Store.DraftAsync("acme", August, "ilya@example.com");
        Assert.Equal(["charged_differs P3 open", "conflicting_record P2 cleared", "unmapped_model P2 cleared"], await StatesAsync(shop));
        await shop.UseAsync(UsageShop.Record("4", "2026-08-12T03:00:00", 5, 3, model: "other"), UsageShop.Record("1", "2026-08-10T03:00:00", 998, 20, quota: 120));
        await shop.Store.DraftAsync("acme", August);
        Assert.Equal(["opened mara@example.com", "cleared ilya@example.com"], await EventsAsync(shop, "unmapped_model"));
        Assert.Equal(["charged_differs P3 open", "conflicting_record P2 cleared", "conflicting_record P2 open", "unmapped_model P2 cleared", "unmapped_model P2 open"], await StatesAsync(shop));
    }

    [Theory, EachEngine]
    public async Task What_a_person_accepted_stays_so_until_its_facts_are_others(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-11T03:00:00", 100, quota: 250));
        await shop.Store.DraftAsync("acme", August);
        var finding = await FindingAsync(shop);
        var acts = new FindingActStore(shop.Database);
        var judged = (await shop.Findings.JudgeAsync(finding, CancellationToken.None))!;
        await acts.AcceptAsync(new FindingAct(finding.Id, finding.Version, "mara@example.com", "a gift"), judged);
        await WaitAsync(shop);
        await shop.Store.DraftAsync("acme", August);
        Assert.Equal(["charged_differs P3 accepted"], await StatesAsync(shop));

        await shop.UseAsync(UsageShop.Record("2", "2026-08-11T04:00:00", 100, quota: 250));
        await shop.Store.DraftAsync("acme", August, "ilya@example.com");
        Assert.Equal(["charged_differs P3 open"], await StatesAsync(shop));
        Assert.Equal(["opened system", "accepted mara@example.com", "reopened ilya@example.com"], await EventsAsync(shop, "charged_differs"));
        Assert.Equal(500, FindingDetail.Read((await FindingAsync(shop)).Detail!).Quota);
        Assert.Equal([finding.Id], (await new FindingQueries(shop.Database).ListAsync(new FindingFilter { Text = "2026-08" }, null, 10)).Rows.Select(row => row.Id));

        // Resolved by a person: the next draft still has it.
        finding = await FindingAsync(shop);
        judged = (await shop.Findings.JudgeAsync(finding, CancellationToken.None))!;
        await acts.ResolveAsync(new FindingAct(finding.Id, finding.Version, "mara@example.com", "told them"), judged);
        await WaitAsync(shop);
        await shop.Store.DraftAsync("acme", August);
        Assert.Equal(["charged_differs P3 open"], await StatesAsync(shop));
    }

    [Theory, EachEngine]
    public async Task What_happened_after_a_draft_was_begun_stays(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 5, 3, model: "mystery"));
        var (begun, early) = (shop.Database.Clock.UtcNow(), await shop.DraftAsync(8));
        await WaitAsync(shop);
        await shop.TakeAsync(new MappingIntake("UTC"), new ImportedMapping { Line = 1, Row = new(0, "mystery", "acme", "-", null, null) });
        var store = new SettlementFindingStore(shop.Database, shop.Findings);
        await store.ApplyAsync(early, shop.Database.Clock.UtcNow(), "early", CancellationToken.None);
        await shop.Store.DraftAsync("acme", August, "late");
        Assert.Equal(["unmapped_model P2 cleared"], await StatesAsync(shop));

        await store.ApplyAsync(early, begun, "early", CancellationToken.None);
        Assert.Equal(["unmapped_model P2 cleared"], await StatesAsync(shop));
    }

    [Theory, EachEngine]
    public async Task An_invoice_that_is_not_explained_is_a_finding_until_somebody_accepts_it(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 1_000_000));
        var import = await new ImportStore(shop.Database).AddAsync(new NewImport("invoice", "invoice.csv", "/nowhere", 1, new byte[32], "take", "mara@example.com", "{}"));
        var line = new ImportedInvoiceLine { Line = 2, Row = new InvoiceLine(null, "chat", TokenPart.UncachedInput, 1_000_000, 1_000_000_000) };
        await shop.Database.WriteAsync(WriteRank.Job, async session =>
        {
            await new InvoiceIntake(import, new NewInvoice("acme", "2026-08", "CNY", 1_020_000_000)).TakeAsync(session, [line], "mara@example.com", CancellationToken.None);
            await session.ExecuteAsync(Done, new ImportStore.ById(import.Id));
        });
        await shop.ApproveAsync(8);
        var document = await shop.Store.DraftAsync("acme", August);
        Assert.Equal(["invoice_unexplained P2 open"], await StatesAsync(shop));
        var unexplained = Assert.Single(document.Findings!);
        Assert.Equal(("acme/2026-08/invoice", "CNY", 100L, 102L, 20_000_000L), (unexplained.Line.Subject, unexplained.Line.Currency, unexplained.Line.ExpectedMinor, unexplained.Line.ActualMinor, unexplained.Detail.Nano));
        Assert.Equal([2L], FindingStake.Of(unexplained.Line, null, null, []).Select(money => money.Minor));

        await new InvoiceStore(shop.Database).AcceptAsync("acme", August, 1, (await new InvoiceQueries(shop.Database).CompareAsync("acme", August, null))!.HashText, "mara@example.com", "two fen");
        await shop.Store.DraftAsync("acme", August);
        Assert.Equal(["invoice_unexplained P2 cleared"], await StatesAsync(shop));
    }

    [Fact]
    public void A_subject_too_long_for_a_row_is_cut_and_still_its_own()
    {
        var one = SettlementFinding.Of("unmapped_model", "acme/2026-08", "acme/2026-08/" + new string('x', 120) + "1", "", new FindingDetail()).Line.Subject;
        var other = SettlementFinding.Of("unmapped_model", "acme/2026-08", "acme/2026-08/" + new string('x', 120) + "2", "", new FindingDetail()).Line.Subject;
        Assert.Equal((80, 80), (one.Length, other.Length));
        Assert.NotEqual(one, other);
    }

    private static Task<List<string>> StatesAsync(UsageShop shop) => shop.ListAsync<string>("SELECT CONCAT(Kind, ' ', Priority, ' ', State) FROM Findings ORDER BY Kind, Subject");

    private static Task<List<string>> EventsAsync(UsageShop shop, string kind) =>
        shop.ListAsync<string>($"SELECT CONCAT(e.Kind, ' ', e.RecordedBy) FROM Findings f JOIN FindingEvents e ON e.FindingId = f.Id WHERE f.Kind = '{kind}' AND f.Subject NOT LIKE '%other' ORDER BY e.RecordedAt, e.Id");

    private static async Task<FindingRow> FindingAsync(UsageShop shop) => (await new FindingQueries(shop.Database).FindAsync((await shop.ListAsync<Guid>("SELECT Id FROM Findings")).Single()))!;

    // An act and a draft of one millisecond: the draft knows no better.
    private static Task WaitAsync(UsageShop shop) => shop.Database.WriteAsync(WriteRank.Job, session => session.OutlastInstantAsync(CancellationToken.None));

    private static readonly Sql<ImportStore.ById> Done = new("UPDATE Imports SET Status = 'done' WHERE Id = @Id");
}
