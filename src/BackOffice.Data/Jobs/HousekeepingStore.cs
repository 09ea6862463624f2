using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Imports;

namespace BackOffice.Data.Jobs;

/// <summary>What is old and of no use to anybody: uploads that nobody said a word about, and rows about work that ended long ago.</summary>
public sealed class HousekeepingStore(Database database)
{
    /// <summary>Imports whose file was checked before an instant (UTC) and that nobody has confirmed or cancelled since.</summary>
    public Task<List<ImportRow>> ForgottenUploadsAsync(DateTime before, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var forgotten = await session.ListAsync<ImportRow>(ListForgotten, new WaitingSince("checked", before), token).ConfigureAwait(false);
        forgotten.AddRange(await session.ListAsync<ImportRow>(ListForgotten, new WaitingSince("failed", before), token).ConfigureAwait(false));
        return forgotten;
    }, token);

    /// <summary>Absolute paths of the files that an import still needs.</summary>
    public async Task<IReadOnlySet<string>> FilesInUseAsync(CancellationToken token = default)
    {
        var files = await database.ReadAsync(session => session.ListAsync<string>(ListFiles, token: token), token).ConfigureAwait(false);
        return files.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Deletes rows about work that ended long ago, with their number on record. The newest row of each job stays: the next night is reckoned from it.</summary>
    /// <param name="day">First local day whose rows stay, <c>2026-11-10</c>.</param>
    /// <param name="before">The instant it began, UTC.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>Rows deleted.</returns>
    public Task<int> ForgetAsync(string day, DateTime before, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Job, async session =>
        {
            var jobRuns = await session.ExecuteAsync(DeleteJobRuns, new DayArgs(day), token).ConfigureAwait(false);
            var messages = await session.ExecuteAsync(DeleteMessages, new BeforeArgs(before), token).ConfigureAwait(false);
            if (jobRuns + messages > 0)
            {
                await AuditLog.AppendAsync(session, new AuditAct
                {
                    Who = "system",
                    Action = AuditActions.HistoryForgotten,
                    Subject = AuditSubject.Of("shop", "job-runs"),
                    Details = new { Before = day, JobRuns = jobRuns, Messages = messages },
                }, token).ConfigureAwait(false);
            }
            return jobRuns + messages;
        }, token);

    /// <summary>A state since when.</summary>
    public sealed record WaitingSince(string Status, DateTime Before);

    /// <summary>A local day.</summary>
    public sealed record DayArgs(string Day);

    /// <summary>An instant.</summary>
    public sealed record BeforeArgs(DateTime Before);

    /// <summary>Checked files without an answer.</summary>
    public static readonly Sql<WaitingSince> ListForgotten =
        new($"SELECT {ImportRow.Columns} FROM Imports WHERE Status = @Status AND Stage = 'check' AND RequestedAt < @Before ORDER BY Number");

    /// <summary>Files of imports that have not come to their end.</summary>
    public static readonly Sql ListFiles = new("SELECT FilePath FROM Imports WHERE Status IN ('pending', 'running', 'checked', 'failed')");

    /// <summary>Nights that ended, but the newest of each job.</summary>
    public static readonly Sql<DayArgs> DeleteJobRuns = new("""
        DELETE FROM JobRuns
        WHERE Argument < @Day AND Status IN ('done', 'failed') AND EXISTS (SELECT 1 FROM JobRuns n WHERE n.Job = JobRuns.Job AND n.Argument > JobRuns.Argument)
        """);

    /// <summary>What was told, or given up.</summary>
    public static readonly Sql<BeforeArgs> DeleteMessages = new("DELETE FROM OutboxMessages WHERE Status IN ('done', 'failed') AND RecordedAt < @Before");
}
