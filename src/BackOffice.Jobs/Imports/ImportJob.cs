using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Jobs;
using BackOffice.Data.Orders;
using BackOffice.Data.Payments;
using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Usage;
using Hangfire;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Imports;

/// <summary>
/// Takes a file in, or says first what would be put aside. The file is read once, in slices; each slice's records, figures and place in the file are one
/// transaction, so a killed import goes on where it was and comes to the same figures.
/// </summary>
public sealed class ImportJob(Database database, VaultOfSecrets vault, ImportStore store, ImportQueries queries, ImportDesk desk, Work work, Settings settings)
{
    private const int SliceRecords = 16_000;

    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token) => await TryRunAsync(id, token).ConfigureAwait(false);

    /// <summary>False: another worker has it, or it does not wait for one.</summary>
    public async Task<bool> TryRunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => ImportStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return false;
        var import = await queries.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(ImportStore.Queue, id, new WorkName("import", import.Number), import.Attempts, stop => ReadFileAsync(import, stop), token).ConfigureAwait(false);
        if ((await queries.GetAsync(id, token).ConfigureAwait(false)).Status == "done")
            desk.DropUpload(import);
        return true;
    }

    private async Task ReadFileAsync(ImportRow import, CancellationToken token)
    {
        if (import.Stage == "check" && import.RecordsRead > 0)
            await store.ForgetCheckAsync(import.Id, token).ConfigureAwait(false);
        if (import.Stage == "take" && import.RecordsRead > 0)
            await ImportDesk.RequireUnchangedAsync(import, token).ConfigureAwait(false);
        await using var stream = new FileStream(import.FilePath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        switch (import.Kind)
        {
            case "orders":
                var orders = await database.ReadAsync(session => OrderIntake.StartAsync(session, "file", settings.CreemMode, vault, token), token).ConfigureAwait(false);
                await ReadAsync(import, new OrdersFile(stream), orders, token).ConfigureAwait(false);
                break;
            case "deliveries":
                var sealer = await vault.SealerAsync(database.Clock.UtcNow(), token).ConfigureAwait(false);
                await ReadAsync(import, new DeliveriesFile(stream), new DeliveryIntake(sealer, settings.CreemMode), token).ConfigureAwait(false);
                break;
            case "usage":
                await ReadUsageAsync(import, stream, token).ConfigureAwait(false);
                break;
            case "prices":
                await ReadAsync(import, new PricesFile(stream), new PriceIntake(settings.Business.Zone.Id), token).ConfigureAwait(false);
                break;
            case "invoice":
                var book = await database.ReadAsync(session => RateQueries.BookAsync(session, token), token).ConfigureAwait(false);
                var invoice = InvoiceOptions.Read(import.Options).Invoice(book);
                await ReadAsync(import, new InvoiceFile(stream, invoice), new InvoiceIntake(import, invoice), token).ConfigureAwait(false);
                break;
            case "mappings":
                await ReadAsync(import, new MappingsFile(stream), new MappingIntake(settings.Business.Zone.Id), token).ConfigureAwait(false);
                break;
            default:
                await ReadAsync(import, new CreemFile(stream), new TransactionIntake(settings.CreemMode), token).ConfigureAwait(false);
                break;
        }
    }

    private async Task ReadUsageAsync(ImportRow import, Stream stream, CancellationToken token)
    {
        var options = UsageOptions.Read(import.Options, import.FilePath);
        var intake = await UsageIntake.StartAsync(database, options.SourceName, settings.Business, token).ConfigureAwait(false);
        // Of when it was asked for: an import that goes on after a kill judges as it began.
        ImportFile<UsageRecord> file = options.Flavour == UsageOptions.Neutral ? new UsageCsvFile(stream, import.RequestedAt) : new UsageJsonFile(stream, options.Flavour == UsageOptions.NewApi, import.RequestedAt);
        await ReadAsync(import, file, intake, token).ConfigureAwait(false);
    }

    private async Task ReadAsync<T>(ImportRow import, ImportFile<T> file, Intake<T> intake, CancellationToken token) where T : class
    {
        if (import.Stage == "take")
            file.Skip(import.RecordsRead);
        var taking = new Taking<T>(database, intake, import.RequestedBy, import.Id, (session, portions, stop) => ImportStore.AdvanceAsync(session, import.Id, portions.Progress(), portions.Asides, stop));
        await foreach (var slice in ReadAhead.PartsAsync(1, () => Task.Run(() => Slice<T>.Read(file, SliceRecords))).ConfigureAwait(false))
        {
            if (import.Stage == "check")
                await CheckAsync(import, slice, intake, token).ConfigureAwait(false);
            else
                await taking.TakeAsync(slice, token).ConfigureAwait(false);
        }
        var ended = import.Stage == "take" ? "done" : "checked";
        if (!await database.WriteAsync(WriteRank.Job, session => ImportStore.Queue.EndAsync(session, import.Id, ended, token), token).ConfigureAwait(false))
            throw new LeaseLostException();
    }

    private async Task CheckAsync<T>(ImportRow import, Slice<T> slice, Intake<T> intake, CancellationToken token) where T : class
    {
        var portions = slice.Begin();
        await using (var session = await database.OpenAsync(token).ConfigureAwait(false))
        {
            while (!portions.IsDone)
                portions.Count(await intake.JudgeAsync(session, portions.Next(), token).ConfigureAwait(false));
        }
        await database.WriteAsync(WriteRank.Job, session => ImportStore.AdvanceAsync(session, import.Id, portions.Progress(), portions.Asides, token), token).ConfigureAwait(false);
        slice.Commit(portions);
    }
}
