using BackOffice.Data.Approvals;
using BackOffice.Data.Home;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Orders;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Features.Codes;
using BackOffice.Web.Features.JobRuns;
using BackOffice.Web.Features.Orders;
using BackOffice.Web.Features.Reconciliation;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Home;

/// <summary>What needs somebody now: each role has its own cards, and every figure leads to its rows.</summary>
[Allow(Act.Work)]
public sealed class HomeController(
    HomeQueries home, ApprovalQueries approvals, ImportQueries imports, JobRunQueries nights, WorkQueries work, OrderQueries orders, RunQueries runs, RunResultQueries results, SettlementQueries settlements,
    StockBook stock, Settings settings, TimeProvider clock) : Controller
{
    private const int Listed = 5;

    private DateOnly Today => settings.Business.DayOf(clock.GetUtcNow().UtcDateTime);

    [HttpGet("/")]
    public async Task<ViewResult> IndexAsync(CancellationToken token)
    {
        var role = HttpContext.SignedIn()!.InRole;
        var page = new HomePage(
            role,
            await home.WaitingAsync(token),
            HttpContext.May(Act.Sign) ? await approvals.CountForAsync(HttpContext.Who(), HomeQueries.MostCounted + 1, token) : 0,
            (await imports.ListAsync(null, null, Listed, token)).Rows,
            await nights.FindNewestAsync(ReconciliationNight.JobName, token));
        if (page.IsEmptyShop)
            return View("Index", page);
        return View("Index", role switch
        {
            Role.Support => page with { Desk = await DeskAsync(token) },
            Role.Finance => page with { Money = await MoneyAsync(page.LastNight, token) },
            _ => page with { Office = await OfficeAsync(token) },
        });
    }

    private async Task<SupportDesk> DeskAsync(CancellationToken token)
    {
        var today = Address.Text(Today);
        var ofToday = new List<(OrderListQuery, int)>();
        foreach (var status in SupportDesk.StatusesOfToday)
        {
            var query = new OrderListQuery(null, null, status, today, today);
            ofToday.Add((query, await CountAsync(query, token)));
        }
        var attention = new OrderListQuery(null, null, SupportDesk.NeedsAttention, null, null);
        var newest = await orders.ListAsync(attention.Read(settings.Business, []), null, Listed, settings.CreemMode, token);
        return new SupportDesk(Today, ofToday, attention, await CountAsync(attention, token), newest.Rows);
    }

    private Task<int> CountAsync(OrderListQuery query, CancellationToken token)
    {
        var filter = query.Read(settings.Business, []);
        return home.OrdersAsync(filter.Statuses!.OfType<string>(), filter.From ?? FindingFilter.Earliest, filter.Until ?? FindingFilter.Latest, token);
    }

    private async Task<MoneyDesk> MoneyAsync(ListedJobRun? lastNight, CancellationToken token)
    {
        var ages = new List<OpenByAge>();
        foreach (var priority in FindingsAddress.Priorities)
        {
            var filters = FindingsAddress.Ages.Select(age => new FindingsAddress { Priority = priority, Age = age.Word }).ToList();
            var spans = filters.Select(wanted => wanted.Filter(settings.Business, Today, HttpContext.Who())).Select(filter => (filter.From, filter.Until));
            ages.Add(new OpenByAge(priority, [.. filters.Zip(await home.OpenFindingsAsync(priority, spans, token))]));
        }
        return new MoneyDesk(ages, await BridgeAsync(lastNight?.RunNumber, token), (await runs.ListAsync(null, null, Listed, token)).Rows, [.. (await settlements.ListAsync(token)).Take(Listed)]);
    }

    private async Task<IReadOnlyList<CurrencySums>> BridgeAsync(long? number, CancellationToken token)
    {
        if (number is null || await runs.FindAsync(number.Value, token) is not { } run || !RunPage.HasEndedWell(run))
            return [];
        var figures = await results.FiguresAsync(run, token);
        return [.. figures.Statement.Select(line => new CurrencySums(line, [.. figures.Bridge.Where(bridge => bridge.Currency == line.Currency)]))];
    }

    private async Task<OfficeDesk> OfficeAsync(CancellationToken token)
    {
        var last = new List<(string, ListedJobRun?)>();
        foreach (var job in JobRunAddress.Jobs)
            last.Add((job, await nights.FindNewestAsync(job, token)));
        string?[] missing =
        [
            settings.Mail.IsOn ? null : "Home.Setup.Mail",
            settings.Alarm.Email is null && settings.Alarm.Webhook is null ? "Home.Setup.Alarm" : null,
        ];
        return new OfficeDesk(last, await work.ListAsync(token), [.. missing.OfType<string>()])
        {
            RunningLow = [.. (await stock.ReadAsync(token)).Where(row => row.State(stock.LowDays) is not null)],
        };
    }
}

public sealed record HomePage(Role Role, WaitingWork Waiting, int ToSign, IReadOnlyList<ImportRow> LastImports, ListedJobRun? LastNight)
{
    /// <summary>For support.</summary>
    public SupportDesk? Desk { get; init; }

    /// <summary>For finance.</summary>
    public MoneyDesk? Money { get; init; }

    /// <summary>For admins.</summary>
    public OfficeDesk? Office { get; init; }

    public bool IsEmptyShop => LastImports.Count == 0 && LastNight is null;

    public bool LastNightFailed => LastNight is { Status: "failed" } or { RunStatus: "broken" };

    private bool NothingOpen => Waiting is { OpenP1: 0, OpenP2: 0 };

    /// <summary>What waits, in a sentence: for support the orders, for the others the night and the imports.</summary>
    public string Answer(Texts texts)
    {
        var (p1, p2) = (CountWords.Of(Waiting.OpenP1, texts), CountWords.Of(Waiting.OpenP2, texts));
        if (Desk is not null)
            return NothingOpen && Desk.Attention == 0 ? texts["Home.AllClear"] : texts["Home.SupportWaits", CountWords.Of(Desk.Attention, texts), p1, p2];
        if (IsEmptyShop)
            return texts[Role.May(Act.TakeIn) ? "Home.Answer" : "Home.NothingYet"];
        if (LastNightFailed)
            return texts["Home.NightFailed", LastNight!.Argument];
        if (NothingOpen && ToSign == 0 && Waiting.CheckedImports == 0 && Office is { RunningLow.Count: > 0 })
            return texts["Stock.Low", StockWords.Names(Office.RunningLow, texts)];
        return NothingOpen && ToSign == 0 && Waiting.CheckedImports == 0 ? texts["Home.AllClear"] : texts["Home.Waits", p1, p2, CountWords.Of(Waiting.CheckedImports, texts)];
    }
}

/// <param name="Day">Today, on the shop's clock.</param>
/// <param name="OfToday">Orders made today by status: the list's filter, and how many it shows.</param>
/// <param name="NeedingAttention">The filter of those that wait for a person.</param>
/// <param name="Attention">How many there are.</param>
/// <param name="Newest">The newest of them.</param>
public sealed record SupportDesk(DateOnly Day, IReadOnlyList<(OrderListQuery Filter, int Count)> OfToday, OrderListQuery NeedingAttention, int Attention, IReadOnlyList<OrderRow> Newest)
{
    public const string NeedsAttention = "needs_attention";

    public static readonly IReadOnlyList<string> StatusesOfToday = ["delivered", NeedsAttention, "awaiting_payment"];

    /// <summary>That it waits for a person is said already, so here it is only whether something was delivered.</summary>
    public static string DeliveryOf(OrderRow order) => OrderWords.Delivery(order.Now, graceFrom: DateTime.MinValue);
}

/// <param name="Open">What is open of each priority.</param>
/// <param name="Bridge">Statement and bridge of the last night by currency; none when it did not end well, or no money came in.</param>
/// <param name="LastRuns">The newest first.</param>
/// <param name="LastSettlements">The latest month first.</param>
public sealed record MoneyDesk(IReadOnlyList<OpenByAge> Open, IReadOnlyList<CurrencySums> Bridge, IReadOnlyList<RunRow> LastRuns, IReadOnlyList<SettlementRow> LastSettlements)
{
    public bool HasOpen => Open.Any(priority => priority.Ages.Any(age => age.Count > 0));
}

/// <param name="Priority">Of the findings.</param>
/// <param name="Ages">By bucket of age: the list's filter, and how many it shows.</param>
public sealed record OpenByAge(string Priority, IReadOnlyList<(FindingsAddress Filter, int Count)> Ages);

/// <param name="LastNights">Each job that runs by night with its newest row; null when it never ran.</param>
/// <param name="Now">What works or waits.</param>
/// <param name="NotSetUp">Keys of the words for what is missing.</param>
public sealed record OfficeDesk(IReadOnlyList<(string Job, ListedJobRun? Row)> LastNights, IReadOnlyList<WorkRow> Now, IReadOnlyList<string> NotSetUp)
{
    /// <summary>Codes that do not last long, of what is sold.</summary>
    public IReadOnlyList<StockRow> RunningLow { get; init; } = [];
}
