using System.CommandLine;
using BackOffice.Jobs.CommandLine;

namespace BackOffice.Jobs;

/// <summary>The worker and the operator's command line (DESIGN 6). Exit status: 0 done, 1 refused or failed, 2 bad usage, 3 waits for a second person.</summary>
public sealed class WorkerHost
{
    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("The AiCredits back office: worker and operator's command line.");
        var shared = new SharedOptions();
        shared.AddTo(root);
        root.Add(MigrateVerb.Command());
        root.Add(WorkVerb.Command());
        root.Add(DoctorVerb.Command(shared));
        root.Add(ImportVerbs.Command(shared));
        root.Add(ReconcileVerb.Command(shared));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            await Console.Error.WriteLineAsync("Usage: add --help to the verb.").ConfigureAwait(false);
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
}
