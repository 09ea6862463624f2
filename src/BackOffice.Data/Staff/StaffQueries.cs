using BackOffice.Data.Engine;
using BackOffice.Domain.Access;

namespace BackOffice.Data.Staff;

/// <summary>Reads staff and sessions.</summary>
public sealed class StaffQueries(Database database)
{
    /// <summary>By canonical e-mail; null when there is none.</summary>
    public Task<StaffMember?> FindAsync(string email, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<StaffMember>(ReadByEmail, new ByEmail(email), token), token);

    /// <summary>By id; null when there is none.</summary>
    public Task<StaffMember?> FindAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<StaffMember>(StaffStore.ReadById, new StaffStore.ById(id), token), token);

    /// <summary>A session with whose it is, ended or not; null when there is none.</summary>
    public Task<StaffSession?> FindSessionAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<StaffSession>(ReadSession, new StaffStore.ById(id), token), token);

    /// <summary>A person's sessions that go on and began after an instant, the newest first.</summary>
    public Task<List<OwnSession>> SessionsAsync(Guid staffId, DateTime after, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<OwnSession>(ListSessions, new SessionsAfter(staffId, after), token), token);

    /// <summary>Everybody who may sign in and do something, by e-mail.</summary>
    public Task<List<Colleague>> WhoMayAsync(Act act, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<Colleague>(ListOfRoles, new OfRoles(RolesThatMay(act)), token), token);

    internal static IReadOnlyList<string> RolesThatMay(Act act) => [.. RoleTable.For(act).Select(role => role.Word())];

    /// <summary>Whether anybody was ever added.</summary>
    public Task<bool> AnyAsync(CancellationToken token = default) => database.ReadAsync(session => session.GetAsync<bool>(HasAny, token: token), token);

    /// <summary>How many recovery codes a person has left.</summary>
    public Task<int> RecoveryCodesLeftAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<int>(CountRecoveryCodes, new StaffStore.ById(id), token), token);

    /// <summary>A page of staff by e-mail.</summary>
    /// <param name="after">The page begins after this e-mail; null for the first page.</param>
    /// <param name="before">The page ends before this e-mail, and goes before <paramref name="after"/>.</param>
    /// <param name="take">Rows of a page.</param>
    /// <param name="token">To stop waiting.</param>
    public Task<KeyedPage<StaffMember>> ListAsync(string? after, string? before, int take, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            if (before is not null)
            {
                var earlier = await session.ListAsync<StaffMember>(ListBefore, new FromEmail(before, 0, take + 1), token).ConfigureAwait(false);
                if (KeyedPage.Before(earlier, take) is { } page)
                    return page;
                after = null;
            }
            var later = await session.ListAsync<StaffMember>(ListAfter, new FromEmail(after ?? "", 0, take + 1), token).ConfigureAwait(false);
            return KeyedPage.After(later, take, isFirst: after is null);
        }, token);

    /// <summary>Which e-mail.</summary>
    public sealed record ByEmail(string Email);

    /// <summary>Sessions of a person that began after an instant.</summary>
    public sealed record SessionsAfter(Guid StaffId, DateTime StartedAt);

    /// <summary>People of these roles.</summary>
    public sealed record OfRoles(IReadOnlyList<string> Roles);

    /// <summary>Before or after an e-mail.</summary>
    public sealed record FromEmail(string Email, int Skip, int Take) : IPaged;

    /// <summary>By e-mail.</summary>
    public static readonly Sql<ByEmail> ReadByEmail = new($"SELECT {StaffMember.Columns} FROM Staff WHERE Email = @Email");

    /// <summary>Those of some roles: the staff of a shop, few.</summary>
    public static readonly Sql<OfRoles> ListOfRoles = new("SELECT Email, Name FROM Staff WHERE DisabledAt IS NULL AND Role IN @Roles ORDER BY Email");

    /// <summary>A session with its person.</summary>
    public static readonly Sql<StaffStore.ById> ReadSession = new("""
        SELECT x.Id, x.StaffId, x.StartedAt, x.ConfirmedAt, x.EndedAt, s.Email, s.Name, s.Role, s.SecurityStamp, s.DisabledAt,
            CASE WHEN s.PasswordUntil IS NULL THEN 0 ELSE 1 END AS HasPasswordToReplace, CASE WHEN s.TotpCipher IS NULL THEN 0 ELSE 1 END AS HasTotp
        FROM StaffSessions x
        JOIN Staff s ON s.Id = x.StaffId
        WHERE x.Id = @Id
        """);

    /// <summary>Those of one person: few.</summary>
    public static readonly Sql<SessionsAfter> ListSessions = new("""
        SELECT Id, StartedAt, ConfirmedAt
        FROM StaffSessions
        WHERE StaffId = @StaffId AND EndedAt IS NULL AND StartedAt > @StartedAt
        ORDER BY StartedAt DESC, Id DESC
        """);

    /// <summary>Whether there is a row.</summary>
    public static readonly Sql HasAny = new("SELECT CASE WHEN EXISTS (SELECT 1 FROM Staff) THEN 1 ELSE 0 END");

    /// <summary>Those not used.</summary>
    public static readonly Sql<StaffStore.ById> CountRecoveryCodes = new("SELECT COUNT(*) FROM StaffRecoveryCodes WHERE StaffId = @Id AND UsedAt IS NULL");

    /// <summary>In order.</summary>
    public static readonly Sql<FromEmail> ListAfter = new($$"""
        SELECT {{StaffMember.Columns}}
        FROM Staff
        WHERE Email > @Email
        ORDER BY Email
        {page}
        """);

    /// <summary>From the end.</summary>
    public static readonly Sql<FromEmail> ListBefore = new($$"""
        SELECT {{StaffMember.Columns}}
        FROM Staff
        WHERE Email < @Email
        ORDER BY Email DESC
        {page}
        """);
}

/// <summary>A session as its person sees it. Instants are UTC.</summary>
public sealed class OwnSession
{
    /// <summary>The session's id.</summary>
    public Guid Id { get; init; }

    /// <summary>When the person signed in.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>When the person last gave the password in it.</summary>
    public DateTime ConfirmedAt { get; init; }
}

/// <summary>Somebody to whom work can be given.</summary>
public sealed class Colleague
{
    /// <summary>The canonical e-mail.</summary>
    public string Email { get; init; } = "";

    /// <summary>What colleagues call the person; may be empty.</summary>
    public string Name { get; init; } = "";
}
