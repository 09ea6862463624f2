using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests;

/// <summary>The real site, as Production runs it, with the test-only pages of Features/ beside the product's.</summary>
public sealed class Site : WebApplicationFactory<WebHost>
{
    private readonly ShopFolder _folder = ShopFolder.Migrated();

    /// <summary>The site's clock; null for the machine's.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Where the site's database lies.</summary>
    public string Folder => _folder.Path;

    /// <summary>A client that keeps cookies and shows redirects instead of following them.</summary>
    public HttpClient Visitor(string? language = null)
    {
        var client = CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        if (language is not null)
            client.DefaultRequestHeaders.Add("Accept-Language", language);
        return client;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseSetting("Data:Directory", _folder.Path);
        builder.UseSetting("Hangfire:Server", "false");
        builder.ConfigureServices(services =>
        {
            services.AddControllersWithViews().AddApplicationPart(typeof(Site).Assembly);
            if (Clock is not null)
                services.AddSingleton(Clock);
        });
    }
}
