using System.Net;
using BackOffice.Domain;

namespace BackOffice.Web.Security;

/// <summary>There is no sign-in yet, so whoever reaches the site may do everything: it may be reached from its own machine only.</summary>
public static class LoopbackOnly
{
    /// <summary>Who acts, as rows keep it: whoever sits at this machine.</summary>
    public const string Person = "local";

    /// <exception cref="RefusedException">An address to listen on can be reached from elsewhere.</exception>
    public static void Require(IConfiguration configuration)
    {
        foreach (var (setting, address) in Addresses(configuration))
            if (!IsLoopback(address))
                throw new RefusedException(new Refusal("NotLoopback", setting, address));
    }

    /// <summary>Every address the configuration asks Kestrel to listen on, with the setting that names it.</summary>
    public static IEnumerable<(string Setting, string Address)> Addresses(IConfiguration configuration)
    {
        foreach (var address in Parts(configuration["urls"]))
            yield return ("Urls", address);
        // A bare port means every interface: container images set HTTP_PORTS.
        foreach (var port in Parts(configuration["http_ports"]))
            yield return ("HTTP_PORTS", $"http://*:{port}");
        foreach (var port in Parts(configuration["https_ports"]))
            yield return ("HTTPS_PORTS", $"https://*:{port}");
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
            yield return ($"{endpoint.Path}:Url", endpoint["Url"] ?? "");
    }

    private static string[] Parts(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsLoopback(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return false;
        return uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
