using System.Runtime.CompilerServices;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Integrations.OneApi;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Codes;

/// <summary>Tells the console of codes that we made, and disables there what is void here: over its database, or its API, or by a script for somebody to run (codes rules 4).</summary>
public sealed class ConsolePublisher(
    Database database, BatchQueries batches, CodeQueries known, ConsoleCodeQueries codes, ConsoleCallStore calls, ConsoleMaker maker, ConsoleClient console, ConsoleDatabase consoleDatabase,
    VaultOfSecrets vault, Settings settings, TimeProvider clock)
{
    // Codes of one name, so that the API finds them without a look at all others.
    private const int PerName = ConsoleRules.MostPerCall;
    private const int Portion = 2_000;

    // A call on its way when its batch became void: after that its answer was given up.
    private static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(1);

    /// <summary>The script that inserts the codes of a batch, for a console of this engine.</summary>
    /// <returns>Codes in it.</returns>
    public Task<long> WriteScriptAsync(BatchRow batch, ConsoleEngine engine, Stream to, CancellationToken token) =>
        ConsoleScript.WriteInsertsAsync(to, engine, settings.Console.UserId ?? 1, CodesAsync(batch, token), batch.ExpiresAt is not null, token);

    /// <summary>The script that disables those codes of a batch that are void.</summary>
    /// <returns>Codes in it.</returns>
    public Task<long> WriteDisableScriptAsync(BatchRow batch, ConsoleEngine engine, Stream to, CancellationToken token) =>
        ConsoleScript.WriteDisablesAsync(to, engine, VoidKeysAsync(batch, token), token);

    /// <summary>A slice of a batch into the console's database.</summary>
    /// <returns>Where the task stands now.</returns>
    public async Task<int> PublishAsync(CodeTaskRow task, int position, CancellationToken token)
    {
        var batch = (await batches.FindAsync(task.BatchNo!.Value, token).ConfigureAwait(false))!;
        // Void meanwhile: what is in is disabled by a task of its own, and no more is put in.
        if (batch.IsVoid)
            return await AdvanceAsync(task, position, task.Total, token).ConfigureAwait(false);
        var (slice, next) = await OpenAsync(batch, position, token).ConfigureAwait(false);
        var sent = slice.Where(code => code.Row.Effective is not CodeStatus.Void).ToList();
        await consoleDatabase.InsertAsync([.. sent.Select(code => InConsole(batch, code))], token).ConfigureAwait(false);
        // Void in the same moment: the task that disables may have come and gone before these were there.
        if ((await batches.FindAsync(batch.Number, token).ConfigureAwait(false))!.IsVoid)
            await consoleDatabase.DisableAsync([.. sent.Select(code => code.Code)], token).ConfigureAwait(false);
        return await AdvanceAsync(task, position, next, token).ConfigureAwait(false);
    }

    /// <summary>A slice of what is void here, disabled there.</summary>
    /// <returns>Where the task stands now.</returns>
    /// <exception cref="RefusedException">There is no connection: the script does it.</exception>
    public async Task<int> DisableAsync(CodeTaskRow task, int position, CancellationToken token)
    {
        if (task.BatchNo is not { } number)
            return await DisableListAsync(task, position, token).ConfigureAwait(false);
        var batch = (await batches.FindAsync(number, token).ConfigureAwait(false))!;
        if (batch.PublishBy == "api")
            return await DisableCallsAsync(task, position, token).ConfigureAwait(false);
        var (slice, next) = await OpenAsync(batch, position, token).ConfigureAwait(false);
        await DisableAsync([.. slice.Where(code => code.Row.Effective == CodeStatus.Void)], token).ConfigureAwait(false);
        return await AdvanceAsync(task, position, next, token).ConfigureAwait(false);
    }

    private async Task<int> DisableListAsync(CodeTaskRow task, int position, CancellationToken token)
    {
        var rows = await codes.OfTaskAsync(task.Id, position, Portion, token).ConfigureAwait(false);
        var opened = new List<OpenCode>(rows.Count);
        foreach (var ofBatch in rows.GroupBy(row => row.BatchNo))
        {
            var batch = (await batches.FindAsync(ofBatch.Key, token).ConfigureAwait(false))!;
            using var sealer = await vault.CodeSealerAsync(batch.Id, batch.WrappedKey!, token).ConfigureAwait(false);
            opened.AddRange(ofBatch.Where(row => row.Effective == CodeStatus.Void).Select(row => new OpenCode(row, sealer.Open(row.Sequence, row.Cipher))));
        }
        await DisableAsync(opened, token).ConfigureAwait(false);
        return await AdvanceAsync(task, position, position + rows.Count, token).ConfigureAwait(false);
    }

    // All that a batch's calls made, whether it is in or not: a call may have been on its way when the batch became void.
    private async Task<int> DisableCallsAsync(CodeTaskRow task, int position, CancellationToken token)
    {
        if (!console.IsOn)
            throw new RefusedException(new Refusal("ConsoleNotSet", "", "Console:BaseUrl"));
        var call = (await calls.ListAsync(task.BatchNo!.Value, position, token).ConfigureAwait(false)).FirstOrDefault();
        if (call is null)
            return await AdvanceAsync(task, position, task.Total, token).ConfigureAwait(false);
        if (!call.IsSettled && call.IntendedAt + LongestCall - clock.GetUtcNow().UtcDateTime is { Ticks: > 0 } wait)
            await Task.Delay(wait, clock, token).ConfigureAwait(false);
        var finder = await vault.FinderAsync(token).ConfigureAwait(false);
        await maker.DisableAsync(call.Name, IsToGoAsync, token).ConfigureAwait(false);
        return await AdvanceAsync(task, position, call.CallNo, token).ConfigureAwait(false);

        // What customers hold goes on working, unless the batch was made void with it.
        async ValueTask<bool> IsToGoAsync(string key) => await known.FindAsync(finder.LookupKey(key), token).ConfigureAwait(false) is not { } code || code.Effective == CodeStatus.Void;
    }

    private async Task DisableAsync(List<OpenCode> open, CancellationToken token)
    {
        if (consoleDatabase.IsOn)
        {
            await consoleDatabase.DisableAsync([.. open.Select(code => code.Code)], token).ConfigureAwait(false);
            return;
        }
        if (!console.IsOn)
            throw new RefusedException(new Refusal("ConsoleNotSet", "", "Console:Database"));
        foreach (var ofBatch in open.GroupBy(code => code.Row.BatchNo))
        {
            // Codes of the console's own making stand under whichever call made them.
            var made = await calls.ListAsync(ofBatch.Key, 0, token).ConfigureAwait(false);
            var names = made.Count > 0 ? made.Select(call => call.Name) : ofBatch.Select(code => NameOf(code.Row)).Distinct(StringComparer.Ordinal);
            await DisableAsync(names, ofBatch.Select(code => code.Code).ToHashSet(StringComparer.Ordinal), token).ConfigureAwait(false);
        }
    }

    private async Task DisableAsync(IEnumerable<string> names, HashSet<string> keys, CancellationToken token)
    {
        foreach (var name in names)
        {
            if (keys.Count > 0)
                await maker.DisableAsync(name, key => ValueTask.FromResult(keys.Remove(key)), token).ConfigureAwait(false);
        }
        if (keys.Count > 0)
            throw new RefusedException(new Refusal("ConsoleLacksCodes", "", keys.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private Task<int> AdvanceAsync(CodeTaskRow task, int position, int next, CancellationToken token) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            await CodeTaskStore.AdvanceAsync(session, task.Id, position, next, token).ConfigureAwait(false);
            return next;
        }, token);

    private async Task<(List<OpenCode> Codes, int Next)> OpenAsync(BatchRow batch, int after, CancellationToken token)
    {
        var rows = await codes.OfBatchAsync(batch.Number, after, Portion, token).ConfigureAwait(false);
        using var sealer = await vault.CodeSealerAsync(batch.Id, batch.WrappedKey!, token).ConfigureAwait(false);
        return ([.. rows.Select(row => new OpenCode(row, sealer.Open(row.Sequence, row.Cipher)))], rows.Count == 0 ? batch.Wanted : rows[^1].Sequence);
    }

    private async IAsyncEnumerable<ConsoleCode> CodesAsync(BatchRow batch, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var code in OpenAllAsync(batch, token).ConfigureAwait(false))
        {
            if (code.Row.Effective is not CodeStatus.Void)
                yield return InConsole(batch, code);
        }
    }

    private async IAsyncEnumerable<string> VoidKeysAsync(BatchRow batch, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var code in OpenAllAsync(batch, token).ConfigureAwait(false))
        {
            if (code.Row.Effective is CodeStatus.Void)
                yield return code.Code;
        }
    }

    private async IAsyncEnumerable<OpenCode> OpenAllAsync(BatchRow batch, [EnumeratorCancellation] CancellationToken token)
    {
        for (var after = 0; after < batch.Made;)
        {
            var (slice, next) = await OpenAsync(batch, after, token).ConfigureAwait(false);
            foreach (var code in slice)
                yield return code;
            after = next;
        }
    }

    private static ConsoleCode InConsole(BatchRow batch, OpenCode code) => new(code.Code, NameOf(code.Row), batch.Quota, batch.RequestedAt, batch.ExpiresAt);

    // As the console's own calls are named: by the hundred.
    private static string NameOf(ConsoleCodeRow row) => ConsoleCallStore.NameOf(row.BatchNo, (row.Sequence - 1) / PerName + 1);

    private sealed record OpenCode(ConsoleCodeRow Row, string Code)
    {
        public override string ToString() => Row.Subject;
    }
}
