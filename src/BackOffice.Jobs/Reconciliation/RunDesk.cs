using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;

namespace BackOffice.Jobs.Reconciliation;

/// <summary>Where runs are asked for: by a page, the command line or the night. Days become instants here, refusals become sentences.</summary>
public sealed class RunDesk(Database database, RunStore runs, RunQueries queries, Settings settings)
{
    /// <summary>A run over business days, the second not included.</summary>
    /// <exception cref="RefusedException">The days or instants cannot be used.</exception>
    public Task<RunRow> AddAsync(DateOnly from, DateOnly until, DateTime? asOf, DateTime? knownAsOf, string by, CancellationToken token)
    {
        if (Refuse(from, until, knownAsOf) is { } refusal)
            throw new RefusedException(refusal);
        return runs.AddAsync(New("request", from, until, by) with { AsOf = Cut(asOf), KnownAsOf = Cut(knownAsOf) }, token);
    }

    /// <summary>The nightly run of a local day: the two days before it, as of the moment it starts.</summary>
    public async Task<RunRow> AddNightlyAsync(Guid night, DateOnly today, CancellationToken token)
    {
        var since = await queries.LastNightlyKnowledgeAsync(token).ConfigureAwait(false);
        var run = New("nightly", today.AddDays(-2), today, "system") with { RecordedSince = since, NightId = night };
        return await runs.AddAsync(run, token).ConfigureAwait(false);
    }

    private Refusal? Refuse(DateOnly from, DateOnly until, DateTime? knownAsOf)
    {
        if (until <= from)
            return new Refusal("WindowEmpty", "until", Text(from), Text(until));
        if (from.Year is < 2000 or > 2100 || until.Year is < 2000 or > 2100)
            return new Refusal("WindowTooFar", "from", Text(from), Text(until));
        return knownAsOf > database.Clock.UtcNow() ? new Refusal("KnownAsOfAhead", "known_as_of", knownAsOf.Value.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)) : null;
    }

    private NewRun New(string origin, DateOnly from, DateOnly until, string by) => new()
    {
        Origin = origin,
        FromDay = from,
        UntilDay = until,
        WindowFrom = settings.Business.StartOf(from),
        WindowUntil = settings.Business.StartOf(until),
        TimeZone = settings.Business.Zone.Id,
        GraceMinutes = settings.GraceMinutes,
        ToleranceMinor = settings.ToleranceMinor,
        Mode = settings.CreemMode,
        RequestedBy = by,
    };

    private static DateTime? Cut(DateTime? instant) => instant is { } given ? Instants.Stored(given) : null;

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
