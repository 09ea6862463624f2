using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports;
using BackOffice.Web.Security;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>Reports about codes, made at once in the reader's language: they hold no code.</summary>
[Allow(Act.SeeCatalogue)]
public sealed class CodeReportsController(BatchQueries batches, CodeExportStore exports, PackageQueries packages, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("/codes/batches/{number:long}/certificate.pdf")]
    public async Task<IActionResult> CertificateAsync(long number, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is not { } batch)
            return NotFound();
        var package = (await packages.ListAsync(token)).Single(one => one.Slug == batch.Package);
        var facts = new BatchFacts(batch, package.NameEnglish, package.NameChinese, await exports.OfBatchAsync(number, token), await batches.EventsAsync(number, token));
        var pdf = new MemoryStream();
        await new BatchCertificate(facts, texts, shop).WriteAsync(pdf, HttpContext.Who(), clock.UtcNow(), token);
        return Send(pdf, "application/pdf", FormattableString.Invariant($"batch-{number}-certificate.pdf"));
    }

    [HttpGet("/codes/liability.xlsx")]
    public async Task<FileStreamResult> LiabilityAsync(CancellationToken token)
    {
        var names = (await packages.ListAsync(token)).ToDictionary(package => package.Slug, package => texts.IsChinese ? package.NameChinese : package.NameEnglish, StringComparer.Ordinal);
        var workbook = new MemoryStream();
        await new LiabilityWorkbook(await batches.MadeAsync(token), names, texts, shop, clock.UtcNow()).WriteAsync(workbook);
        return Send(workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "codes-liability.xlsx");
    }

    private FileStreamResult Send(MemoryStream stream, string type, string name)
    {
        stream.Position = 0;
        return File(stream, type, name);
    }
}
