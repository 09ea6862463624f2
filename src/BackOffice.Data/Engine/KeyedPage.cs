using System.Runtime.CompilerServices;

namespace BackOffice.Data.Engine;

/// <summary>One page of a list that seeks: it begins next to a row, so nothing is counted or skipped.</summary>
/// <param name="Rows">The rows in the list's order.</param>
/// <param name="HasBefore">Rows go before them.</param>
/// <param name="HasAfter">Rows follow them.</param>
public sealed record KeyedPage<TRow>(IReadOnlyList<TRow> Rows, bool HasBefore, bool HasAfter);

/// <summary>Makes pages of rows read, one more than a page has: it tells whether others follow.</summary>
public static class KeyedPage
{
    /// <summary>The page after a row, or the first one.</summary>
    /// <param name="rows">Up to <paramref name="take"/> + 1 rows in the list's order.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="isFirst">Whether the list begins with them.</param>
    public static KeyedPage<TRow> After<TRow>(List<TRow> rows, int take, bool isFirst) => new([.. rows.Take(take)], !isFirst, rows.Count > take);

    /// <summary>The page before a row; null when the list's first page holds all that goes before it.</summary>
    /// <param name="rows">Up to <paramref name="take"/> + 1 rows, the one next to the row first.</param>
    /// <param name="take">Rows of a page.</param>
    public static KeyedPage<TRow>? Before<TRow>(List<TRow> rows, int take) => rows.Count > take ? new([.. rows.Take(take).Reverse()], true, true) : null;

    /// <summary>
    /// All rows of a list, page after page, never all in memory: between two pages nothing is held open, however slow the caller is. The next page is read while the
    /// caller is at work on the present one.
    /// </summary>
    /// <param name="readAsync">The page after a place; the first one for null.</param>
    /// <param name="placeAfter">The place after a row.</param>
    /// <param name="token">To stop reading.</param>
    public static async IAsyncEnumerable<TRow> AllAsync<TRow, TPlace>(
        Func<TPlace?, CancellationToken, Task<KeyedPage<TRow>>> readAsync, Func<TRow, TPlace> placeAfter, [EnumeratorCancellation] CancellationToken token = default)
    {
        var (place, isOver) = (default(TPlace), false);
        await foreach (var page in ReadAhead.PartsAsync(1, () => Task.Run(NextAsync, token)).ConfigureAwait(false))
        {
            foreach (var row in page.Rows)
                yield return row;
        }

        async Task<KeyedPage<TRow>?> NextAsync()
        {
            if (isOver)
                return null;
            var page = await readAsync(place, token).ConfigureAwait(false);
            isOver = !page.HasAfter;
            if (!isOver)
                place = placeAfter(page.Rows[^1]);
            return page;
        }
    }
}
