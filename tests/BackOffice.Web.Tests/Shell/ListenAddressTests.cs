using System.Net;
using System.Net.Sockets;
using BackOffice.Domain;
using BackOffice.Web.Security;
using Microsoft.Extensions.Configuration;

namespace BackOffice.Web.Tests.Shell;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("urls", "http://localhost:5080")]
    [InlineData("urls", "http://127.0.0.1:0;https://[::1]:5443")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://127.0.0.2:80")]
    [InlineData("urls", "https://*:443;http://localhost:5080")]
    [InlineData("https_ports", "8443")]
    public void An_address_of_this_machine_or_with_TLS_is_taken(string setting, string value) => ListenAddresses.Require(With(setting, value));

    [Theory]
    [InlineData("urls", "http://*:80", "Urls")]
    [InlineData("urls", "http://+:80", "Urls")]
    [InlineData("urls", "http://0.0.0.0:80", "Urls")]
    [InlineData("urls", "http://localhost:5080;http://192.168.1.4:80", "Urls")]
    [InlineData("urls", "http://[::]:80", "Urls")]
    [InlineData("urls", "http://localhost.example:80", "Urls")]
    [InlineData("urls", "nonsense", "Urls")]
    [InlineData("http_ports", "8080", "HTTP_PORTS")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://example.com", "Kestrel:Endpoints:Web:Url")]
    public void An_address_that_others_can_reach_without_TLS_is_refused_by_name(string setting, string value, string named)
    {
        var refused = Assert.Throws<RefusedException>(() => ListenAddresses.Require(With(setting, value)));
        Assert.Equal("NotEncrypted", refused.Refusal.Code);
        Assert.Equal(named, refused.Refusal.Field);
    }

    [Fact]
    public void The_settings_file_names_no_address_because_it_would_hide_one_given_by_the_environment()
    {
        var settings = new ConfigurationBuilder().AddJsonFile(Path.Combine(Repository.Root, "src", "BackOffice.Web", "appsettings.json")).Build();
        Assert.Empty(ListenAddresses.All(settings));
    }

    [Fact]
    public async Task An_address_that_is_taken_stops_the_start_with_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var shop = ShopFolder.Migrated();
        Assert.StartsWith("Urls: The address is taken", await StartAsync($"--urls=http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}", $"--Data:Directory={shop.Path}", "--Approvals:AcceptAbove=off", "--Approvals:CodesAbove=off", "--Approvals:TokensAbove=off"));
    }

    [Theory]
    [InlineData("--urls=http://0.0.0.0:1", "Urls: \"http://0.0.0.0:1\" can be reached")]
    [InlineData("--Business:TimeZone=Mars", "Setting Business:TimeZone: 'Mars' is not a time zone")]
    public async Task A_wrong_setting_stops_the_start_with_one_sentence(string argument, string sentence)
    {
        var said = await StartAsync(argument);
        Assert.StartsWith(sentence, said);
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<string> StartAsync(params string[] arguments)
    {
        var (was, error) = (Console.Error, new StringWriter());
        Console.SetError(error);
        try
        {
            Assert.Equal(1, await WebHost.Main(arguments));
        }
        finally
        {
            Console.SetError(was);
        }

        return error.ToString();
    }

    private static IConfiguration With(string setting, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build();
}
