using System.CommandLine;
using BackOffice.Data.Audit;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>audit verify</c>: walks the audit trail and names the first entry that is not as it was written.</summary>
internal static class AuditVerb
{
    public static Command Command(SharedOptions shared)
    {
        var noted = new Option<AuditHead?>("--head")
        {
            Description = "NUMBER:HASH of an entry noted earlier, as the nightly mail carries it: the chain must still pass through it.",
            CustomParser = given =>
            {
                if (AuditHead.Read(given.Tokens[0].Value) is { } head)
                    return head;
                given.AddError("--head takes NUMBER:HASH, the hash in 64 hexadecimal digits.");
                return null;
            },
        };
        var verify = new Command("verify", "Walk the whole audit trail.") { noted };
        verify.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var verdict = await office.Get<AuditVerifier>().VerifyAsync(parsed.GetValue(noted), token).ConfigureAwait(false);
            shared.Answer(parsed, Document(verdict), Sentence(verdict));
            if (verdict.IsWhole)
                return 0;
            await Console.Error.WriteLineAsync("The audit trail is broken: somebody has been at the database past this program. Keep it as it is and compare it with the last backup.").ConfigureAwait(false);
            return 1;
        });
        return new Command("audit", "The record of who did what.") { verify };
    }

    private static object Document(AuditVerdict verdict) => new
    {
        Whole = verdict.IsWhole,
        Entries = verdict.Rows,
        Head = verdict.Head?.ToString(),
        Broken = verdict.Break is { } broken ? new { Entry = broken.Sequence, How = broken.Kind.ToString().ToLowerInvariant(), WrittenAs = broken.Written, Says = Says(broken) } : null,
    };

    private static string Sentence(AuditVerdict verdict) => verdict.Break is { } broken
        ? FormattableString.Invariant($"{Says(broken)} {verdict.Rows} entries before it are as they were written.")
        : FormattableString.Invariant($"All {verdict.Rows} entries are as they were written. Head {verdict.Head}.");

    internal static string Says(AuditBreak broken) => Texts.English[$"AuditBreak.{broken.Kind}", broken.Sequence, broken.Written ?? broken.Sequence];
}
