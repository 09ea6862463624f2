using System.CommandLine;
using BackOffice.Jobs.Checks;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>doctor</c>: says whether everything the program needs is there, and what to do where it is not. Changes nothing.</summary>
internal static class DoctorVerb
{
    private sealed record Finding(string Check, string State, string Says);

    public static Command Command(SharedOptions shared)
    {
        var command = new Command("doctor", "Check settings, database, key ring, connections, schedule and disk.");
        command.SetAction(async (parsed, token) =>
        {
            await using var office = Office.Build();
            var facts = await office.Get<Checkup>().RunAsync(token).ConfigureAwait(false);
            var findings = facts.Select(Of).ToList();
            var sentence = string.Join(Environment.NewLine, findings.Select(finding => $"{finding.State,-5} {finding.Check}: {finding.Says}"));
            shared.Answer(parsed, findings, sentence);
            return findings.Exists(finding => finding.State == "fail") ? 1 : 0;
        });
        return command;
    }

    private static Finding Of(CheckFact fact) => new(fact.IsNight ? fact.Check : fact.Name(Texts.English), Word(fact.State), Says(fact));

    private static string Says(CheckFact fact) => fact.LastAt is { } at
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{fact.Says(Texts.English)} Last success {at:yyyy-MM-dd'T'HH:mm:ss'Z'}.")
        : fact.Says(Texts.English);

    private static string Word(CheckState state) => state switch
    {
        CheckState.Warn => "warn",
        CheckState.Fail => "fail",
        CheckState.Off => "off",
        _ => "ok",
    };
}
