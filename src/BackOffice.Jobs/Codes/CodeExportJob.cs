using System.Globalization;
using System.Security.Cryptography;
using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Orders;
using BackOffice.Jobs.Approvals;
using BackOffice.Jobs.Reports.Tables;
using Hangfire;
using ICSharpCode.SharpZipLib.Zip;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Codes;

/// <summary>Where the plaintext of a batch is asked for, sealed, and taken away once (codes rules 5).</summary>
public sealed class CodeExportDesk(CodeExportStore store, VaultOfSecrets vault, CodeDice dice, Settings settings, TimeProvider clock)
{
    private const int Groups = 5;
    private const int GroupLength = 5;

    // The longest that a download takes: after it, the process that died in it has left the file.
    private static readonly TimeSpan DownloadTime = TimeSpan.FromHours(1);

    /// <summary>Asks for the file; its passphrase is made now and shown once.</summary>
    /// <exception cref="RefusedException">There is nothing to export, or a file already.</exception>
    public Task<CodeExportRow> RequestAsync(long batch, string format, string reason, string by, CancellationToken token) =>
        store.RequestAsync(new NewCodeExport(batch, format, vault.Wrap(NewPassphrase()), reason, Today(by)), settings.Codes.Limits, token);

    /// <summary>Whether the file of a batch would take two people: the requester's others of the same business day count.</summary>
    public Task<bool> NeedsSecondPersonAsync(BatchRow batch, string by, CancellationToken token) => store.NeedsSecondPersonAsync(batch, Today(by), settings.Codes.Limits, token);

    /// <summary>The passphrase, once, for who asked.</summary>
    /// <exception cref="RefusedException">It was shown already, or is not theirs.</exception>
    public async Task<string> ShowPassphraseAsync(long number, string by, CancellationToken token) => vault.OpenWrapped(await store.ShowPassphraseAsync(number, by, token).ConfigureAwait(false));

    /// <summary>Throws away files that were taken, that nobody took in time, that were never finished, or whose row is gone.</summary>
    public async Task ThrowAwayAsync(CancellationToken token)
    {
        await store.ExpireAsync(token).ConfigureAwait(false);
        if (!Directory.Exists(settings.ReportsDirectory))
            return;
        foreach (var path in Directory.EnumerateFiles(settings.ReportsDirectory, "codes-*.zip*"))
        {
            if (IdOf(path) is { } id && !IsWanted(await store.FindAsync(id, token).ConfigureAwait(false), path))
                File.Delete(path);
        }
    }

    private PersonsDay Today(string by) => PersonsDay.Of(by, clock.GetUtcNow().UtcDateTime, settings.Business);

    private static Guid? IdOf(string path) => Path.GetFileName(path).Split('-', '.') is [_, var id, ..] && Guid.TryParseExact(id, "N", out var known) ? known : null;

    // What is written beside the file is of use to nobody but the job that writes it.
    private bool IsWanted(CodeExportRow? export, string path) => export switch
    {
        { Status: "pending" or "running" } => true,
        { Status: "done" } => path == PathOf(export),
        { Status: "taken", TakenAt: { } takenAt } => path == PathOf(export) && takenAt > clock.GetUtcNow().UtcDateTime - DownloadTime,
        _ => false,
    };

    /// <summary>Where the finished file lies.</summary>
    public string PathOf(CodeExportRow export) => Path.Combine(settings.ReportsDirectory, $"codes-{export.Id:N}.zip");

    /// <summary>What the file is called when it is taken.</summary>
    public static string NameOf(CodeExportRow export) => FormattableString.Invariant($"codes-batch-{export.BatchNo}.{export.Format}.zip");

    // 125 random bits, easily read out.
    private string NewPassphrase()
    {
        Span<byte> thrown = stackalloc byte[Groups * GroupLength];
        dice(thrown);
        var characters = new char[thrown.Length];
        for (var i = 0; i < characters.Length; i++)
            characters[i] = PublicCode.Alphabet[thrown[i] & 31];
        return string.Join('-', characters.Chunk(GroupLength).Select(group => new string(group)));
    }
}

/// <summary>Makes the sealed file: an AES-256 zip that holds one table, written row by row. Its plaintext is never on the disk.</summary>
public sealed class CodeExportJob(Database database, CodeExportStore store, CodeExportDesk desk, BatchQueries batches, VaultOfSecrets vault, Settings settings, Work work)
{
    private const int Portion = 5_000;
    private const int KeyBits = 256;

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => CodeExportStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var export = await store.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(CodeExportStore.Queue, id, new WorkName("export", export.Number), export.Attempts, stop => WriteAsync(export, stop), token).ConfigureAwait(false);
    }

    private async Task WriteAsync(CodeExportRow export, CancellationToken token)
    {
        var batch = (await batches.FindAsync(export.BatchNo, token).ConfigureAwait(false))!;
        var passphrase = vault.OpenWrapped((await store.PassphraseAsync(export.Number, token).ConfigureAwait(false))!);
        var path = desk.PathOf(export);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            int rows;
            await using (var file = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                rows = await WriteZipAsync(export, batch, passphrase, file, token).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
            await using var made = File.OpenRead(path);
            var sha256 = await SHA256.HashDataAsync(made, token).ConfigureAwait(false);
            await store.FinishAsync(export, rows, made.Length, sha256, token).ConfigureAwait(false);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    private async Task<int> WriteZipAsync(CodeExportRow export, BatchRow batch, string passphrase, Stream file, CancellationToken token)
    {
        // It writes and seals synchronously, into the file.
        using var zip = new ZipOutputStream(file) { IsStreamOwner = false, Password = passphrase, UseZip64 = UseZip64.On };
        zip.PutNextEntry(new ZipEntry(CodeExportDesk.NameOf(export)[..^".zip".Length]) { AESKeySize = KeyBits, DateTime = settings.Business.ToLocal(export.RequestedAt) });
        TableWriter table = export.Format == "xlsx" ? new XlsxTable(zip, "codes") : new CsvTable(zip);
        await table.BeginAsync([("Batch", 10), ("Sequence", 12), ("Code", 36), ("Package", 16), ("Units", 8), ("Tokens", 16), ("Expires (UTC)", 20)], token).ConfigureAwait(false);
        var rows = await WriteRowsAsync(export, batch, table, token).ConfigureAwait(false);
        await table.FinishAsync(token).ConfigureAwait(false);
        zip.CloseEntry();
        zip.Finish();
        return rows;
    }

    private async Task<int> WriteRowsAsync(CodeExportRow export, BatchRow batch, TableWriter table, CancellationToken token)
    {
        using var sealer = await vault.CodeSealerAsync(batch.Id, batch.WrappedKey!, token).ConfigureAwait(false);
        var (rows, after) = (0, 0);
        while (true)
        {
            var codes = await store.CodesAsync(batch.Number, after, Portion, token).ConfigureAwait(false);
            if (codes.Count == 0)
                return rows;
            foreach (var code in codes)
            {
                await table.BeginRowAsync(token).ConfigureAwait(false);
                table.Number(batch.Number);
                table.Number(code.Sequence);
                table.Text(sealer.Open(code.Sequence, code.Cipher));
                table.Text(batch.Package);
                table.Number(batch.Units);
                table.Number(batch.Tokens);
                table.Time(batch.ExpiresAt);
                await table.EndRowAsync(token).ConfigureAwait(false);
            }
            (rows, after) = (rows + codes.Count, codes[^1].Sequence);
            await store.AdvanceAsync(export.Id, rows, token).ConfigureAwait(false);
        }
    }
}

/// <summary>An export above the limits takes two people.</summary>
public sealed class CodeExportAct(CodeExportStore exports) : TwoPersonAct
{
    public override string Kind => CodeExportStore.ApprovalKind;

    public override Act Signs => Act.RunCatalogue;

    public static long ExportOf(ApprovalRow approval) => long.Parse(approval.SubjectId, CultureInfo.InvariantCulture);

    public override async Task<Func<WriteSession, CancellationToken, Task>> PrepareAsync(ApprovalRow approval, string by, CancellationToken token)
    {
        if (await exports.FindAsync(ExportOf(approval), token).ConfigureAwait(false) is not { Status: "requested" })
            throw new RefusedException(new Refusal("ExportNotWaiting", ""));
        return (session, stop) => CodeExportStore.ApproveAsync(session, ExportOf(approval), by, stop);
    }

    public override Func<WriteSession, CancellationToken, Task> WhenNot(ApprovalRow approval, string by, string? reason) =>
        (session, stop) => CodeExportStore.RefuseAsync(session, ExportOf(approval), stop);

    public override async Task FollowAsync(ApprovalRow approval, IBackgroundJobClient jobs, CancellationToken token)
    {
        if (await exports.FindAsync(ExportOf(approval), token).ConfigureAwait(false) is { Status: "pending" } export)
            jobs.Enqueue<CodeExportJob>(job => job.RunAsync(export.Id, CancellationToken.None));
    }
}
