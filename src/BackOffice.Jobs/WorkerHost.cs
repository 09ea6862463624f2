using System.CommandLine;
using System.Globalization;
using BackOffice.Jobs.CommandLine;

namespace BackOffice.Jobs;

/// <summary>The worker and the operator's command line (DESIGN 6). Exit status: 0 done, 1 refused or failed, 2 bad usage, 3 waits for a second person.</summary>
public sealed class WorkerHost
{
    public static async Task<int> Main(string[] args)
    {
        // English, whatever the machine's language: scripts read what a verb says.
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        var root = new RootCommand("The AiCredits back office: worker and operator's command line.");
        var shared = new SharedOptions();
        shared.AddTo(root);
        root.Add(MigrateVerb.Command());
        root.Add(WorkVerb.Command());
        root.Add(DoctorVerb.Command(shared));
        root.Add(ImportVerbs.Command(shared));
        root.Add(ReconcileVerb.Command(shared));
        root.Add(DemoVerb.Command(shared));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(BadUsage(parsed)).ConfigureAwait(false);
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped. What was done stays; the same command goes on from there.").ConfigureAwait(false);
            return 1;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(Trouble.Sentence(failure)).ConfigureAwait(false);
            return 1;
        }
    }

    private static string BadUsage(ParseResult parsed) => $"{string.Join(' ', parsed.Errors.Select(error => error.Message))} Add --help to see what can be written.";
}
