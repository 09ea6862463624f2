using BackOffice.Domain.Access;

namespace BackOffice.Data.Staff;

/// <summary>A member of staff as the row keeps it. Identity sets what it manages; what is changed is written by <see cref="StaffStore"/>. Instants are UTC.</summary>
public sealed class StaffMember
{
    internal const string Columns = "Id, Email, Name, Role, PasswordHash, PasswordUntil, SecurityStamp, TotpCipher, TotpKeyName, TotpStep, CreatedAt, DisabledAt, SignedInAt, Version";

    /// <summary>The row's id.</summary>
    public Guid Id { get; init; }

    /// <summary>Canonical, and never changed: rows that say who acted hold it.</summary>
    public string Email { get; init; } = "";

    /// <summary>What colleagues call the person.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>support</c>, <c>finance</c> or <c>admin</c>.</summary>
    public string Role { get; set; } = "";

    /// <summary>Identity's hash, with its salt and its number of rounds.</summary>
    public string PasswordHash { get; set; } = "";

    /// <summary>The password was given out and holds until then; null when the person chose it.</summary>
    public DateTime? PasswordUntil { get; set; }

    /// <summary>A new one ends all sessions.</summary>
    public string SecurityStamp { get; set; } = "";

    /// <summary>The secret of the codes, sealed; null when there are none.</summary>
    public byte[]? TotpCipher { get; set; }

    /// <summary>The data key that sealed it.</summary>
    public string? TotpKeyName { get; set; }

    /// <summary>The last time step of which a code was taken.</summary>
    public long? TotpStep { get; set; }

    /// <summary>When the person was added.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>Since when the person cannot sign in.</summary>
    public DateTime? DisabledAt { get; set; }

    /// <summary>The last sign-in.</summary>
    public DateTime? SignedInAt { get; init; }

    /// <summary>Counts changes: who comes second is refused.</summary>
    public long Version { get; init; }

    /// <summary>Whether a code is asked for beside the password.</summary>
    public bool HasTotp => TotpCipher is not null;

    /// <summary>The role as the table of DESIGN 8 knows it.</summary>
    public Role InRole => Roles.Of(Role) ?? throw new InvalidOperationException($"{Role} is no role.");

    /// <summary>Where the vault binds the secret of the codes to.</summary>
    public const string TotpPlace = "Staff.TotpCipher";

    /// <summary>What is being done to the row, for the audit trail; Identity's calls have no place for it.</summary>
    public StaffAct? Act { get; set; }
}

/// <summary>Why a row is changed, for the audit trail.</summary>
/// <param name="By">E-mail of who does it, or <c>system</c>.</param>
/// <param name="Action">One of the audit's actions.</param>
/// <param name="Reason">In the person's own words; null when none was asked for.</param>
/// <param name="KeptSession">The session in which it is done goes on; null when none does.</param>
public sealed record StaffAct(string By, string Action, string? Reason = null, Guid? KeptSession = null);

/// <summary>A session with whom it belongs to, as every request reads it. Instants are UTC.</summary>
public sealed class StaffSession
{
    /// <summary>The session's id, which its cookie names.</summary>
    public Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public Guid StaffId { get; init; }

    /// <summary>When the person signed in.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>When the person last gave the password.</summary>
    public DateTime ConfirmedAt { get; init; }

    /// <summary>When it ended; null while it goes on.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>Who acts.</summary>
    public string Email { get; init; } = "";

    /// <summary>What colleagues call the person.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>support</c>, <c>finance</c> or <c>admin</c>.</summary>
    public string Role { get; init; } = "";

    /// <summary>The stamp as it is now; the cookie holds the one it was made with.</summary>
    public string SecurityStamp { get; init; } = "";

    /// <summary>Since when the person cannot sign in.</summary>
    public DateTime? DisabledAt { get; init; }

    /// <summary>A password was given out and has to be replaced.</summary>
    public bool HasPasswordToReplace { get; init; }

    /// <summary>Whether a code is asked for beside the password.</summary>
    public bool HasTotp { get; init; }

    /// <summary>The role as the table of DESIGN 8 knows it.</summary>
    public Role InRole => Roles.Of(Role) ?? throw new InvalidOperationException($"{Role} is no role.");
}
