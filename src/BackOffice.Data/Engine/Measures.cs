using System.Diagnostics.Metrics;

namespace BackOffice.Data.Engine;

/// <summary>What the program measures of itself; nobody listens unless <c>Metrics:Port</c> is set, and then a measure costs nothing.</summary>
public static class Measures
{
    /// <summary>The name under which all of them are found.</summary>
    public const string Name = "BackOffice";

    /// <summary>Holds every measure of the program.</summary>
    public static readonly Meter Meter = new(Name);

    /// <summary>Seconds at the write gate of SQLite, by <c>rank</c> (request or job).</summary>
    public static readonly Histogram<double> GateWait = Meter.CreateHistogram<double>("backoffice.gate.wait", "s", "Time until a writer was let in.");
}
