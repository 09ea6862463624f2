using BackOffice.Data.Codes;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Integrations.OneApi;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Codes;

/// <summary>
/// Has the console make the codes of a batch, a hundred a call (codes rules 4). A call is written down before it is made and never repeated: what an answer leaves open is looked
/// up by the call's name, until a call cannot last any longer and nothing more has come.
/// </summary>
public sealed class ConsoleMaker(ConsoleClient console, ConsoleCallStore calls, BatchQueries batches, BatchMaker maker, VaultOfSecrets vault, TimeProvider clock)
{
    private const int MostFailures = 10;

    // After that the console is done with a call, whether its answer came or not.
    private static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(1);

    // Between two looks at what a call made: the console makes codes one by one, and may still be at it when the answer is given up.
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(5);

    /// <summary>Makes what is missing, and makes the batch ready.</summary>
    /// <exception cref="RefusedException">There is no console, or it refuses: somebody has to mend something.</exception>
    /// <exception cref="ConsoleException">The console does not answer.</exception>
    /// <exception cref="Data.Jobs.LeaseLostException">Somebody else makes it, or it is void.</exception>
    public async Task MakeAsync(BatchRow batch, CancellationToken token)
    {
        if (!console.IsOn)
            throw new RefusedException(new Refusal("ConsoleNotSet", "", "Console:BaseUrl"));
        var finder = await vault.FinderAsync(token).ConfigureAwait(false);
        await SettleAsync(batch, finder, token).ConfigureAwait(false);
        var row = await batches.GetAsync(batch.Id, token).ConfigureAwait(false);
        for (var failures = 0; row.Made < row.Wanted;)
        {
            var made = row.Made;
            var call = await calls.IntendAsync(row, Math.Min(ConsoleRules.MostPerCall, row.Wanted - row.Made), token).ConfigureAwait(false);
            var creation = await console.CreateAsync(call.Name, row.Quota, call.Wanted, row.ExpiresAt, token).ConfigureAwait(false);
            var isClear = creation.State != ConsoleCreationState.Unclear;
            await TakeInAsync(row, call, creation.Keys, isClear, finder, token).ConfigureAwait(false);
            if (!isClear)
                await SettleAsync(row, finder, token).ConfigureAwait(false);
            row = await batches.GetAsync(batch.Id, token).ConfigureAwait(false);
            failures = row.Made > made ? 0 : failures + 1;
            await AfterAsync(creation, failures, token).ConfigureAwait(false);
        }
        await LookOnceMoreAsync(row, finder, token).ConfigureAwait(false);
        await maker.FinishAsync(row, token).ConfigureAwait(false);
    }

    // What came after a call was given up would be live and nobody's: it is disabled, for the batch is complete.
    private async Task LookOnceMoreAsync(BatchRow batch, Finder finder, CancellationToken token)
    {
        foreach (var call in (await calls.ListAsync(batch.Number, 0, token).ConfigureAwait(false)).Where(call => call.Received < call.Wanted))
            await TakeInAsync(batch, call, [.. (await console.FindByNameAsync(call.Name, token).ConfigureAwait(false)).Select(code => code.Key)], isSettled: true, finder, token).ConfigureAwait(false);
    }

    // Refused for good is for a person; what may pass is tried again after a while, with a call of another name.
    private async Task AfterAsync(ConsoleCreation creation, int failures, CancellationToken token)
    {
        if (creation.State is ConsoleCreationState.Refused or ConsoleCreationState.Unauthorised)
            throw new RefusedException(creation.Why!);
        if (failures >= MostFailures)
            throw new ConsoleException(creation.Why!, isPassing: true);
        if (creation.State is ConsoleCreationState.Limited or ConsoleCreationState.Unreachable)
            await Task.Delay(creation.RetryAfter ?? TimeSpan.FromSeconds(Math.Min(60, 1 << failures)), clock, token).ConfigureAwait(false);
    }

    // Every call whose answer left something open, this worker's and those of one that died.
    private async Task SettleAsync(BatchRow batch, Finder finder, CancellationToken token)
    {
        foreach (var call in (await calls.ListAsync(batch.Number, 0, token).ConfigureAwait(false)).Where(call => !call.IsSettled))
        {
            for (var (seen, looks) = (-1, 0); ; looks++)
            {
                if (looks > 0 || clock.GetUtcNow().UtcDateTime - call.IntendedAt < SettlingTime)
                    await Task.Delay(SettlingTime, clock, token).ConfigureAwait(false);
                var made = await console.FindByNameAsync(call.Name, token).ConfigureAwait(false);
                var isSettled = made.Count >= call.Wanted || (made.Count == seen && clock.GetUtcNow().UtcDateTime - call.IntendedAt >= LongestCall);
                await TakeInAsync(batch, call, [.. made.Select(code => code.Key)], isSettled, finder, token).ConfigureAwait(false);
                if (isSettled)
                    break;
                seen = made.Count;
            }
        }
    }

    private async Task TakeInAsync(BatchRow batch, ConsoleCallRow call, IReadOnlyList<string> keys, bool isSettled, Finder finder, CancellationToken token)
    {
        var codes = keys.Where(IsKey).Distinct(StringComparer.Ordinal).Select(key => (key, finder.LookupKey(key))).ToList();
        var tooMany = await calls.TakeInAsync(batch.Id, call, codes, isSettled, token).ConfigureAwait(false);
        if (tooMany.Count > 0)
            await DisableAsync(call.Name, key => ValueTask.FromResult(tooMany.Contains(key)), token).ConfigureAwait(false);
    }

    /// <summary>Disables codes that were made under a name; what is used or disabled there is left as it is.</summary>
    internal async Task DisableAsync(string name, Func<string, ValueTask<bool>> which, CancellationToken token)
    {
        foreach (var code in await console.FindByNameAsync(name, token).ConfigureAwait(false))
        {
            if (await which(code.Key).ConfigureAwait(false) && code.Status == ConsoleCodeStatus.Enabled)
                await console.DisableAsync(code.Id, token).ConfigureAwait(false);
        }
    }

    private static bool IsKey(string key) => RedemptionCode.Read(key) is { Reading: CodeReading.Whole } read && read.Canonical == key && key.Length == 2 * RedemptionCode.Dice;
}
