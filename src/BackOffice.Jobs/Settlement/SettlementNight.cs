using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Outbox;

namespace BackOffice.Jobs.Settlement;

/// <summary>Computes the running and the last month of every upstream that has usage. What blocks a month is told, once for what blocks it.</summary>
public sealed class SettlementNight(SettlementStore store, RateQueries rates, Alarm alarm, Settings settings, TimeProvider clock) : Night
{
    public const string JobName = "nightly-settlements";

    public override string Name => JobName;

    public override TimeOnly At => settings.SettlementsAt;

    /// <returns>Drafts that were computed.</returns>
    public override async Task<long> DoAsync(JobRunRow row, CancellationToken token)
    {
        var (book, now, drafts, refused) = (await rates.BookAsync(token).ConfigureAwait(false), Quarters.Of(clock.UtcNow()), 0L, (RefusedException?)null);
        foreach (var upstream in await rates.UpstreamsAsync(token).ConfigureAwait(false))
        {
            try
            {
                var running = SettlementPeriod.Parse(book.PeriodOf(upstream, now).Name)!.Value;
                foreach (var month in new[] { running.AddMonths(-1), running })
                    drafts += await DraftAsync(upstream, month, token).ConfigureAwait(false) ? 1 : 0;
            }
            catch (RefusedException failure)
            {
                // One upstream's trouble does not keep the others from being computed.
                refused ??= failure;
            }
        }
        return refused is null ? drafts : throw refused;
    }

    private async Task<bool> DraftAsync(string upstream, DateOnly month, CancellationToken token)
    {
        if (await store.DraftIfUsedAsync(upstream, month, "system", token).ConfigureAwait(false) is not { IsApproved: false } draft)
            return false;
        if (draft.AllBlockers.Count > 0)
            await TellAsync(draft, token).ConfigureAwait(false);
        return true;
    }

    private Task TellAsync(SettlementDocument draft, CancellationToken token)
    {
        var kinds = string.Join('+', draft.AllBlockers.Select(blocker => blocker.Kind));
        return alarm.TellAsync(
            Alarm.InBothLanguages(
                $"blocked:{draft.Upstream}:{draft.Period}:{kinds}",
                texts => texts["Alarm.Blocked", draft.Upstream, draft.Period],
                texts => string.Join(Environment.NewLine, draft.AllBlockers.Select(blocker => texts["Blocker." + blocker.Kind, blocker.Count]).Append(texts["Alarm.BlockedWhere"]))),
            token);
    }
}
