using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace BackOffice.Data.Jobs;

/// <summary>Who holds a lease: machine, process and when the process started, so that a killed process of this machine need not be waited for.</summary>
public static class LeaseOwner
{
    /// <summary>This process.</summary>
    public static string Current { get; } = Name(Process.GetCurrentProcess());

    /// <summary>Whether the owner was a process of this machine that has ended; unknown is no.</summary>
    public static bool IsGone(string owner)
    {
        var parts = owner.Split('/');
        if (parts.Length != 3 || parts[0] != Environment.MachineName || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
            return false;
        try
        {
            using var process = Process.GetProcessById(processId);
            return Name(process) != owner;
        }
        catch (ArgumentException)
        {
            return true; // no such process
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    private static string Name(Process process) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.MachineName}/{process.Id}/{process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond}");
}
