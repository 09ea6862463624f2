using BackOffice.Domain;
using BackOffice.Web.Security;
using Microsoft.Extensions.Configuration;

namespace BackOffice.Web.Tests.Shell;

public sealed class LoopbackTests
{
    [Theory]
    [InlineData("urls", "http://localhost:5080")]
    [InlineData("urls", "http://127.0.0.1:0;https://[::1]:5443")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://127.0.0.2:80")]
    public void An_address_of_this_machine_is_taken(string setting, string value) => LoopbackOnly.Require(With(setting, value));

    [Theory]
    [InlineData("urls", "http://*:80", "Urls")]
    [InlineData("urls", "http://+:80", "Urls")]
    [InlineData("urls", "http://0.0.0.0:80", "Urls")]
    [InlineData("urls", "http://localhost:5080;http://192.168.1.4:80", "Urls")]
    [InlineData("urls", "http://[::]:80", "Urls")]
    [InlineData("urls", "http://localhost.example:80", "Urls")]
    [InlineData("urls", "nonsense", "Urls")]
    [InlineData("http_ports", "8080", "HTTP_PORTS")]
    [InlineData("https_ports", "8443", "HTTPS_PORTS")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://example.com", "Kestrel:Endpoints:Web:Url")]
    public void An_address_that_others_can_reach_is_refused_by_name(string setting, string value, string named)
    {
        var refused = Assert.Throws<RefusedException>(() => LoopbackOnly.Require(With(setting, value)));
        Assert.Equal("NotLoopback", refused.Refusal.Code);
        Assert.Equal(named, refused.Refusal.Field);
    }

    [Theory]
    [InlineData("--urls=http://0.0.0.0:1", "Urls: \"http://0.0.0.0:1\" can be reached")]
    [InlineData("--Business:TimeZone=Mars", "Business:TimeZone: There is no time zone \"Mars\"")]
    public async Task A_wrong_setting_stops_the_start_with_one_sentence(string argument, string sentence)
    {
        var (was, error) = (Console.Error, new StringWriter());
        Console.SetError(error);
        try
        {
            Assert.Equal(1, await WebHost.Main([argument]));
        }
        finally
        {
            Console.SetError(was);
        }

        Assert.StartsWith(sentence, error.ToString());
        Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static IConfiguration With(string setting, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build();
}
