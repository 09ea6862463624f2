namespace BackOffice.Data.Engine;

/// <summary>Makes the next part of a stream while the caller is at work on the present one.</summary>
public static class ReadAhead
{
    /// <summary>The parts that <paramref name="next"/> gives, called for one part at a time, until it gives null.</summary>
    public static async IAsyncEnumerable<T> PartsAsync<T>(Func<Task<T?>> next) where T : class
    {
        var reading = Task.Run(next);
        try
        {
            while (await reading.ConfigureAwait(false) is { } part)
            {
                reading = Task.Run(next);
                yield return part;
            }
        }
        finally
        {
            // The caller closes what is read from; not while it is being read.
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
