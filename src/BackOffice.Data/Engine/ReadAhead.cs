namespace BackOffice.Data.Engine;

/// <summary>Makes the next parts of a stream while the caller is at work on the present one.</summary>
public static class ReadAhead
{
    /// <summary>The parts that <paramref name="next"/> begins to make, in its order, until one comes to null.</summary>
    /// <param name="parts">How many may be in the making at once.</param>
    /// <param name="next">Begins the next part, on another thread. Called by one thread at a time.</param>
    public static async IAsyncEnumerable<T> PartsAsync<T>(int parts, Func<Task<T?>> next) where T : class
    {
        var making = new Queue<Task<T?>>();
        try
        {
            while (making.Count < parts)
                making.Enqueue(next());
            while (await making.Peek().ConfigureAwait(false) is { } part)
            {
                _ = making.Dequeue();
                making.Enqueue(next());
                yield return part;
            }
        }
        finally
        {
            // The caller closes what is read from; not while it is being read.
            await Task.WhenAll(making.ToArray<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
