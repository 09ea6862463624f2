using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using Microsoft.AspNetCore.Identity;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Staff;

/// <summary>What is done to staff, by the pages and the command line alike. What cannot be done is thrown as a refusal.</summary>
public sealed class StaffDesk(
    UserManager<StaffMember> users, IPasswordHasher<StaffMember> hasher, StaffQueries queries, StaffStore store, SignInTries tries, VaultOfSecrets vault, TimeProvider clock)
{
    /// <summary>How long a password that was given out can be used.</summary>
    public static readonly TimeSpan OneTimePasswordHolds = TimeSpan.FromHours(72);

    private const int LongestName = 100;

    /// <summary>Adds a person. Without a password a one-time one is made, which has to be replaced at the first sign-in.</summary>
    /// <returns>The one-time password; null when one was given.</returns>
    /// <exception cref="RefusedException">The e-mail, the name, the role or the password cannot be taken, or the e-mail has an account.</exception>
    public async Task<string?> AddAsync(string email, string name, string role, string? password, string by)
    {
        var canonical = EmailAddress.Canonical(email);
        if (!EmailAddress.IsOne(canonical))
            throw new RefusedException(new Refusal("EmailUnreadable", "email"));
        if (Roles.Of(role) is null)
            throw new RefusedException(new Refusal("RoleUnknown", "role", string.Join(", ", Roles.Words)));
        var called = name.Trim() is { Length: > 0 } given ? given : canonical.Split('@')[0];
        if (called.Length > LongestName || called.Any(char.IsControl))
            throw new RefusedException(new Refusal("NameUnusable", "name", LongestName.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        if (password is not null && PasswordRules.Check(password, canonical) is { } refusal)
            throw new RefusedException(refusal);
        var oneTime = password is null ? OneTimeWords.New() : null;
        var member = new StaffMember { Email = canonical, Name = called, Role = role, PasswordUntil = oneTime is null ? null : Until(), Act = new StaffAct(by, AuditActions.StaffAdded) };
        var result = await users.CreateAsync(member, password ?? oneTime!).ConfigureAwait(false);
        return result.Succeeded ? oneTime : throw new RefusedException(new Refusal("EmailTaken", "email", canonical));
    }

    /// <summary>Gives another role; ends the person's sessions.</summary>
    public Task ChangeRoleAsync(Guid id, string role, string? reason, string by)
    {
        if (Roles.Of(role) is null)
            throw new RefusedException(new Refusal("RoleUnknown", "role", string.Join(", ", Roles.Words)));
        return ChangeAsync(id, member => member.Role = role, new StaffAct(by, AuditActions.StaffRoleChanged, reason));
    }

    /// <summary>Ends the person's sessions and lets the person sign in no more.</summary>
    public Task DisableAsync(Guid id, string? reason, string by) =>
        ChangeAsync(id, member => member.DisabledAt ??= clock.UtcNow(), new StaffAct(by, AuditActions.StaffDisabled, reason));

    public Task EnableAsync(Guid id, string? reason, string by) => ChangeAsync(id, member => member.DisabledAt = null, new StaffAct(by, AuditActions.StaffEnabled, reason));

    /// <summary>For who forgot the password or lost the phone: a new one-time password, no codes, no sessions, no pause.</summary>
    /// <returns>The one-time password.</returns>
    public async Task<string> ResetAsync(Guid id, string? reason, string by)
    {
        var member = await RequireAsync(id, by, AuditActions.StaffReset).ConfigureAwait(false);
        var oneTime = OneTimeWords.New();
        member.PasswordHash = hasher.HashPassword(member, oneTime);
        member.PasswordUntil = Until();
        member.SecurityStamp = NewStamp();
        (member.TotpCipher, member.TotpKeyName, member.TotpStep) = (null, null, null);
        member.Act = new StaffAct(by, AuditActions.StaffReset, reason);
        Require(await store.UpdateWithCodesAsync(member, []).ConfigureAwait(false));
        await tries.ForgiveAsync(member.Email).ConfigureAwait(false);
        return oneTime;
    }

    /// <summary>The person's own choice; the other sessions end.</summary>
    /// <returns>The new security stamp.</returns>
    public async Task<string> ChoosePasswordAsync(StaffMember member, string password, Guid session)
    {
        if (PasswordRules.Check(password, member.Email) is { } refusal)
            throw new RefusedException(refusal with { Field = "new_password" });
        if (hasher.VerifyHashedPassword(member, member.PasswordHash, password) != PasswordVerificationResult.Failed)
            throw new RefusedException(new Refusal("PasswordSame", "new_password"));
        member.PasswordHash = hasher.HashPassword(member, password);
        member.PasswordUntil = null;
        member.SecurityStamp = NewStamp();
        member.Act = new StaffAct(member.Email, AuditActions.PasswordChanged, null, session);
        Require(await store.UpdateAsync(member).ConfigureAwait(false));
        return member.SecurityStamp;
    }

    /// <summary>Sets up codes with a secret whose first code was right; the other sessions end.</summary>
    /// <returns>The new security stamp, and the recovery codes to be shown once.</returns>
    public async Task<(string Stamp, IReadOnlyList<string> RecoveryCodes)> SetUpTotpAsync(StaffMember member, string secret, string code, Guid session)
    {
        var step = TotpCodes.StepOf(secret, code, clock.UtcNow()) ?? throw new RefusedException(new Refusal("CodeWrong", "code"));
        if (step <= member.TotpStep)
            throw new RefusedException(new Refusal("CodeWrong", "code")); // the same form once more
        var sealer = await vault.SealerAsync(clock.UtcNow()).ConfigureAwait(false);
        member.TotpCipher = sealer.Seal(secret, StaffMember.TotpPlace, member.Id);
        member.TotpKeyName = sealer.KeyName;
        member.TotpStep = step;
        member.SecurityStamp = NewStamp();
        return (member.SecurityStamp, await ReplaceCodesAsync(member, new StaffAct(member.Email, AuditActions.TotpSetUp, null, session)).ConfigureAwait(false));
    }

    /// <summary>The codes before are nothing any more, and the other sessions end.</summary>
    /// <returns>The new security stamp, and the recovery codes to be shown once.</returns>
    public async Task<(string Stamp, IReadOnlyList<string> RecoveryCodes)> NewRecoveryCodesAsync(StaffMember member, Guid session)
    {
        if (!member.HasTotp)
            throw new RefusedException(new Refusal("NoTotp", ""));
        member.SecurityStamp = NewStamp();
        return (member.SecurityStamp, await ReplaceCodesAsync(member, new StaffAct(member.Email, AuditActions.RecoveryCodesMade, null, session)).ConfigureAwait(false));
    }

    /// <summary>No code is asked for any more; the other sessions end.</summary>
    /// <returns>The new security stamp.</returns>
    public async Task<string> RemoveTotpAsync(StaffMember member, Guid session)
    {
        (member.TotpCipher, member.TotpKeyName, member.TotpStep) = (null, null, null);
        member.SecurityStamp = NewStamp();
        member.Act = new StaffAct(member.Email, AuditActions.TotpRemoved, null, session);
        Require(await store.UpdateWithCodesAsync(member, []).ConfigureAwait(false));
        return member.SecurityStamp;
    }

    private async Task<IReadOnlyList<string>> ReplaceCodesAsync(StaffMember member, StaffAct act)
    {
        var codes = OneTimeWords.NewRecoveryCodes();
        member.Act = act;
        Require(await store.UpdateWithCodesAsync(member, [.. codes.Select(OneTimeWords.Hash)]).ConfigureAwait(false));
        return codes;
    }

    private async Task ChangeAsync(Guid id, Action<StaffMember> change, StaffAct act)
    {
        var member = await RequireAsync(id, act.By, act.Action).ConfigureAwait(false);
        var (role, disabledAt) = (member.Role, member.DisabledAt);
        change(member);
        Require((member.Role, member.DisabledAt) != (role, disabledAt)); // it is so already: the same form once more, or somebody else was first
        member.SecurityStamp = NewStamp();
        member.Act = act;
        Require(await store.UpdateAsync(member).ConfigureAwait(false));
    }

    private async Task<StaffMember> RequireAsync(Guid id, string by, string action)
    {
        var member = await queries.FindAsync(id).ConfigureAwait(false) ?? throw new RefusedException(new Refusal("NoSuchPerson", ""));
        // Who disables or demotes the own account shuts the door from outside.
        return member.Email == by && action != AuditActions.StaffEnabled ? throw new RefusedException(new Refusal("OwnAccount", "")) : member;
    }

    private DateTime Until() => clock.UtcNow() + OneTimePasswordHolds;

    private static string NewStamp() => OneTimeWords.New();

    private static void Require(bool written)
    {
        if (!written)
            throw new RefusedException(new Refusal("PersonChanged", ""));
    }
}
