using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace BackOffice.Web.Tests.CommandLine;

/// <summary>What a person with a fresh clone types first: the site as a process of its own, in Development, on an empty folder.</summary>
public sealed class FirstRunTests
{
    [Fact]
    public async Task In_Development_the_site_makes_its_database_loads_the_demo_once_and_says_where_it_answers()
    {
        using var folder = ShopFolder.Empty();
        var first = await VisitAsync(folder);
        Assert.Contains(first, line => line.StartsWith("Demo shop loaded: 3000 orders", StringComparison.Ordinal));
        Assert.Equal(3000, ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders"));
        var before = ShopRows.Hashes(folder, ShopRows.FactTables);
        var second = await VisitAsync(folder);
        Assert.DoesNotContain(second, line => line.StartsWith("Demo", StringComparison.Ordinal));
        Assert.Equal(before, ShopRows.Hashes(folder, ShopRows.FactTables));
    }

    [Fact]
    public async Task A_verb_run_from_the_sources_is_in_Development_and_says_nothing_but_its_answer()
    {
        using var folder = ShopFolder.Migrated();
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo(Worker.Dotnet, ["run", "--no-build", "-c", configuration, "--project", Path.Combine(Repository.Root, "src", "BackOffice.Jobs"), "--", "doctor", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        start.Environment["Data__Directory"] = folder.Path;
        using var verb = Process.Start(start)!;
        var (output, error) = (verb.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), verb.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        using var answer = JsonDocument.Parse(await output);
        Assert.NotEqual(0, answer.RootElement.GetArrayLength());
        Assert.DoesNotContain("Approvals:", await error, StringComparison.Ordinal); // which Production asks for
    }

    // As a newcomer does: with what the site printed and the sign-in page shows.
    private static async Task SignInAsync(HttpClient client, string said)
    {
        var password = said.Split("the password ")[1].Split(' ')[0];
        Assert.Contains(password, await client.GetStringAsync("/sign-in", TestContext.Current.CancellationToken));
        using var answer = await client.SubmitAsync("/sign-in", "/sign-in", ("email", "admin@demo.example"), ("password", password));
        Assert.Contains("admin@demo.example", await client.GetStringAsync("/account", TestContext.Current.CancellationToken));
    }

    // Starts the site, waits until it says where it is, asks it whether it is ready, and ends it.
    private static async Task<List<string>> VisitAsync(ShopFolder folder)
    {
        var start = new ProcessStartInfo(Worker.Dotnet, [Path.Combine(AppContext.BaseDirectory, "BackOffice.Web.dll")]) { RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Data__Directory"] = folder.Path;
        start.Environment["Hangfire__Server"] = "false";
        using var site = Process.Start(start)!;
        try
        {
            var lines = new List<string>();
            while (await site.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                lines.Add(line);
                if (!line.StartsWith("AiCredits back office: http://", StringComparison.Ordinal))
                    continue;
                using var client = new HttpClient { BaseAddress = new Uri(line.Split(' ')[3]) };
                using var ready = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
                await SignInAsync(client, lines.Single(said => said.StartsWith("Sign in as admin@demo.example, ", StringComparison.Ordinal)));
                return lines;
            }
            throw new InvalidOperationException($"The site ended: {string.Join(' ', lines)}");
        }
        finally
        {
            site.Kill();
            await site.WaitForExitAsync(CancellationToken.None);
        }
    }
}
