using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;

namespace BackOffice.Jobs.Nights;

/// <summary>The nights that are due: every local day from the one after the last row up to now, so that missed ones are made up for.</summary>
public sealed class NightSchedule(Database database, JobRunStore rows, IEnumerable<Night> nights, Settings settings)
{
    /// <summary>Adds the rows that are due and not there.</summary>
    /// <param name="only">One kind of night; null for all.</param>
    /// <param name="token">To stop.</param>
    public async Task<IReadOnlyList<Guid>> AddDueAsync(string? only, CancellationToken token)
    {
        var local = settings.Business.ToLocal(database.Clock.UtcNow());
        var added = new List<Guid>();
        foreach (var night in nights.Where(night => night.IsOn && (only is null || night.Name == only)))
            added.AddRange(await AddDueAsync(night, night.LastDue(local), token).ConfigureAwait(false));
        return added;
    }

    internal static string Argument(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static DateOnly Day(string argument) => DateOnly.ParseExact(argument, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task<List<Guid>> AddDueAsync(Night night, DateOnly last, CancellationToken token)
    {
        var known = await rows.LastArgumentAsync(night.Name, token).ConfigureAwait(false);
        var oldest = last.AddDays(1 - night.MadeUp);
        var first = known is null ? last : Day(known).AddDays(1);
        var added = new List<Guid>();
        for (var day = first < oldest ? oldest : first; day <= last; day = day.AddDays(1))
        {
            if (await rows.AddAsync(night.Name, Argument(day), token).ConfigureAwait(false) is { } id)
                added.Add(id);
        }
        return added;
    }
}
