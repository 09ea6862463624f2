using System.Net;
using BackOffice.Data.Codes;
using BackOffice.Jobs.Codes;
using Microsoft.Extensions.DependencyInjection;
using UglyToad.PdfPig;

namespace BackOffice.Web.Tests.Features.Codes;

/// <summary>A batch reaches the console and leaves the building from its pages; its certificate and the liability tell of it.</summary>
public sealed class PublishAndExportTests : IAsyncDisposable
{
    private readonly Site _site = new() { Clock = new ShiftedClock(new DateTime(2026, 11, 10, 1, 0, 0, DateTimeKind.Utc)) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_script_is_taken_on_record_and_the_batch_published_with_a_word_where_it_was_run()
    {
        await _site.MakeBatchAsync(120, published: false);
        using var admin = _site.Visitor("en");
        var csrf = await admin.TokenAsync();
        Assert.Contains("120 codes are worth nothing before the console knows them", await admin.ReadAsync("/codes/batches/1/publish"));
        using (var unfounded = await admin.PostFormAsync("/codes/batches/1/publish/script", csrf, ("engine", "postgresql"), ("what", "insert")))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, unfounded.StatusCode);
        using var script = await admin.PostFormAsync("/codes/batches/1/publish/script", csrf, ("engine", "postgresql"), ("what", "insert"), ("reason", "To be run tonight"));
        var text = await script.Content.ReadAsStringAsync(Token);
        Assert.Contains(await _site.SecretAsync(1, 7), text, StringComparison.Ordinal);
        Assert.Contains("ON CONFLICT", text, StringComparison.Ordinal);
        Assert.Equal("attachment; filename=\"codes-batch-1-insert.sql\"", script.Content.Headers.ContentDisposition!.ToString());
        using (var refused = await admin.PostFormAsync("/codes/batches/1/publish/done", csrf, ("where", " ")))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using (var marked = await admin.PostFormAsync("/codes/batches/1/publish/done", csrf, ("where", "At the console of the shop")))
            Assert.Equal("/codes/batches/1", marked.Headers.Location!.ToString());
        Assert.NotNull((await _site.BatchAsync(1)).PublishedAt);
        using (var again = await admin.PostFormAsync("/codes/batches/1/publish/done", csrf, ("where", "Again")))
            Assert.Contains("The batch is published already", Html.Text(await again.Content.ReadAsStringAsync(Token)));
        // Once it is there, its codes do not leave a second time.
        using (var late = await admin.PostFormAsync("/codes/batches/1/publish/script", csrf, ("engine", "sqlite"), ("what", "insert"), ("reason", "Once more")))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
        using (var bad = await admin.PostFormAsync("/codes/batches/1/publish/script", csrf, ("engine", "oracle"), ("what", "insert")))
            Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        using (var none = await admin.PostFormAsync("/codes/batches/1/publish", csrf, ("x", "")))
            Assert.Contains("Console:Database", Html.Text(await none.Content.ReadAsStringAsync(Token)));
        Assert.Equal(["batch.published", "batch.requested", "batch.scripted"], ShopRows.Of(_site.Shop, "SELECT Action FROM AuditEntries WHERE Subject = 'batch:1'"));
    }

    [Fact]
    public async Task An_export_is_asked_for_sealed_and_taken_once()
    {
        await _site.MakeBatchAsync(50);
        using var admin = _site.Visitor("en");
        var csrf = await admin.TokenAsync();
        using (var refused = await admin.PostFormAsync("/codes/batches/1/export", csrf, ("format", "csv"), ("reason", "")))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using (var asked = await admin.PostFormAsync("/codes/batches/1/export", csrf, ("format", "csv"), ("reason", "For the fair")))
            Assert.Equal("/codes/batches/1/export", asked.Headers.Location!.ToString());
        await WriteAsync();
        Assert.Contains("The file with 50 codes can be taken once.", await admin.ReadAsync("/codes/batches/1/export"));
        using var shown = await admin.PostFormAsync("/codes/batches/1/export/passphrase", csrf, ("x", ""));
        Assert.Contains("no-store", shown.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        using (var again = await admin.PostFormAsync("/codes/batches/1/export/passphrase", csrf, ("x", "")))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
        using (var file = await admin.PostFormAsync("/codes/batches/1/export/file", csrf, ("x", "")))
        {
            Assert.Equal("application/zip", file.Content.Headers.ContentType!.ToString());
            Assert.Equal("PK"u8.ToArray(), (await file.Content.ReadAsByteArrayAsync(Token))[..2]);
        }
        using (var gone = await admin.PostFormAsync("/codes/batches/1/export/file", csrf, ("x", "")))
            Assert.Contains("The file was taken already", Html.Text(await gone.Content.ReadAsStringAsync(Token)));
        Assert.Empty(Directory.GetFiles(Path.Combine(_site.Shop.Path, "reports")));
    }

    [Theory]
    [InlineData("en", "Certificate of batch 1", "exactly 1,200 codes", "SHA-256")]
    [InlineData("zh-CN", "批次 1 证明", "共 1,200 个兑换码", "SHA-256")]
    public async Task The_certificate_tells_what_the_batch_is_and_holds_no_code(string language, string title, string answer, string hash)
    {
        await _site.MakeBatchAsync(1_200, prefix: "VIP", note: "Singles day stock 双十一");
        await using (var scope = _site.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<CodeExportDesk>().RequestAsync(1, "csv", "For the fair", "mara@example.com", Token);
        await WriteAsync();
        using var visitor = _site.Visitor(language);
        var bytes = await visitor.GetByteArrayAsync("/codes/batches/1/certificate.pdf", Token);
        if (Environment.GetEnvironmentVariable("BACKOFFICE_SCREENSHOTS") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"certificate-{language}.pdf"), bytes, Token);
        using var pdf = PdfDocument.Open(bytes);
        var text = string.Concat(pdf.GetPages().Select(page => page.Text));
        foreach (var word in new[] { title, answer, hash, "mara@example.com", "Singles day stock 双十一", "6,000,000,000", "CNY 26,400.00", ShopRows.Of(_site.Shop, "SELECT lower(hex(Sha256)) FROM CodeExports").Single() })
            Assert.Contains(word.Replace(" ", "", StringComparison.Ordinal), text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(await _site.SecretAsync(1, 1), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_liability_counts_what_customers_hold_and_not_what_lies_in_stock()
    {
        await _site.MakeBatchAsync(100);
        await _site.MakeBatchAsync(40, package: "starter");
        await _site.TakeCodeAsync("order-1");
        await _site.TakeCodeAsync("order-2", delivered: false);
        _site.Redeem(await _site.TakeCodeAsync("order-3"));
        using var visitor = _site.Visitor("en");
        using var workbook = new ClosedXML.Excel.XLWorkbook(new MemoryStream(await visitor.GetByteArrayAsync("/codes/liability.xlsx", Token)));
        var sheet = workbook.Worksheet("By package");
        Assert.Equal(["Starter", "1", "CNY", "0", "0", "0", "40", "360000000"], Cells(sheet, 5));
        Assert.Equal(["Trial", "1", "CNY", "2", "10000000", "44", "97", "485000000"], Cells(sheet, 6));
        Assert.Equal("SUM(D5:D6)", sheet.Cell(7, 4).FormulaA1);
        Assert.Equal(["1", "Ready", "Trial", "1", "5000000", "CNY", "22", "100", "97", "1", "1", "1", "0", "2"], Cells(workbook.Worksheet("By batch"), 5, 14));
    }

    private static List<string> Cells(ClosedXML.Excel.IXLWorksheet sheet, int row, int columns = 8) =>
        [.. Enumerable.Range(1, columns).Select(column => Convert.ToString(sheet.Cell(row, column).Value, System.Globalization.CultureInfo.InvariantCulture)!)];

    private async Task WriteAsync()
    {
        await using var scope = _site.Services.CreateAsyncScope();
        foreach (var export in await scope.ServiceProvider.GetRequiredService<CodeExportStore>().OfBatchAsync(1, Token))
            await scope.ServiceProvider.GetRequiredService<CodeExportJob>().RunAsync(export.Id, Token);
    }
}
