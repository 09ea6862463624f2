using System.CommandLine;
using System.Globalization;
using BackOffice.Jobs.CommandLine;

namespace BackOffice.Jobs;

/// <summary>The worker and the operator's command line (DESIGN 6). Exit status: 0 done, 1 refused or failed, 2 bad usage, 3 waits for a second person.</summary>
public sealed class WorkerHost
{
    private const int EndedBySignal = 128; // and its number: the work did not stop in time

    // A statement of the database is not broken off, and a long one may be under way.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(20);

    public static async Task<int> Main(string[] args)
    {
        // English, whatever the machine's language: scripts read what a verb says.
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        var root = new RootCommand("The AiCredits back office: worker and operator's command line.");
        root.Add(new EnvironmentVariablesDirective());
        var shared = new SharedOptions();
        shared.AddTo(root);
        root.Add(MigrateVerb.Command(shared));
        root.Add(WorkVerb.Command());
        root.Add(DoctorVerb.Command(shared));
        root.Add(ImportVerbs.Command(shared));
        root.Add(ReconcileVerb.Command(shared));
        root.Add(SettleVerb.Command(shared));
        root.Add(UsageVerbs.Command(shared));
        root.Add(CodesVerbs.Command(shared));
        root.Add(DemoVerb.Command(shared));
        root.Add(StaffVerb.Command(shared));
        root.Add(AuditVerb.Command(shared));
        root.Add(BackupVerbs.Backup(shared));
        root.Add(BackupVerbs.Restore(shared));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(BadUsage(parsed)).ConfigureAwait(false);
            return 2;
        }
        try
        {
            var status = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop }).ConfigureAwait(false);
            return status > EndedBySignal ? await StoppedAsync().ConfigureAwait(false) : status;
        }
        catch (OperationCanceledException)
        {
            return await StoppedAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(Trouble.Sentence(failure)).ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task<int> StoppedAsync()
    {
        await Console.Error.WriteLineAsync("Stopped. What was done stays, nothing is half done; give the same command again to bring it to its end.").ConfigureAwait(false);
        return 1;
    }

    private static string BadUsage(ParseResult parsed) => $"{string.Join(' ', parsed.Errors.SelectMany(error => error.Message.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)))} Add --help to see what can be written.";
}
