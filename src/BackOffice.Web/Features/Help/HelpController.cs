using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Help;

/// <summary>The keys, what the search box takes, and who helps. The key ? shows the first part in a window of any page.</summary>
[Allow(Act.Work)]
public sealed class HelpController(Texts texts) : Controller
{
    [HttpGet("/help")]
    public ViewResult Index() => View(new HelpPage(KeyGroups(HttpContext.SignedIn()!.InRole), SingleKeys.AreOn(HttpContext)));

    private List<KeyGroup> KeyGroups(Role role) =>
    [
        new(texts["Help.Everywhere"],
        [
            new("/", texts["Help.KeySearch"]), new("?", texts["Help.KeyHelp"]), new("Ctrl K", texts["Help.KeyPalette"]), new("Esc", texts["Help.KeyLeave"]),
        ]),
        new(texts["Help.Lists"],
        [
            new("j", texts["Help.KeyDown"]), new("k", texts["Help.KeyUp"]), new("Enter", texts["Help.KeyOpen"]),
            new("[", texts["Help.KeyNewer"]), new("]", texts["Help.KeyOlder"]),
        ]),
        new(texts["Help.Go"],
        [
            .. NavigationMenu.Of(role).SelectMany(group => group.Entries).Where(entry => entry.Letter is not null).Select(entry => new KeyWords("g " + entry.Letter, texts["Menu." + entry.Key])),
        ]),
    ];
}

public sealed record HelpPage(IReadOnlyList<KeyGroup> Groups, bool SingleKeysAreOn);

public sealed record KeyGroup(string Title, IReadOnlyList<KeyWords> Keys);

/// <param name="Keys">As they are pressed, one after the other or, with Ctrl, together; a space between.</param>
/// <param name="Words">What they do.</param>
public sealed record KeyWords(string Keys, string Words);
