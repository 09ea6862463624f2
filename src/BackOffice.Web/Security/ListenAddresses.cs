using System.Net;
using BackOffice.Domain;

namespace BackOffice.Web.Security;

/// <summary>
/// Where the site may listen: with TLS anywhere, without it on this machine only. Passwords and session cookies never cross a wire in the clear; a proxy on
/// this machine that speaks TLS to the outside reaches the site over loopback.
/// </summary>
public static class ListenAddresses
{
    /// <exception cref="RefusedException">An address without TLS can be reached from elsewhere.</exception>
    public static void Require(IConfiguration configuration)
    {
        foreach (var (setting, address) in All(configuration))
            if (!IsEncrypted(address) && !IsLoopback(address))
                throw new RefusedException(new Refusal("NotEncrypted", setting, address));
    }

    /// <summary>Every address the configuration asks Kestrel to listen on, with the setting that names it.</summary>
    public static IEnumerable<(string Setting, string Address)> All(IConfiguration configuration)
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

    private static bool IsEncrypted(string address) => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return false;
        return uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
