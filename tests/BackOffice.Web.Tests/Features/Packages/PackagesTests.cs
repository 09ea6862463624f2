using System.Net;
using BackOffice.Domain.Access;

namespace BackOffice.Web.Tests.Features.Packages;

public sealed class PackagesTests(Site site) : IClassFixture<Site>
{
    [Theory]
    [InlineData("en", "Packages in force: 4. None has a charge price yet, so none can be bought in the shop.", "Trial 体验包 Quick test trial 5,000,000 CNY 22.00 — not known In force")]
    [InlineData("zh-CN", "生效套餐 4 个，均未设收款价，暂不能在商店购买。", "体验包 Trial 快速试用 trial 5,000,000 CNY 22.00 — 未知 生效中")]
    public async Task Packages_stand_with_both_names_and_the_price_in_force(string language, string answer, string row)
    {
        using var fresh = new Site();
        using var client = fresh.Visitor(language);
        var page = await client.ReadAsync("/packages");
        Assert.Contains(answer, page);
        Assert.Contains(row, page);
    }

    [Fact]
    public async Task A_package_is_added_with_what_was_typed_forgiven()
    {
        using var admin = site.Visitor("en");
        using var added = await admin.SubmitAsync("/packages/new", "/packages", [.. Package("extra-large"), ("tokens", " 90,000,000 "), ("position", "５")]);
        Assert.Equal("/packages/extra-large", added.Headers.Location!.OriginalString);
        var page = await admin.ReadAsync("/packages/extra-large");
        Assert.Contains("The package is added. Give it a price next.", page);
        Assert.Contains("90,000,000", page);
        Assert.Contains("No price yet, so it cannot be bought.", page);
        Assert.Contains("Extra 特大包 Heavy users extra-large 90,000,000", await admin.ReadAsync("/packages"));
        Assert.Equal(["admin@example.com package.added"], Acts("extra-large"));
    }

    [Theory]
    [InlineData("slug", "", "Short name: nothing is given.")]
    [InlineData("slug", "Big Pack", "Short name: “Big Pack” is not a package's short name.")]
    [InlineData("slug", "new", "Short name: “new” is an address of this program.")]
    [InlineData("slug", "trial", "Short name: trial is taken.")]
    [InlineData("tokens", "0", "Tokens of one unit: “0” is not a whole number from 1 to 9,000,000,000,000,000.")]
    [InlineData("tokens", "-5", "Tokens of one unit: “-5” is not a whole number")]
    [InlineData("tokens", "1.5", "Tokens of one unit: “1.5” is not a whole number")]
    [InlineData("tokens", "99999999999999999999", "Tokens of one unit: “99999999999999999999” is not a whole number")]
    [InlineData("position", "100001", "Place on the shop's page: “100001” is not a whole number from 1 to 100,000.")]
    [InlineData("name_english", " ", "English name: nothing is given.")]
    [InlineData("name_chinese", "一\n二", "Chinese name: longer than 100 characters, or with signs that do not print.")]
    [InlineData("audience_english", "", "For whom, in English: nothing is given.")]
    [InlineData("audience_chinese", "", "For whom, in Chinese: nothing is given.")]
    public async Task A_package_that_cannot_be_is_refused_and_everything_kept(string field, string value, string sentence)
    {
        using var admin = site.Visitor("en");
        using var answer = await admin.SubmitAsync("/packages/new", "/packages", [.. Package("kept"), ("audience_english", "<b>Kept</b>"), (field, value)]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains(sentence, page);
        Assert.Contains(field == "name_english" ? "特大包" : "value=\"Extra\"", page);
        Assert.Equal(0, ShopRows.Count(site.Shop, "SELECT COUNT(*) FROM Packages WHERE Slug IN ('kept', 'new')"));
    }

    [Fact]
    public async Task Names_are_changed_at_once_and_who_comes_second_is_told()
    {
        using var admin = site.Visitor("en");
        using var added = await admin.SubmitAsync("/packages/new", "/packages", Package("named"));
        (string, string)[] names = [("name_english", "Larger"), ("name_chinese", "更大包"), ("audience_english", "Teams"), ("audience_chinese", "团队"), ("position", "7")];
        using var changed = await admin.SubmitAsync("/packages/named/edit", "/packages/named", names);
        Assert.Equal("/packages/named", changed.Headers.Location!.OriginalString);
        Assert.Contains("Larger 更大包 Teams named", await admin.ReadAsync("/packages"));
        using var late = await admin.SubmitAsync("/packages/named/edit", "/packages/named", [.. names, ("name_english", "Late"), ("version", "1")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
        var page = await late.Content.ReadAsStringAsync(Token);
        Assert.Contains("Somebody else changed this package or its prices in the meantime.", page);
        Assert.Contains("value=\"Late\"", page);
        using var hostile = await admin.SubmitAsync("/packages/named/edit", "/packages/named", [.. names, ("name_english", "<script>alert(1)</script>")]);
        Assert.DoesNotContain("<script>alert", await admin.GetStringAsync("/packages", Token));
        Assert.DoesNotContain("<script>alert", await admin.GetStringAsync("/packages/named", Token));
        Assert.Equal(["admin@example.com package.added", "admin@example.com package.changed", "admin@example.com package.changed"], Acts("named"));
    }

    [Fact]
    public async Task A_package_is_retired_and_brought_back_with_a_reason_after_it_was_said_what_that_means()
    {
        await site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-RETIRED-1", at: Recently, package: "professional")));
        using var admin = site.Visitor("en");
        var before = await admin.ReadAsync("/packages/professional/retirement");
        Assert.Contains("Nothing new can be sold.", before);
        Assert.Contains("What was sold stays", before);
        Assert.Contains("Sold in the last 30 days, USD 1 order · USD 2.99", before);
        using var silent = await admin.SubmitAsync("/packages/professional/retirement", "/packages/professional/retirement", ("reason", "  "));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, silent.StatusCode);
        Assert.Contains("Reason: it is missing", await silent.Content.ReadAsStringAsync(Token));
        using var retired = await admin.SubmitAsync("/packages/professional/retirement", "/packages/professional/retirement", ("reason", "too large"));
        Assert.Equal("/packages/professional", retired.Headers.Location!.OriginalString);
        Assert.Contains("Retired: nothing new can be sold.", await admin.ReadAsync("/packages/professional"));

        // What was sold still comes in.
        var import = await site.ImportAsync("orders", Seed.File(Seed.OrdersHeader, Seed.Order("AC-RETIRED-2", at: Recently, package: "professional")));
        Assert.Equal((1L, 0L), (import.RecordsNew, import.RecordsPutAside));

        using var back = await admin.SubmitAsync("/packages/professional/return", "/packages/professional/return", ("reason", "asked for"));
        Assert.Contains("Back on sale", await admin.ReadAsync("/packages/professional"));
        Assert.Equal(["admin@example.com package.retired too large", "admin@example.com package.brought_back asked for"], Acts("professional"));
    }

    [Fact]
    public async Task Finance_sees_and_is_offered_no_act()
    {
        using var finance = site.Visitor(Role.Finance, "en");
        var links = Html.Links(await finance.GetStringAsync("/packages/trial", Token)).Concat(Html.Links(await finance.GetStringAsync("/packages", Token))).ToList();
        Assert.DoesNotContain(links, link => (link.Contains("/prices/", StringComparison.Ordinal) && !link.Contains("/prices/rows.", StringComparison.Ordinal)) || link.EndsWith("/edit", StringComparison.Ordinal) || link.EndsWith("/retirement", StringComparison.Ordinal) || link == "/packages/new");
        Assert.Contains("/audit?subject=package:trial", links.Select(Uri.UnescapeDataString));
    }

    [Theory]
    [InlineData("/packages/nothing")]
    [InlineData("/packages/nothing/edit")]
    [InlineData("/packages/nothing/retirement")]
    [InlineData("/packages/nothing/prices/new")]
    [InlineData("/packages/nothing/prices/preview")]
    [InlineData("/packages/trial/prices/end")]
    [InlineData("/packages/trial/prices/end?purpose=list&currency=CNY&begins=99999999999999999")]
    [InlineData("/packages/trial/prices/withdrawal?purpose=list&currency=CNY&begins=1")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var admin = site.Visitor("en");
        using var answer = await admin.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Recently => site.Now.AddDays(-2).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private List<string> Acts(string slug) =>
        ShopRows.Of(site.Shop, $"SELECT printf('%04d ', Sequence) || Who || ' ' || Action || COALESCE(' ' || Reason, '') FROM AuditEntries WHERE Subject = 'package:{slug}'").ConvertAll(row => row[5..]);

    private static (string, string)[] Package(string slug) =>
    [
        ("slug", slug), ("tokens", "90000000"), ("name_english", "Extra"), ("name_chinese", "特大包"), ("audience_english", "Heavy users"), ("audience_chinese", "重度用户"), ("position", "5"),
    ];
}
