using BackOffice.Data.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Audit;

public sealed class AuditLooksTests(Browser browser)
{
    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task The_audit_trail_stands_in_every_width_theme_and_language(int width, string theme, string language)
    {
        if ((await browser.Site.Services.GetRequiredService<AuditQueries>().HeadAsync(TestContext.Current.CancellationToken)).Sequence == 0)
            await SeedAsync();

        await browser.LooksWellAsync("/audit", width, theme, language);
        await browser.LooksWellAsync("/audit/3", width, theme, language);
        await browser.LooksWellAsync("/audit/check", width, theme, language);
    }

    // Rows of every length, the longest words among them.
    private async Task SeedAsync()
    {
        await AuditTests.ActAsync(browser.Site, new AuditAct { Who = "mara@example.com", Action = AuditActions.ImportAdded, Subject = AuditSubject.Of("import", 12), Details = new { Kind = "orders", FileName = "orders.csv", Size = 12345, Sha256 = new byte[32], Stage = "check" } });
        await AuditTests.ActAsync(browser.Site, new AuditAct { Who = "system", Action = AuditActions.RunRequested, Subject = AuditSubject.Of("run", 231) });
        await AuditTests.ActAsync(browser.Site, new AuditAct
        {
            Who = new string('w', 80) + "@example.com",
            Action = "package.price_added",
            Subject = AuditSubject.Of("package", new string('s', 90)),
            Reason = "As agreed on the telephone: " + new string('长', 120) + new string('r', 120),
            Before = new { AmountMinor = 2200, Currency = "CNY", ValidFrom = new DateTime(2026, 11, 10, 6, 32, 6, DateTimeKind.Utc) },
            After = new { AmountMinor = 2300, Currency = "CNY", ValidFrom = new DateTime(2026, 12, 1, 0, 0, 0, DateTimeKind.Utc), Note = new string('n', 90) },
        });
    }
}
