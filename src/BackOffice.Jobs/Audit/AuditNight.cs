using BackOffice.Data.Audit;
using BackOffice.Data.Jobs;
using BackOffice.Domain;
using BackOffice.Jobs.Nights;

namespace BackOffice.Jobs.Audit;

/// <summary>The nightly walk of the audit trail; a break fails the night, so that a person is told.</summary>
public sealed class AuditNight(AuditVerifier verifier, Settings settings) : Night
{
    public const string JobName = "nightly-audit-check";

    public override string Name => JobName;

    public override TimeOnly At => settings.AuditCheckAt;

    /// <returns>Entries of the trail.</returns>
    public override async Task<long> DoAsync(JobRunRow row, CancellationToken token)
    {
        var verdict = await verifier.VerifyAsync(token: token).ConfigureAwait(false);
        if (verdict.Break is { } broken)
            throw new RefusedException(new Refusal("AuditBroken", "", broken.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return verdict.Rows;
    }
}
