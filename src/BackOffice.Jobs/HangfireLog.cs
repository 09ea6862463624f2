using Hangfire.AspNetCore;
using Hangfire.Logging;
using Microsoft.Extensions.Logging;

namespace BackOffice.Jobs;

/// <summary>Hangfire keeps one log for the process: a host that has ended, whose log is closed, must not fail the jobs of another one.</summary>
internal sealed class HangfireLog(ILoggerFactory factory) : ILogProvider
{
    private readonly AspNetCoreLogProvider _log = new(factory);

    public ILog GetLogger(string name)
    {
        try
        {
            return _log.GetLogger(name);
        }
        catch (ObjectDisposedException)
        {
            return new Silent();
        }
    }

    private sealed class Silent : ILog
    {
        public bool Log(Hangfire.Logging.LogLevel logLevel, Func<string>? messageFunc, Exception? exception = null) => false;
    }
}
