using System.IO.Compression;
using System.Text;
using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Approvals;
using BackOffice.Jobs.Codes;
using ICSharpCode.SharpZipLib.Zip;

namespace BackOffice.Web.Tests.Codes;

/// <summary>Plaintext leaves the building once, sealed with a passphrase that is shown once.</summary>
public sealed class CodeExportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    public async Task The_file_opens_with_its_passphrase_only_and_holds_the_codes_in_stock(string format)
    {
        await using var office = new CodeOffice();
        var batch = await office.MakeAsync(CodeOffice.Wanted(1_234, format: CodeFormat.Friendly));
        var codes = await office.OpenAsync(batch);
        await office.Get<CodeTaskStore>().MarkPublishedAsync(batch.Number, "mara@example.com", null);
        var taken = (await office.Get<CodeStock>().TakeAsync("order-1", "trial", 1, "system"))!;
        var export = await MakeAsync(office, batch.Number, format);
        Assert.Equal(("done", 1_233), (export.Status, export.RowsDone));
        var passphrase = await office.Get<CodeExportDesk>().ShowPassphraseAsync(export.Number, "mara@example.com", Token);
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}$", passphrase);
        var path = office.Get<CodeExportDesk>().PathOf(export);
        var sealedBytes = await File.ReadAllBytesAsync(path, Token);
        Assert.DoesNotContain(codes[0], Encoding.ASCII.GetString(sealedBytes), StringComparison.Ordinal);
        var text = format == "csv" ? Encoding.UTF8.GetString(Open(path, passphrase)) : Sheet(Open(path, passphrase));
        foreach (var (code, at) in codes.Select((code, at) => (code, at)))
            Assert.Equal(at + 1 != taken.Sequence, text.Contains(code, StringComparison.Ordinal));
        Assert.ThrowsAny<Exception>(() => Open(path, "WRONG-WRONG-WRONG-WRONG-WRONG"));
        using var zip = new ICSharpCode.SharpZipLib.Zip.ZipFile(path);
        Assert.Equal(256, zip.Cast<ZipEntry>().Single().AESKeySize);
        // From stock nobody is handed what left the building.
        Assert.Null(await office.Get<CodeStock>().TakeAsync("order-2", "trial", 1, "system"));
        Assert.DoesNotContain(passphrase, string.Join('\n', ShopRows.Of(office.Folder, "SELECT Details FROM AuditEntries")), StringComparison.Ordinal);
        Assert.Equal(["|1"], ShopRows.Of(office.Folder, "SELECT SealedPassphrase, COUNT(*) FROM CodeExports"));
    }

    [Fact]
    public async Task Passphrase_and_file_are_given_once_and_a_second_file_is_refused()
    {
        await using var office = new CodeOffice();
        var batch = await office.MakeAsync(CodeOffice.Wanted(10));
        var export = await MakeAsync(office, batch.Number, "csv");
        var (desk, store) = (office.Get<CodeExportDesk>(), office.Get<CodeExportStore>());
        await RefusedAsync("PassphraseShownAlready", () => desk.ShowPassphraseAsync(export.Number, "ilya@example.com", Token));
        await desk.ShowPassphraseAsync(export.Number, "mara@example.com", Token);
        await RefusedAsync("PassphraseShownAlready", () => desk.ShowPassphraseAsync(export.Number, "mara@example.com", Token));
        await RefusedAsync("ExportedAlready", () => desk.RequestAsync(batch.Number, "csv", "again", "mara@example.com", Token));
        await store.TakeAsync(export, "mara@example.com", Token);
        await RefusedAsync("ExportGone", () => store.TakeAsync(export, "mara@example.com", Token));
        await store.GiveBackAsync(export.Number, "mara@example.com", Token);
        await store.TakeAsync(export, "mara@example.com", Token);
        Assert.Equal("taken", (await store.FindAsync(export.Number, Token))!.Status);
        // A download that broke off may have brought everything: its codes are not sold again.
        await store.GiveBackAsync(export.Number, "mara@example.com", Token);
        ShopRows.Change(office.Folder, "UPDATE CodeExports SET ExpiresAt = '2026-01-01 00:00:00'");
        await desk.ThrowAwayAsync(Token);
        Assert.Equal("expired", (await store.FindAsync(export.Number, Token))!.Status);
        Assert.NotNull((await office.Get<BatchQueries>().FindAsync(batch.Number, Token))!.ExportedAt);
    }

    [Fact]
    public async Task What_nobody_took_within_a_day_is_gone_and_its_codes_are_in_stock_again()
    {
        await using var office = new CodeOffice();
        var batch = await office.MakeAsync(CodeOffice.Wanted(10));
        var export = await MakeAsync(office, batch.Number, "csv");
        await office.Get<CodeExportDesk>().ThrowAwayAsync(Token);
        Assert.True(File.Exists(office.Get<CodeExportDesk>().PathOf(export)));
        ShopRows.Change(office.Folder, "UPDATE CodeExports SET ExpiresAt = '2026-01-01 00:00:00'");
        await office.Get<CodeExportDesk>().ThrowAwayAsync(Token);
        Assert.False(File.Exists(office.Get<CodeExportDesk>().PathOf(export)));
        Assert.Equal("expired", (await office.Get<CodeExportStore>().FindAsync(export.Number, Token))!.Status);
        Assert.Null((await office.Get<BatchQueries>().FindAsync(batch.Number, Token))!.ExportedAt);
        Assert.Equal("pending", (await office.Get<CodeExportDesk>().RequestAsync(batch.Number, "csv", "again", "mara@example.com", Token)).Status);
    }

    [Fact]
    public async Task A_file_that_could_not_be_made_holds_nothing_back()
    {
        await using var office = new CodeOffice();
        var batch = await office.MakeAsync(CodeOffice.Wanted(10));
        await office.Get<CodeTaskStore>().MarkPublishedAsync(batch.Number, "mara@example.com", null);
        var (desk, store, stock) = (office.Get<CodeExportDesk>(), office.Get<CodeExportStore>(), office.Get<CodeStock>());
        var export = await desk.RequestAsync(batch.Number, "csv", "For the fair", "mara@example.com", Token);
        ShopRows.Change(office.Folder, "CREATE TABLE Kept AS SELECT Cipher FROM Codes WHERE Sequence = 10");
        ShopRows.Change(office.Folder, "UPDATE Codes SET Cipher = zeroblob(60) WHERE Sequence = 10");
        for (var tries = 1; tries <= CodeExportStore.Queue.GivesUpAfter; tries++)
        {
            Assert.Null(await stock.TakeAsync("order-1", "trial", 1, "system"));
            await Assert.ThrowsAnyAsync<Exception>(() => office.Get<CodeExportJob>().RunAsync(export.Id, Token));
        }
        Assert.Equal("failed", (await store.FindAsync(export.Number, Token))!.Status);
        Assert.Null(await store.PassphraseAsync(export.Number, Token));
        Assert.Equal(["exported", "published", "ready", "requested", "restocked"], (await office.Get<BatchQueries>().EventsAsync(batch.Number, Token)).Select(one => one.Kind).Order(StringComparer.Ordinal));
        Assert.NotNull(await stock.TakeAsync("order-1", "trial", 1, "system"));
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(desk.PathOf(export))!, "codes-*"));

        ShopRows.Change(office.Folder, "UPDATE Codes SET Cipher = (SELECT Cipher FROM Kept) WHERE Sequence = 10");
        var again = await MakeAsync(office, batch.Number, "csv");
        Assert.Equal(("done", 9), (again.Status, again.RowsDone));
    }

    [Fact]
    public async Task What_a_killed_job_or_download_left_is_swept()
    {
        await using var office = new CodeOffice();
        var desk = office.Get<CodeExportDesk>();
        var exports = new Dictionary<string, CodeExportRow>();
        foreach (var status in new[] { "running", "done", "failed", "taken", "late" })
        {
            var batch = await office.MakeAsync(CodeOffice.Wanted(3));
            exports[status] = await MakeAsync(office, batch.Number, "csv");
        }
        ShopRows.Change(office.Folder, $"UPDATE CodeExports SET Status = 'running' WHERE Number = {exports["running"].Number}");
        ShopRows.Change(office.Folder, $"UPDATE CodeExports SET Status = 'failed' WHERE Number = {exports["failed"].Number}");
        ShopRows.Change(office.Folder, $"UPDATE CodeExports SET Status = 'taken', TakenAt = '2099-01-01 00:00:00' WHERE Number = {exports["taken"].Number}");
        ShopRows.Change(office.Folder, $"UPDATE CodeExports SET Status = 'taken', TakenAt = '2026-01-01 00:00:00' WHERE Number = {exports["late"].Number}");
        var folder = Path.GetDirectoryName(desk.PathOf(exports["done"]))!;
        string[] strays = [.. exports.Values.Select(export => desk.PathOf(export) + ".x1y2z3"), Path.Combine(folder, $"codes-{Guid.Empty:N}.zip"), Path.Combine(folder, $"codes-{Guid.Empty:N}.zip.x1y2z3")];
        string[] others = [Path.Combine(folder, "codes-of-conduct.zip"), Path.Combine(folder, "report.zip.x1y2z3")];
        foreach (var path in strays.Concat(others))
            await File.WriteAllTextAsync(path, "half", Token);

        await desk.ThrowAwayAsync(Token);

        string[] kept = [.. others, .. new[] { "running", "done", "taken" }.Select(status => desk.PathOf(exports[status])), desk.PathOf(exports["running"]) + ".x1y2z3"];
        Assert.Equal(kept.Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder, "*.zip*").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_one_person_and_day_the_files_count_together()
    {
        await using var office = new CodeOffice(("Approvals:CodesAbove", "15"));
        var (one, other) = (await office.MakeAsync(CodeOffice.Wanted(8)), await office.MakeAsync(CodeOffice.Wanted(7)));
        var more = await office.Get<BatchDesk>().RequestAsync(CodeOffice.Wanted(8), "ilya@example.com", Token);
        await office.Get<BatchJob>().RunAsync(more.Id, Token);
        more = await office.Get<BatchQueries>().GetAsync(more.Id, Token);
        var desk = office.Get<CodeExportDesk>();
        Assert.Equal("pending", (await desk.RequestAsync(one.Number, "csv", "For the fair", "mara@example.com", Token)).Status);
        Assert.Equal("pending", (await desk.RequestAsync(other.Number, "csv", "For the fair", "mara@example.com", Token)).Status);
        Assert.True(await desk.NeedsSecondPersonAsync(more, "mara@example.com", Token));
        Assert.False(await desk.NeedsSecondPersonAsync(more, "ilya@example.com", Token));
        Assert.Equal("requested", (await desk.RequestAsync(more.Number, "csv", "For the fair", "mara@example.com", Token)).Status);
        await DecideAsync(office, CodeExportStore.ApprovalKind, 3, approve: false);
        Assert.Equal("pending", (await desk.RequestAsync(more.Number, "csv", "For the fair", "ilya@example.com", Token)).Status);
        // Yesterday's do not count.
        ShopRows.Change(office.Folder, "UPDATE CodeExports SET RequestedAt = '2026-01-01 00:00:00'");
        Assert.False(await desk.NeedsSecondPersonAsync(more, "mara@example.com", Token));
    }

    [Fact]
    public async Task Above_the_limit_a_second_person_decides()
    {
        await using var office = new CodeOffice(("Approvals:CodesAbove", "5"));
        var wanted = await office.Get<BatchDesk>().RequestAsync(CodeOffice.Wanted(10), "mara@example.com", Token);
        Assert.Equal("requested", wanted.Status);
        await DecideAsync(office, BatchStore.ApprovalKind, wanted.Number, approve: true);
        await office.Get<BatchJob>().RunAsync(wanted.Id, Token);
        var export = await office.Get<CodeExportDesk>().RequestAsync(wanted.Number, "csv", "For the fair", "mara@example.com", Token);
        Assert.Equal("requested", export.Status);
        await DecideAsync(office, CodeExportStore.ApprovalKind, export.Number, approve: false);
        Assert.Equal("refused", (await office.Get<CodeExportStore>().FindAsync(export.Number, Token))!.Status);
        export = await office.Get<CodeExportDesk>().RequestAsync(wanted.Number, "csv", "For the fair", "mara@example.com", Token);
        await DecideAsync(office, CodeExportStore.ApprovalKind, export.Number, approve: true);
        await office.Get<CodeExportJob>().RunAsync(export.Id, Token);
        Assert.Equal("done", (await office.Get<CodeExportStore>().FindAsync(export.Number, Token))!.Status);
    }

    private static async Task DecideAsync(CodeOffice office, string kind, long subject, bool approve)
    {
        var approval = (await office.Get<ApprovalQueries>().OfSubjectAsync(kind, FormattableString.Invariant($"{subject}"), Token)).Single(one => one.IsPending);
        await RefusedAsync("ApprovalOwn", () => office.Get<ApprovalDesk>().ApproveAsync(approval, "mara@example.com", null, Token));
        if (approve)
            await office.Get<ApprovalDesk>().ApproveAsync(approval, "ilya@example.com", null, Token);
        else
            await office.Get<ApprovalDesk>().RefuseAsync(approval, "ilya@example.com", "No", Token);
    }

    private static async Task<CodeExportRow> MakeAsync(CodeOffice office, long batch, string format)
    {
        var export = await office.Get<CodeExportDesk>().RequestAsync(batch, format, "For the fair", "mara@example.com", Token);
        await office.Get<CodeExportJob>().RunAsync(export.Id, Token);
        return (await office.Get<CodeExportStore>().FindAsync(export.Number, Token))!;
    }

    private static byte[] Open(string path, string passphrase)
    {
        using var zip = new ICSharpCode.SharpZipLib.Zip.ZipFile(path) { Password = passphrase };
        using var entry = zip.GetInputStream(zip.Cast<ZipEntry>().Single());
        using var plain = new MemoryStream();
        entry.CopyTo(plain);
        return plain.ToArray();
    }

    private static string Sheet(byte[] workbook)
    {
        using var zip = new ZipArchive(new MemoryStream(workbook));
        using var reader = new StreamReader(zip.GetEntry("xl/worksheets/sheet1.xml")!.Open());
        return reader.ReadToEnd();
    }

    private static async Task RefusedAsync(string code, Func<Task> act) => Assert.Equal(code, (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code);
}
