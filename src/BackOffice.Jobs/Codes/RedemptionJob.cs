using System.Globalization;
using BackOffice.Data.Codes;
using BackOffice.Data.Jobs;
using BackOffice.Data.Vault;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Jobs.Nights;
using Hangfire;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Codes;

/// <summary>Brings back which codes the console says were redeemed: hourly from its database, and over its API, which has to be read to its end, once a night.</summary>
public sealed class RedemptionJob(ConsoleDatabase database, ConsoleClient console, ConsoleCodeQueries codes, RedemptionIntake intake, VaultOfSecrets vault, TimeProvider clock)
{
    private const int Portion = 500;

    // The console notes the time before it commits, and clocks differ.
    private static readonly TimeSpan HourlyOverlap = TimeSpan.FromDays(1);
    private static readonly TimeSpan NightlyOverlap = TimeSpan.FromDays(35);

    /// <summary>Whether there is a console to ask.</summary>
    public bool IsOn => database.IsOn || console.IsOn;

    [AutomaticRetry(Attempts = 0)]
    [DisableConcurrentExecution(60)]
    public Task RunHourlyAsync(CancellationToken token) => database.IsOn ? ReadAsync(HourlyOverlap, token) : Task.CompletedTask;

    /// <summary>Everything that was redeemed of late, once more: what is known already changes nothing.</summary>
    /// <returns>Redemptions that were new.</returns>
    public Task<long> RunNightlyAsync(CancellationToken token) => ReadAsync(NightlyOverlap, token);

    private async Task<long> ReadAsync(TimeSpan overlap, CancellationToken token)
    {
        var finder = await vault.FinderAsync(token).ConfigureAwait(false);
        var since = await codes.LastRedeemedAsync(token).ConfigureAwait(false) is { } last ? Earlier(last, clock.GetUtcNow().UtcDateTime) - overlap : DateTime.UnixEpoch;
        var (fresh, inHand) = (0L, new List<Redemption>(Portion));
        await foreach (var redemption in (database.IsOn ? FromDatabaseAsync(since, finder, token) : FromApiAsync(finder, token)).ConfigureAwait(false))
        {
            inHand.Add(redemption);
            if (inHand.Count == Portion)
                await TakeInAsync().ConfigureAwait(false);
        }
        await TakeInAsync().ConfigureAwait(false);
        return fresh;

        async Task TakeInAsync()
        {
            fresh += (await intake.TakeInAsync(inHand, token).ConfigureAwait(false)).New;
            inHand.Clear();
        }
    }

    private async IAsyncEnumerable<Redemption> FromDatabaseAsync(DateTime since, Finder finder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var code in database.ReadRedeemedAsync(since, token).ConfigureAwait(false))
        {
            if (Read(code.Key, code.RedeemedAt, code.UsedBy, finder) is { } redemption)
                yield return redemption;
        }
    }

    private async IAsyncEnumerable<Redemption> FromApiAsync(Finder finder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var code in console.ListAsync(token).ConfigureAwait(false))
        {
            // Disabled in the moment in which it was redeemed, it has the time all the same.
            if ((code.Status == ConsoleCodeStatus.Used || code.RedeemedAt is not null) && Read(code.Key, code.RedeemedAt ?? code.CreatedAt, code.UsedBy, finder) is { } redemption)
                yield return redemption;
        }
    }

    // A console whose clock runs ahead does not keep us from what comes after.
    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;

    private static Redemption? Read(string key, DateTime at, long? usedBy, Finder finder) => RedemptionCode.Read(key) is { Reading: CodeReading.Whole } read
        ? new Redemption(finder.LookupKey(read.Canonical), at, usedBy?.ToString(CultureInfo.InvariantCulture))
        : null;
}

/// <summary>Asks the console every night which codes were redeemed; a console that does not answer fails the night, so that a person is told.</summary>
public sealed class RedemptionNight(RedemptionJob job, Settings settings) : Night
{
    public const string JobName = "nightly-redemptions";

    public override string Name => JobName;

    public override TimeOnly At => settings.RedemptionsAt;

    public override bool IsOn => job.IsOn;

    /// <returns>Redemptions that were new.</returns>
    public override Task<long> DoAsync(JobRunRow row, CancellationToken token) => job.RunNightlyAsync(token);
}
