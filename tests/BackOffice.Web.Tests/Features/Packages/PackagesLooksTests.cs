using System.Globalization;
using BackOffice.Data.Packages;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Packages;

public sealed class PackagesLooksTests(Browser browser)
{
    private const string Slug = "a-package-with-the-longest-name-there-is";

    [Theory, MemberData(nameof(Browser.Looks), MemberType = typeof(Browser))]
    public async Task Packages_and_prices_stand_in_every_width_theme_and_language(int width, string theme, string language)
    {
        await SeedAsync();
        var scheduled = (await Prices.SeriesAsync(new PriceSeries(Slug, "charge", "USD"), TestContext.Current.CancellationToken))[^1];
        var price = $"purpose=charge&currency=USD&begins={new DateTimeOffset(scheduled.ValidFrom).ToUnixTimeMilliseconds()}";
        var day = browser.Site.Now.AddDays(40).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string[] paths =
        [
            "/packages", "/packages/new", $"/packages/{Slug}", $"/packages/{Slug}/edit", $"/packages/{Slug}/retirement", $"/packages/{Slug}/prices/new", $"/packages/{Slug}/prices/end?{price}",
            $"/packages/{Slug}/prices/withdrawal?{price}",
            $"/packages/{Slug}/prices/preview?purpose=charge&currency=USD&amount=3.99&tax_mode=inclusive&creem_product=prod_1EFWfxtwu2LDFLxhbFMWF6&from={day}T00:00&end_present=yes",
            $"/packages/{Slug}/prices/preview?purpose=charge&currency=USD&amount=0&from={day}T00:00",
        ];
        foreach (var path in paths)
            await browser.LooksWellAsync(path, width, theme, language);
    }

    private PriceQueries Prices => browser.Site.Services.GetRequiredService<PriceQueries>();

    private async Task SeedAsync()
    {
        var (token, services) = (TestContext.Current.CancellationToken, browser.Site.Services);
        if (await services.GetRequiredService<PackageQueries>().FindAsync(Slug, token) is not null)
            return;
        var (store, now) = (services.GetRequiredService<PriceStore>(), browser.Site.Now);
        await services.GetRequiredService<PackageStore>().AddAsync(
            new NewPackage(Slug, "A package whose name is as long as anybody would make it", "名称很长的套餐，长到没有人会这样命名", "For those who read every word of a page", "适合逐字阅读页面的人", 4_500_000_000_000_000, 9), "mara@example.com", token);
        var series = new PriceSeries(Slug, "charge", "USD");
        await store.AddAsync(new WantedPrice(series, 999_999_999_999, "exclusive", "prod_1EFWfxtwu2LDFLxhbFMWF6", null, null, false), 1, "the first", "mara@example.com", token);
        await store.AddAsync(new WantedPrice(series, 349, "inclusive", null, now.AddDays(3), null, true), 2, "cheaper", new string('w', 60) + "@example.com", token);
        await store.AddAsync(new WantedPrice(new PriceSeries(Slug, "list", "CNY"), 2200, null, null, null, null, false), 3, "list", "mara@example.com", token);
        await store.AddAsync(new WantedPrice(new PriceSeries(Slug, "charge", "JPY"), 450, "inclusive", null, now.AddDays(5), null, false), 4, "yen", "mara@example.com", token);
        await store.WithdrawAsync((await Prices.SeriesAsync(new PriceSeries(Slug, "charge", "JPY"), token))[0].Key, 5, "not yet", "mara@example.com", token);
        var day = now.AddDays(-2).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await browser.Site.ImportAsync("orders", Seed.File(
            Seed.OrdersHeader,
            $"AC-LOOKS-1,{Slug},2,aster@example.com,CNY,44.00,USD,5.98,exclusive,,{day}T10:00:00+08:00",
            $"AC-LOOKS-2,{Slug},1,aster@example.com,CNY,22.00,JPY,450,inclusive,,{day}T10:00:00+08:00"));
    }
}
