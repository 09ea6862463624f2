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
}
