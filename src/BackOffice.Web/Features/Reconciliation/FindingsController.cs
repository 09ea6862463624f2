using BackOffice.Data.Engine;
using BackOffice.Data.Home;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reconciliation;

[Allow(Act.SeeMoney)]
public sealed class FindingsController(FindingQueries findings, HomeQueries home, Settings settings, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    [HttpGet("/findings")]
    public async Task<ViewResult> IndexAsync(FindingsAddress address, CancellationToken token)
    {
        var wanted = address.Known();
        var page = await findings.ListAsync(wanted.Filter(settings.Business, Today, HttpContext.Who()), address.Place(), Rows, token);
        return View("Findings", new FindingsPage(wanted, page, await home.WaitingAsync(token), settings.Business, Today));
    }

    [HttpGet("/findings/rows.{format}")]
    public RowsFile<FindingRow> File(FindingsAddress address, string format)
    {
        var filter = address.Known().Filter(settings.Business, Today, HttpContext.Who());
        var rows = KeyedPage.AllAsync<FindingRow, FindingPlace>((place, stop) => findings.ListAsync(filter, place, RowsFile.Portion, stop), row => new FindingPlace(row.Id, IsBefore: false));
        return new RowsFile<FindingRow>("findings", format, Columns(), rows);
    }

    private RowColumns<FindingRow> Columns()
    {
        var today = Today.DayNumber;
        return new RowColumns<FindingRow>(texts, settings.Business, clock.UtcNow())
            .Text(texts["RunReport.Priority"], finding => finding.Priority)
            .Text(texts["RunReport.Finding"], finding => texts["Kind." + finding.Kind])
            .Text(texts["Findings.Subject"], finding => finding.Subject)
            .Money(texts["RunReport.Expected"], finding => finding.ExpectedMinor, finding => finding.Currency)
            .Money(texts["RunReport.Actual"], finding => finding.ActualMinor, finding => finding.Currency)
            .Money(texts["RunReport.Difference"], finding => finding.ActualMinor - finding.ExpectedMinor, finding => finding.Currency)
            .Currency(finding => finding.Currency)
            .Time(texts["Findings.FirstSeen"], finding => finding.FirstSeenAt)
            .Number(texts["Findings.AgeInDays"], finding => Math.Max(0, today - settings.Business.DayOf(finding.FirstSeenAt).DayNumber))
            .Text(texts["Finding.Assignee"], finding => finding.Assignee)
            .Text(texts["RunReport.State"], finding => texts["State." + FindingStates.Of(finding.State)]);
    }

    private DateOnly Today => settings.Business.DayOf(clock.UtcNow());
}
