using BackOffice.Domain.Access;

namespace BackOffice.Web.Shared;

/// <summary>An entry: its address, icon and words (<c>Menu.{Key}</c>), the act its page is: who may not see it has no entry; and the letter that goes there after g.</summary>
public sealed record MenuEntry(string Key, string Path, string Icon, Act Act, string? Letter = null);

public sealed record MenuGroup(string Key, params MenuEntry[] Entries);

/// <summary>The sidebar, in the order of the guide; a page enters here when it exists.</summary>
public static class NavigationMenu
{
    public static readonly IReadOnlyList<MenuGroup> Groups =
    [
        new("Today", new MenuEntry("Home", "/", "home", Act.Work, "h"), new MenuEntry("Approvals", "/approvals", "user-check", Act.Sign)),
        new("Sales", new MenuEntry("Orders", "/orders", "shopping-cart", Act.FindOrders, "o"), new MenuEntry("Payments", "/payments", "credit-card", Act.SeeMoney, "p"), new MenuEntry("Imports", "/imports", "file-import", Act.TakeIn)),
        new("Codes", new MenuEntry("Packages", "/packages", "package", Act.SeeCatalogue),
            new MenuEntry("Stock", "/codes/stock", "stack-2", Act.SeeCatalogue), new MenuEntry("Batches", "/codes/batches", "ticket", Act.SeeCatalogue, "b"), new MenuEntry("AllCodes", "/codes", "list-search", Act.SeeCatalogue)),
        new("Reconciliation", new MenuEntry("Runs", "/reconciliation", "scale", Act.SeeMoney, "r"), new MenuEntry("Findings", "/findings", "flag", Act.SeeMoney, "f")),
        new("Settlement", new MenuEntry("Settlements", "/settlements", "calculator", Act.SeeMoney, "s"), new MenuEntry("Usage", "/usage", "activity", Act.SeeMoney), new MenuEntry("Keys", "/keys", "key", Act.SeeMoney), new MenuEntry("PutAside", "/put-aside", "box-off", Act.SeeMoney), new MenuEntry("Rates", "/rates", "receipt", Act.SeeMoney)),
        new("Reports", new MenuEntry("Reports", "/reports", "report", Act.SeeMoney, "e")),
        new("Administration", new MenuEntry("Staff", "/staff", "users", Act.RunOffice), new MenuEntry("Audit", "/audit", "link", Act.SeeAudit), new MenuEntry("JobRuns", "/job-runs", "history", Act.RunOffice), new MenuEntry("Settings", "/settings", "plug", Act.RunOffice)),
    ];

    /// <summary>What a role sees of it.</summary>
    public static IEnumerable<MenuGroup> Of(Role role) => Groups
        .Select(group => group with { Entries = [.. group.Entries.Where(entry => role.May(entry.Act))] })
        .Where(group => group.Entries.Length > 0);

    /// <summary>The entry a page belongs to: the longest address its path lies under; the home page only as itself.</summary>
    public static MenuEntry? Current(PathString path) => Groups
        .SelectMany(group => group.Entries)
        .Where(entry => entry.Path == "/" ? path == "/" : path.StartsWithSegments(entry.Path))
        .MaxBy(entry => entry.Path.Length);
}
