using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BackOffice.Web.Tests.CommandLine;

/// <summary>The site as a service manager starts it: a process of its own, in Production, in a folder that is not the program's.</summary>
public sealed class SiteFromElsewhereTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "BackOffice.Web.dll");

    [Fact]
    public async Task The_settings_beside_the_program_hold_wherever_it_is_started()
    {
        using var folder = ShopFolder.Migrated();
        (await Worker.RunWithInputAsync(folder, Site.Password, "staff", "add", "chen@example.com", "--role", "finance", "--password-stdin")).IsDone();
        using var site = Start(folder);
        try
        {
            var address = await AddressAsync(site);
            using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/sign-in", address.Authority));
            Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, "/orders", "elsewhere.example"));
            Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(client, "/orders/AC-ZM3J-J7T7-3Q1C", address.Authority));
            Assert.StartsWith("HTTP/1.1 302", await UploadTooLargeAsync(address, ""), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 413", await UploadTooLargeAsync(address, await SignInAsync(client)), StringComparison.Ordinal);

            var taken = await Worker.RunCommandAsync(folder, Worker.Dotnet, Program, "--urls", address.OriginalString);
            taken.IsRefused("Urls:", "The address is taken");
        }
        finally
        {
            site.Kill();
            await site.WaitForExitAsync(CancellationToken.None);
        }
        Assert.DoesNotContain("AC-ZM3J", await site.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_address_that_cannot_be_listened_on_ends_the_start_with_one_line()
    {
        using var folder = ShopFolder.Migrated();
        var answer = await Worker.RunCommandAsync(folder, Worker.Dotnet, Program, "--urls", "https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path=missing.pfx");
        Assert.Equal(1, answer.Status);
        Assert.Contains("missing.pfx", Assert.Single(answer.Lines()));
        Assert.DoesNotContain("   at ", answer.Output + answer.Error, StringComparison.Ordinal);
    }

    private static Process Start(ShopFolder folder)
    {
        var start = new ProcessStartInfo(Worker.Dotnet, [Program, "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true, WorkingDirectory = folder.Path };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Data__Directory"] = folder.Path;
        start.Environment["Hangfire__Server"] = "false";
        foreach (var limit in ShopFolder.Limits)
            start.Environment[limit.Replace(":", "__", StringComparison.Ordinal)] = "off";
        return Process.Start(start)!;
    }

    private static async Task<Uri> AddressAsync(Process site)
    {
        while (await site.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("AiCredits back office: http://", StringComparison.Ordinal))
                return new Uri(line.Split(' ')[3]);
        }
        throw new InvalidOperationException("The site ended.");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<string> SignInAsync(HttpClient client)
    {
        using var answer = await client.SubmitAsync("/sign-in", "/sign-in", ("email", "chen@example.com"), ("password", Site.Password));
        return string.Join("; ", answer.Headers.GetValues("Set-Cookie").Select(set => set.Split(';')[0]));
    }

    // Five gigabytes are announced and none is sent.
    private static async Task<string> UploadTooLargeAsync(Uri address, string cookie)
    {
        using var connection = new TcpClient(address.Host, address.Port);
        var stream = connection.GetStream();
        var head = $"POST /imports HTTP/1.1\r\nHost: {address.Authority}\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=cut\r\nContent-Length: 5000000000\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";
    }
}
