namespace BackOffice.Web.Shared;

/// <summary>A page of a list, newest first, and whether others stand before and after it.</summary>
public sealed record Page<TRow>(IReadOnlyList<TRow> Rows, bool HasNewer, bool HasOlder);
