using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace BackOffice.Data.Jobs;

/// <summary>Who holds a lease: machine, process and when the process started, so that a killed process of this machine need not be waited for.</summary>
public static class LeaseOwner
{
    /// <summary>This process.</summary>
    public static string Current { get; } = Name(Process.GetCurrentProcess());

    // On Linux the start of a process is told by way of the clock of now and moves a little with every look (dotnet/runtime issue 108959), so two looks that
    // are near each other are at one process. A number given again within a minute only means waiting for the lease to run out.
    private static readonly TimeSpan SameStart = TimeSpan.FromMinutes(1);

    /// <summary>Whether the owner was a process of this machine that has ended; unknown is no.</summary>
    public static bool IsGone(string owner)
    {
        if (owner.Split('/') is not [var machine, var id, var start] || machine != Environment.MachineName
            || !int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
            || !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var startedAt))
            return false;
        try
        {
            using var process = Process.GetProcessById(processId);
            return Math.Abs(StartOf(process) - startedAt) > SameStart.TotalSeconds;
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

    private static string Name(Process process) => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{process.Id}/{StartOf(process)}");

    // Seconds.
    private static long StartOf(Process process) => process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond;
}
