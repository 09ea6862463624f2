namespace BackOffice.Web.Shared;

/// <summary>An entry: its address, icon and words (<c>Menu.{Key}</c>).</summary>
public sealed record MenuEntry(string Key, string Path, string Icon);

public sealed record MenuGroup(string Key, params MenuEntry[] Entries);

/// <summary>The sidebar, in the order of the guide; a page enters here when it exists.</summary>
public static class NavigationMenu
{
    public static readonly IReadOnlyList<MenuGroup> Groups =
    [
        new("Today", new MenuEntry("Home", "/", "home")),
        new("Sales", new MenuEntry("Orders", "/orders", "shopping-cart"), new MenuEntry("Imports", "/imports", "file-import")),
        new("Codes", new MenuEntry("Packages", "/packages", "package")),
        new("Reconciliation", new MenuEntry("Runs", "/reconciliation", "scale"), new MenuEntry("Findings", "/findings", "flag")),
        new("Reports", new MenuEntry("Reports", "/reports", "report")),
        new("Administration", new MenuEntry("JobRuns", "/job-runs", "history")),
    ];

    /// <summary>The entry a page belongs to: the longest address its path lies under; the home page only as itself.</summary>
    public static MenuEntry? Current(PathString path) => Groups
        .SelectMany(group => group.Entries)
        .Where(entry => entry.Path == "/" ? path == "/" : path.StartsWithSegments(entry.Path))
        .MaxBy(entry => entry.Path.Length);
}
