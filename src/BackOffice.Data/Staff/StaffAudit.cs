namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A person was added.</summary>
    public const string StaffAdded = "staff.added";

    /// <summary>A person got another role.</summary>
    public const string StaffRoleChanged = "staff.role_changed";

    /// <summary>A person cannot sign in any more.</summary>
    public const string StaffDisabled = "staff.disabled";

    /// <summary>A person can sign in again.</summary>
    public const string StaffEnabled = "staff.enabled";

    /// <summary>A person was given a new one-time password, and the codes were taken away.</summary>
    public const string StaffReset = "staff.reset";

    /// <summary>A person chose another password.</summary>
    public const string PasswordChanged = "staff.password_changed";

    /// <summary>A person set up codes.</summary>
    public const string TotpSetUp = "staff.totp_set_up";

    /// <summary>A person asks for codes no more.</summary>
    public const string TotpRemoved = "staff.totp_removed";

    /// <summary>A person made new recovery codes.</summary>
    public const string RecoveryCodesMade = "staff.recovery_codes_made";

    /// <summary>A person signed in with a recovery code.</summary>
    public const string RecoveryCodeUsed = "staff.recovery_code_used";

    /// <summary>A person signed in.</summary>
    public const string SignedIn = "staff.signed_in";

    /// <summary>A person signed out.</summary>
    public const string SignedOut = "staff.signed_out";

    /// <summary>A person ended sessions begun elsewhere.</summary>
    public const string SessionsEnded = "staff.sessions_ended";

    /// <summary>Too many tries: an account was paused.</summary>
    public const string SignInPaused = "staff.sign_in_paused";
}
