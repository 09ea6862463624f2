using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;

namespace BackOffice.Data.Staff;

/// <summary>Staff and their sessions: each method is one act in one transaction, with its audit row.</summary>
public sealed class StaffStore(Database database)
{
    // What is over for so long helps nobody.
    private static readonly TimeSpan SessionsKept = TimeSpan.FromDays(90);

    /// <summary>Adds a person. False: the e-mail has an account.</summary>
    public async Task<bool> AddAsync(StaffMember member, CancellationToken token = default)
    {
        var act = RequireAct(member);
        try
        {
            await database.WriteAsync(WriteRank.Request, async session =>
            {
                await session.ExecuteAsync(Insert, new NewStaff(Ids.New(session.At), member.Email, member.Name, member.Role, member.PasswordHash, member.PasswordUntil, member.SecurityStamp, session.At), token).ConfigureAwait(false);
                await RecordAsync(session, member.Email, act, null, Facts(member), token).ConfigureAwait(false);
            }, token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            return false;
        }
    }

    /// <summary>Writes what was changed, with the act the member carries. A new security stamp ends the sessions. False: somebody else was first.</summary>
    /// <exception cref="RefusedException">No admin who can sign in would be left.</exception>
    public Task<bool> UpdateAsync(StaffMember member, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await session.GetAsync<StaffMember>(ReadById, new ById(member.Id), token).ConfigureAwait(false);
            if (!await ChangeAsync(session, member, before, token).ConfigureAwait(false))
                return false;
            if (member.Act is { } act)
                await RecordAsync(session, member.Email, act, Facts(before), Facts(member), token).ConfigureAwait(false);
            return true;
        }, token);

    /// <summary>Sets up codes or replaces the recovery codes: the old ones are worth nothing any more. False: somebody else was first.</summary>
    /// <param name="member">With the sealed secret.</param>
    /// <param name="recoveryHashes">SHA-256 of each recovery code; none takes them away.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<bool> UpdateWithCodesAsync(StaffMember member, IReadOnlyList<byte[]> recoveryHashes, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await session.GetAsync<StaffMember>(ReadById, new ById(member.Id), token).ConfigureAwait(false);
            if (!await ChangeAsync(session, member, before, token).ConfigureAwait(false))
                return false;
            await session.ExecuteAsync(DeleteRecoveryCodes, new ById(member.Id), token).ConfigureAwait(false);
            foreach (var hash in recoveryHashes)
                await session.ExecuteAsync(InsertRecoveryCode, new RecoveryCode(member.Id, hash), token).ConfigureAwait(false);
            await RecordAsync(session, member.Email, RequireAct(member), Facts(before), Facts(member), token).ConfigureAwait(false);
            return true;
        }, token);

    /// <summary>Takes a code's time step. False: a code of this step or a later one was taken before.</summary>
    public Task<bool> TakeTotpStepAsync(Guid id, long step, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session => await session.ExecuteAsync(TakeStep, new StepArgs(id, step), token).ConfigureAwait(false) == 1, token);

    /// <summary>Takes a recovery code. False: it is none of the person's, or was taken before.</summary>
    public Task<bool> TakeRecoveryCodeAsync(StaffMember member, byte[] hash, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(TakeRecoveryCode, new UsedCode(member.Id, hash, session.At), token).ConfigureAwait(false) != 1)
                return false;
            await RecordAsync(session, member.Email, new StaffAct(member.Email, AuditActions.RecoveryCodeUsed), null, null, token).ConfigureAwait(false);
            return true;
        }, token);

    /// <summary>Begins a session, and forgives the account's failed tries.</summary>
    /// <returns>The session's id.</returns>
    public Task<Guid> StartSessionAsync(StaffMember member, byte[] accountTries, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var id = Ids.New(session.At);
            await session.ExecuteAsync(DeleteOldSessions, new OldSessions(member.Id, session.At - SessionsKept), token).ConfigureAwait(false);
            await session.ExecuteAsync(InsertSession, new NewSession(id, member.Id, session.At), token).ConfigureAwait(false);
            await session.ExecuteAsync(NoteSignIn, new SignInArgs(member.Id, session.At), token).ConfigureAwait(false);
            await session.ExecuteAsync(SignInTries.Forgive, new SignInTries.ById(accountTries), token).ConfigureAwait(false);
            await RecordAsync(session, member.Email, new StaffAct(member.Email, AuditActions.SignedIn), null, null, token).ConfigureAwait(false);
            return id;
        }, token);

    /// <summary>Ends a session, if it goes on.</summary>
    public Task EndSessionAsync(StaffSession ended, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            if (await session.ExecuteAsync(EndSession, new SessionInstant(ended.Id, session.At), token).ConfigureAwait(false) == 1)
                await RecordAsync(session, ended.Email, new StaffAct(ended.Email, AuditActions.SignedOut), null, null, token).ConfigureAwait(false);
        }, token);

    /// <summary>Ends a session of the same person.</summary>
    /// <returns>False when it does not go on, or is somebody else's.</returns>
    public async Task<bool> EndSessionAsync(StaffSession own, Guid other, CancellationToken token = default) =>
        await EndAsync(own, session => session.ExecuteAsync(EndOwnSession, new OwnSessionInstant(other, own.StaffId, session.At), token), token).ConfigureAwait(false) > 0;

    /// <summary>Ends the person's sessions but this one.</summary>
    /// <param name="own">This one.</param>
    /// <param name="after">UTC; those that began then or before are over by themselves.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>How many.</returns>
    public Task<int> EndOtherSessionsAsync(StaffSession own, DateTime after, CancellationToken token = default) =>
        EndAsync(own, session => session.ExecuteAsync(EndOtherSessions, new OtherSessions(own.StaffId, own.Id, after, session.At), token), token);

    /// <summary>The person gave the password again.</summary>
    public Task ConfirmSessionAsync(Guid id, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(ConfirmSession, new SessionInstant(id, session.At), token), token);

    private static async Task<bool> ChangeAsync(WriteSession session, StaffMember member, StaffMember before, CancellationToken token)
    {
        var change = new ChangedStaff(
            member.Id, member.Version, member.Name, member.Role, member.PasswordHash, member.PasswordUntil, member.SecurityStamp, member.TotpCipher, member.TotpKeyName, member.TotpStep, member.DisabledAt);
        if (await session.ExecuteAsync(Update, change, token).ConfigureAwait(false) != 1)
            return false;
        if (before.Role == "admin" && before.DisabledAt is null && !await session.GetAsync<bool>(HasAdmin, token: token).ConfigureAwait(false))
            throw new RefusedException(new Refusal("LastAdmin", ""));
        if (before.SecurityStamp != member.SecurityStamp)
            await session.ExecuteAsync(EndSessions, new EndedSessions(member.Id, member.Act?.KeptSession ?? Guid.Empty, session.At), token).ConfigureAwait(false);
        return true;
    }

    private Task<int> EndAsync(StaffSession own, Func<WriteSession, Task<int>> end, CancellationToken token) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var sessions = await end(session).ConfigureAwait(false);
            if (sessions > 0)
                await RecordAsync(session, own.Email, new StaffAct(own.Email, AuditActions.SessionsEnded), null, new { Sessions = sessions }, token).ConfigureAwait(false);
            return sessions;
        }, token);

    private static StaffAct RequireAct(StaffMember member) => member.Act ?? throw new InvalidOperationException("A change of staff names its act.");

    private static object Facts(StaffMember member) => new { member.Name, member.Role, Disabled = member.DisabledAt is not null, TwoFactor = member.HasTotp };

    private static Task<long> RecordAsync(WriteSession session, string email, StaffAct act, object? before, object? after, CancellationToken token) =>
        AuditLog.AppendAsync(session, new AuditAct { Who = act.By, Action = act.Action, Subject = AuditSubject.Of("staff", email), Reason = act.Reason, Before = before, After = after }, token);

    /// <summary>Which row.</summary>
    public sealed record ById(Guid Id);

    /// <summary>Columns of a new person.</summary>
    public sealed record NewStaff(Guid Id, string Email, string Name, string Role, string PasswordHash, DateTime? PasswordUntil, string SecurityStamp, DateTime CreatedAt);

    /// <summary>Columns that change.</summary>
    public sealed record ChangedStaff(
        Guid Id, long Version, string Name, string Role, string PasswordHash, DateTime? PasswordUntil, string SecurityStamp, byte[]? TotpCipher, string? TotpKeyName, long? TotpStep, DateTime? DisabledAt);

    /// <summary>A time step.</summary>
    public sealed record StepArgs(Guid Id, long TotpStep);

    /// <summary>A recovery code of a person.</summary>
    public sealed record RecoveryCode(Guid StaffId, byte[] Hash);

    /// <summary>A recovery code and when it was used.</summary>
    public sealed record UsedCode(Guid StaffId, byte[] Hash, DateTime UsedAt);

    /// <summary>A session that begins.</summary>
    public sealed record NewSession(Guid Id, Guid StaffId, DateTime StartedAt);

    /// <summary>A session and an instant.</summary>
    public sealed record SessionInstant(Guid Id, DateTime At);

    /// <summary>A session, whose it must be, and an instant.</summary>
    public sealed record OwnSessionInstant(Guid Id, Guid StaffId, DateTime At);

    /// <summary>All sessions of a person but one.</summary>
    public sealed record EndedSessions(Guid StaffId, Guid Kept, DateTime EndedAt);

    /// <summary>A person's sessions that began after an instant, but one.</summary>
    public sealed record OtherSessions(Guid StaffId, Guid Kept, DateTime After, DateTime EndedAt);

    /// <summary>Sessions of a person that began before.</summary>
    public sealed record OldSessions(Guid StaffId, DateTime StartedAt);

    /// <summary>A person signed in.</summary>
    public sealed record SignInArgs(Guid Id, DateTime SignedInAt);

    /// <summary>One row.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {StaffMember.Columns} FROM Staff WHERE Id = @Id");

    /// <summary>A new person.</summary>
    public static readonly Sql<NewStaff> Insert = new("""
        INSERT INTO Staff (Id, Email, Name, Role, PasswordHash, PasswordUntil, SecurityStamp, CreatedAt, Version)
        VALUES (@Id, @Email, @Name, @Role, @PasswordHash, @PasswordUntil, @SecurityStamp, @CreatedAt, 1)
        """);

    /// <summary>Changes a row that is still the one that was read; a step that was taken in between stays taken.</summary>
    public static readonly Sql<ChangedStaff> Update = new("""
        UPDATE Staff
        SET Name = @Name, Role = @Role, PasswordHash = @PasswordHash, PasswordUntil = @PasswordUntil, SecurityStamp = @SecurityStamp,
            TotpStep = CASE WHEN @TotpKeyName IS NULL THEN NULL WHEN TotpStep > @TotpStep THEN TotpStep ELSE @TotpStep END, TotpCipher = @TotpCipher, TotpKeyName = @TotpKeyName, DisabledAt = @DisabledAt, Version = Version + 1
        WHERE Id = @Id AND Version = @Version
        """);

    /// <summary>Whether an admin who can sign in is left.</summary>
    public static readonly Sql HasAdmin = new("SELECT CASE WHEN EXISTS (SELECT 1 FROM Staff WHERE Role = 'admin' AND DisabledAt IS NULL) THEN 1 ELSE 0 END");

    /// <summary>Only a later step than the last one. The row's version stays: a sign-in is no change of the person.</summary>
    public static readonly Sql<StepArgs> TakeStep = new("UPDATE Staff SET TotpStep = @TotpStep WHERE Id = @Id AND (TotpStep IS NULL OR TotpStep < @TotpStep)");

    /// <summary>None is left.</summary>
    public static readonly Sql<ById> DeleteRecoveryCodes = new("DELETE FROM StaffRecoveryCodes WHERE StaffId = @Id");

    /// <summary>One more.</summary>
    public static readonly Sql<RecoveryCode> InsertRecoveryCode = new("INSERT INTO StaffRecoveryCodes (StaffId, Hash) VALUES (@StaffId, @Hash)");

    /// <summary>Once only.</summary>
    public static readonly Sql<UsedCode> TakeRecoveryCode = new("UPDATE StaffRecoveryCodes SET UsedAt = @UsedAt WHERE StaffId = @StaffId AND Hash = @Hash AND UsedAt IS NULL");

    /// <summary>A session begins, its password just given.</summary>
    public static readonly Sql<NewSession> InsertSession = new("INSERT INTO StaffSessions (Id, StaffId, StartedAt, ConfirmedAt) VALUES (@Id, @StaffId, @StartedAt, @StartedAt)");

    /// <summary>When the person last signed in.</summary>
    public static readonly Sql<SignInArgs> NoteSignIn = new("UPDATE Staff SET SignedInAt = @SignedInAt WHERE Id = @Id");

    /// <summary>Ends one.</summary>
    public static readonly Sql<SessionInstant> EndSession = new("UPDATE StaffSessions SET EndedAt = @At WHERE Id = @Id AND EndedAt IS NULL");

    /// <summary>Ends one of a person's own.</summary>
    public static readonly Sql<OwnSessionInstant> EndOwnSession = new("UPDATE StaffSessions SET EndedAt = @At WHERE Id = @Id AND StaffId = @StaffId AND EndedAt IS NULL");

    /// <summary>Ends all but the one that goes on.</summary>
    public static readonly Sql<EndedSessions> EndSessions = new("UPDATE StaffSessions SET EndedAt = @EndedAt WHERE StaffId = @StaffId AND EndedAt IS NULL AND Id <> @Kept");

    /// <summary>Ends those that have not ended by their age.</summary>
    public static readonly Sql<OtherSessions> EndOtherSessions = new("""
        UPDATE StaffSessions SET EndedAt = @EndedAt
        WHERE StaffId = @StaffId AND EndedAt IS NULL AND Id <> @Kept AND StartedAt > @After
        """);

    /// <summary>The password was given again.</summary>
    public static readonly Sql<SessionInstant> ConfirmSession = new("UPDATE StaffSessions SET ConfirmedAt = @At WHERE Id = @Id AND EndedAt IS NULL");

    /// <summary>What is long over.</summary>
    public static readonly Sql<OldSessions> DeleteOldSessions = new("DELETE FROM StaffSessions WHERE StaffId = @StaffId AND StartedAt < @StartedAt");
}
