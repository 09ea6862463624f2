using System.Globalization;
using BackOffice.Data.Jobs;
using BackOffice.Data.Reconciliation;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Tests.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Reconciliation;

/// <summary>What people settled, as the nights after it see it (reconciliation rules 3 and 4, State). Two orders of 1 October are paid and not delivered.</summary>
public sealed class WorkedFindingsTests : IAsyncDisposable
{
    private const string States = "SELECT Subject, State FROM Findings";

    // An hour before 02:30 of 2 October in the shop's zone.
    private readonly ShiftedClock _clock = new(Morning(2).AddHours(-1));
    private readonly ShopFolder _folder = ShopFolder.Migrated();
    private readonly ServiceProvider _services;

    public WorkedFindingsTests() => _services = _folder.Services(_clock);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_person_resolved_and_still_holds_is_opened_again_by_the_next_night_though_nothing_happened_in_its_window()
    {
        await SellAndFindAsync();
        await ResolveAsync("AC-1");
        Assert.Equal(["AC-1|resolved", "AC-2|open"], Rows());
        // Its window, the two days before, is empty.
        await NightAsync(8);
        Assert.Equal(["AC-1|open", "AC-2|open"], Rows());
        Assert.Equal(["opened", "reopened", "resolved"], Events("AC-1"));
    }

    [Fact]
    public async Task What_a_person_resolved_and_a_run_has_judged_stays_resolved_and_out_of_later_scopes()
    {
        await SellAndFindAsync();
        await ResolveAsync("AC-1");
        await FactFiles.ImportAsync(_services, "deliveries", Files.Deliveries(_folder, 1));
        await NightAsync(8);
        await NightAsync(9);
        Assert.Equal(["AC-1|resolved", "AC-2|open"], Rows());
        Assert.Equal(["opened", "resolved"], Events("AC-1"));
        Assert.Equal(["1|2", "2|2", "3|1"], ShopRows.Of(_folder, "SELECT Number, CasesTotal FROM ReconciliationRuns"));
    }

    [Fact]
    public async Task A_run_that_looks_back_judges_nothing_so_the_next_night_still_does()
    {
        await SellAndFindAsync();
        await ResolveAsync("AC-1");
        _clock.MoveTo(Morning(3));
        var run = await Get<RunDesk>().AddAsync(new DateOnly(2026, 9, 1), new DateOnly(2026, 9, 2), null, null, "system", Token);
        await Get<ReconcileJob>().RunToEndAsync(run.Id, Token);
        Assert.Equal(["AC-1|resolved", "AC-2|open"], Rows());
        await NightAsync(8);
        Assert.Equal(["AC-1|open", "AC-2|open"], Rows());
    }

    [Fact]
    public async Task What_a_person_accepted_stays_so_until_its_facts_change()
    {
        await SellAndFindAsync();
        await Get<FindingDesk>().AcceptAsync(await ActOnAsync("AC-1"), FindingDesk.HashOf((await Get<FindingDesk>().ReadAsync(await FindAsync("AC-1"), Token)).Line!), Token);
        await NightAsync(8);
        Assert.Equal(["AC-1|accepted", "AC-2|open"], Rows());
        // The night's window holds it, and it is judged to be what was accepted.
        await ReconcileAsync(new DateOnly(2026, 10, 1));
        Assert.Equal(["AC-1|accepted", "AC-2|open"], Rows());

        // Another payment of the same order: the set of its transactions is another one.
        await FactFiles.ImportAsync(_services, "creem", Files.Write(_folder, "more.jsonl", """{"id":"tran_more","status":"paid","currency":"USD","amount":299,"amount_paid":299,"order":"ord_1","created_at":1790820180000}"""));
        await NightAsync(9);
        Assert.Contains("AC-1|open", Rows());
        Assert.Equal(["accepted", "opened", "reopened"], Events("AC-1", "paid_not_delivered"));
    }

    [Fact]
    public async Task Comments_and_assignments_do_not_hide_the_state_from_a_run()
    {
        await SellAndFindAsync();
        var (acts, one) = (Get<FindingActStore>(), await FindAsync("AC-1"));
        await acts.CommentAsync(new FindingAct(one.Id, 1, "mara@example.com", "asked the customer"), Token);
        await acts.AssignAsync(await ActOnAsync("AC-2"), null, Token);
        await NightAsync(8);
        Assert.Equal(["AC-1|open", "AC-2|open"], Rows());
        await FactFiles.ImportAsync(_services, "deliveries", Files.Deliveries(_folder, 2));
        await acts.CommentAsync(new FindingAct(one.Id, 1, "mara@example.com", "it came"), Token);
        await NightAsync(9);
        Assert.Equal(["AC-1|cleared", "AC-2|cleared"], Rows());
        await acts.CommentAsync(new FindingAct(one.Id, 1, "mara@example.com", "so it did"), Token);
        await NightAsync(10);
        Assert.Equal(["cleared", "commented", "commented", "commented", "opened"], Events("AC-1"));
    }

    [Fact]
    public async Task A_killed_run_that_is_taken_up_leaves_what_a_person_did_in_between()
    {
        await SellAndFindAsync();
        _clock.MoveTo(Morning(3));
        await FactFiles.ImportAsync(_services, "deliveries", Files.Deliveries(_folder, 1));
        // It clears the one and is killed before it ends; a person says that the other one is settled.
        var run = await Get<RunDesk>().AddAsync(new DateOnly(2026, 10, 1), new DateOnly(2026, 10, 4), null, null, "system", Token);
        Assert.Equal(RunClaim.Claimed, await Get<RunStore>().ClaimAsync(run.Id, Token));
        var begun = await Get<RunQueries>().GetAsync(run.Id, Token);
        var seen = (await Get<FindingDesk>().ReadAsync(await FindAsync("AC-2"), Token)).Line!;
        await Get<RunStore>().KeepAsync(run.Id, [seen], 1, 2, Token);
        await Get<FindingStore>().ApplyAsync(begun, Token);
        Assert.Equal(["AC-1|cleared", "AC-2|open"], Rows());
        await ResolveAsync("AC-2");

        _clock.MoveTo(Morning(3) + WorkQueue.LeaseTime * 2);
        await Get<ReconcileJob>().RunToEndAsync(run.Id, Token);
        Assert.Equal(["AC-1|cleared", "AC-2|resolved"], Rows());
        await NightAsync(4);
        Assert.Equal(["AC-1|cleared", "AC-2|open"], Rows());
        // Taken up once more after a person accepted what it opened again: a run has one event of a finding.
        await Get<FindingDesk>().AcceptAsync(await ActOnAsync("AC-2"), FindingDesk.HashOf(seen), Token);
        var night = await Get<RunQueries>().FindAsync(3, Token);
        await Get<FindingStore>().ApplyAsync(night!, Token);
        Assert.Equal(["AC-1|cleared", "AC-2|accepted"], Rows());
        Assert.Equal(["accepted", "opened", "reopened", "resolved"], Events("AC-2"));
    }

    [Fact]
    public async Task What_no_longer_holds_is_neither_accepted_nor_resolved()
    {
        await SellAndFindAsync();
        var seen = (await Get<FindingDesk>().ReadAsync(await FindAsync("AC-1"), Token)).Line!;
        await FactFiles.ImportAsync(_services, "deliveries", Files.Deliveries(_folder, 1));
        Assert.Equal("FindingNoLongerHolds", await RefusedAsync(async () => await Get<FindingDesk>().AcceptAsync(await ActOnAsync("AC-1"), FindingDesk.HashOf(seen), Token)));
        Assert.Equal("FindingNoLongerHolds", await RefusedAsync(() => ResolveAsync("AC-1")));
        Assert.Equal("FindingFactsChanged", await RefusedAsync(async () => await Get<FindingDesk>().AcceptAsync(await ActOnAsync("AC-2"), FindingDesk.HashOf(seen), Token)));
        Assert.Equal("FindingFactsChanged", await RefusedAsync(async () => await Get<FindingDesk>().AcceptAsync(await ActOnAsync("AC-2"), null, Token)));
        Assert.Equal(["AC-1|open", "AC-2|open"], Rows());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    private async Task SellAndFindAsync()
    {
        await FactFiles.ImportAsync(_services, "orders", Files.Orders(_folder, 2));
        await FactFiles.ImportAsync(_services, "creem", Files.Payments(_folder, 2));
        await NightAsync(2);
        Assert.Equal(["AC-1|open", "AC-2|open"], Rows());
    }

    private async Task NightAsync(int day)
    {
        _clock.MoveTo(Morning(day));
        var night = await Get<JobRunStore>().AddAsync(ReconciliationNight.JobName, string.Create(CultureInfo.InvariantCulture, $"2026-10-{day:00}"), Token);
        await Get<NightlyJob>().RunAsync(night!.Value, Token);
    }

    private async Task ReconcileAsync(DateOnly day)
    {
        var run = await Get<RunDesk>().AddAsync(day, day.AddDays(10), null, null, "system", Token);
        await Get<ReconcileJob>().RunToEndAsync(run.Id, Token);
    }

    private async Task ResolveAsync(string subject) => await Get<FindingDesk>().ResolveAsync(await ActOnAsync(subject), Token);

    private async Task<FindingAct> ActOnAsync(string subject)
    {
        var finding = await FindAsync(subject);
        return new FindingAct(finding.Id, finding.Version, "mara@example.com", "settled with the customer");
    }

    private async Task<FindingRow> FindAsync(string subject) =>
        (await Get<FindingQueries>().ListAsync(new FindingFilter { Text = subject, Kind = "paid_not_delivered" }, null, 10, Token)).Rows.Single();

    private List<string> Rows() => ShopRows.Of(_folder, States);

    private List<string> Events(string subject, string kind = "paid_not_delivered") =>
        ShopRows.Of(_folder, $"SELECT e.Kind FROM FindingEvents e JOIN Findings f ON f.Id = e.FindingId WHERE f.Subject = '{subject}' AND f.Kind = '{kind}'");

    private static async Task<string> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<Domain.RefusedException>(act)).Refusal.Code;

    private static DateTime Morning(int day) => new(2026, 10, day - 1, 18, 30, 0, DateTimeKind.Utc);
}
