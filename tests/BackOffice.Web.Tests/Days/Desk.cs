using System.Text;
using BackOffice.Jobs.Staff;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BackOffice.Web.Tests.Days;

/// <summary>Somebody at a browser of the own, who works on the pages as people do: by the words of menus, links, fields and buttons.</summary>
internal sealed class Desk : IAsyncDisposable
{
    private readonly OpenPage _open;

    private Desk(OpenPage open, Site site, Person person) => (_open, Site, Person) = (open, site, person);

    public Site Site { get; }

    public Person Person { get; }

    public IPage Page => _open.Page;

    private ILocator Main => Page.Locator("main");

    public static async Task<Desk> OpenAsync(Browser browser, Site site, Person person) => new(await browser.OpenAsync(site), site, person);

    public ValueTask DisposeAsync() => _open.DisposeAsync();

    /// <summary>Password, and a code where the person has a phone that makes them.</summary>
    public async Task SignInAsync(string password = Site.Password)
    {
        await WriteAsync("E-mail", Person.Email);
        await WriteAsync("Password", password);
        await PressAsync("Sign in");
        if (Person.Secret is null)
            return;
        await WriteAsync("Code from your app", TotpCodes.At(Person.Secret, Site.Now));
        await PressAsync("Sign in");
    }

    public async Task SignOutAsync()
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await ReadsAsync("Signed out.");
    }

    /// <summary>By the menu.</summary>
    public async Task GoAsync(string entry)
    {
        var menu = Page.GetByRole(AriaRole.Navigation, new() { Name = "Menu" });
        await menu.GetByRole(AriaRole.Link, new() { Name = entry, Exact = true }).ClickAsync();
        await ShowsAsync(entry);
    }

    /// <summary>The first link of the page that says so.</summary>
    public Task FollowAsync(string link) => Main.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).First.ClickAsync();

    public Task PressAsync(string button) => Main.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public Task WriteAsync(string label, string text) => Main.GetByLabel(label).FillAsync(text);

    public Task ChooseAsync(string label, string option) => Main.GetByRole(AriaRole.Combobox, new() { Name = label }).SelectOptionAsync(new SelectOptionValue { Label = option });

    /// <summary>Gives the form of imports this file, and takes in what the check found; nothing of it is put aside.</summary>
    public async Task UploadAsync(string name, string content, int records)
    {
        await Page.GetByLabel("File", new() { Exact = true }).SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes(content) });
        await PressAsync("Check the file");
        await ReadsAsync("Nothing has been taken in yet.");
        await PressAsync($"Take in {records} records");
        await ReadsAsync("Taken in completely. Nothing was put aside.");
    }

    /// <summary>The page has this title.</summary>
    public Task ShowsAsync(string title) => Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(title);

    /// <summary>The page says this, now or when the work has gone so far.</summary>
    public Task ReadsAsync(string words) => Expect(Main).ToContainTextAsync(words);

    /// <summary>Asks for a page that the role may not see: the answer names the roles that may.</summary>
    public async Task IsRefusedAsync(string path, string roles)
    {
        _open.ExpectRefusal(path);
        await Page.GotoAsync(path);
        await ShowsAsync("Not allowed");
        await ReadsAsync(roles);
    }

    /// <summary>The day is over: nothing was complained of on the console, and the audit trail holds these acts of the person, in this order, and no other.</summary>
    public void AssertActs(params string[] acts)
    {
        _open.AssertNoComplaint();
        const string words = "printf('%06d ', Sequence) || Action || ' ' || Subject || COALESCE(': ' || Reason, '')";
        var rows = ShopRows.Of(Site.Shop, $"SELECT {words} FROM AuditEntries WHERE Who = '{Person.Email}'");
        Assert.Equal(acts, rows.Select(row => row[7..]));
    }
}
