using BackOffice.Data.Codes;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using Hangfire;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Codes;

/// <summary>Makes the codes of an approved batch. It may be killed at any instant and run twice at once: the row is claimed, and each slice advances it from where it was.</summary>
public sealed class BatchJob(BatchStore store, BatchQueries batches, BatchMaker maker, ConsoleMaker console, VaultOfSecrets vault, Work work)
{
    [AutomaticRetry(Attempts = WorkQueue.MostAttempts - 1, ExceptOn = [typeof(RefusedException)])]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await store.ClaimAsync(id, vault.NewBatchKey, token).ConfigureAwait(false))
            return;
        var batch = await batches.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(BatchStore.Queue, id, new WorkName("batch", batch.Number), batch.Attempts, stop => batch.PublishBy == "api" ? console.MakeAsync(batch, stop) : maker.MakeAsync(batch, stop), token).ConfigureAwait(false);
    }
}
