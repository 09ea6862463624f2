using BackOffice.Data.Jobs;

namespace BackOffice.Jobs.Nights;

/// <summary>One kind of work that is done once a local day by itself. Its rows in JobRuns are its memory: one a day, named by the day it is due.</summary>
public abstract class Night
{
    /// <summary>As the rows name it; never changed.</summary>
    public abstract string Name { get; }

    /// <summary>When it is due, on the shop's clock.</summary>
    public abstract TimeOnly At { get; }

    /// <summary>How many days that were missed are done late, the newest among them.</summary>
    public virtual int MadeUp => 1;

    /// <summary>False when it is switched off.</summary>
    public virtual bool IsOn => true;

    /// <summary>Whether to do a day that ended well once more would do anything.</summary>
    public virtual bool CanRepeat => true;

    /// <summary>Does one claimed row, and may be called again for it.</summary>
    /// <returns>Rows touched, in whatever the work counts.</returns>
    public abstract Task<long> DoAsync(JobRunRow row, CancellationToken token);

    /// <summary>The day whose work is due now or was last.</summary>
    /// <param name="local">The shop's clock.</param>
    public DateOnly LastDue(DateTime local) => DateOnly.FromDateTime(local).AddDays(TimeOnly.FromDateTime(local) >= At ? 0 : -1);
}
