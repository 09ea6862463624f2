using BackOffice.Data.Engine;
using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using Microsoft.AspNetCore.Identity;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Staff;

/// <summary>How a try to sign in ended.</summary>
public enum TryOutcome
{
    /// <summary>What was given is not right; which part, nobody is told.</summary>
    Wrong,

    /// <summary>Nothing was compared: there were too many tries.</summary>
    Paused,

    /// <summary>It is right.</summary>
    Right,
}

/// <param name="Outcome">How it ended.</param>
/// <param name="Member">Who it is, when it is right.</param>
public sealed record TryAnswer(TryOutcome Outcome, StaffMember? Member = null)
{
    public static readonly TryAnswer Wrong = new(TryOutcome.Wrong);

    public static readonly TryAnswer Paused = new(TryOutcome.Paused);
}

/// <summary>Compares what people give to sign in. Every comparison costs a try, and accounts that do not exist cost the same work and say the same.</summary>
public sealed class SignInDesk(
    UserManager<StaffMember> users, IPasswordHasher<StaffMember> hasher, StaffQueries queries, StaffStore store, SignInTries tries, VaultOfSecrets vault, TimeProvider clock)
{
    private static readonly StaffMember Nobody = new();
    private static string? _hashOfNobody;

    /// <summary>The first step. A right password does not give the tries back yet: the code is still to come.</summary>
    public async Task<TryAnswer> TryPasswordAsync(string email, string password, string address)
    {
        var canonical = EmailAddress.Canonical(email);
        if (!await tries.TakeAsync(canonical, address).ConfigureAwait(false))
            return TryAnswer.Paused;
        var member = await queries.FindAsync(canonical).ConfigureAwait(false);
        var right = password.Length <= PasswordRules.Longest && await IsPasswordAsync(member, password).ConfigureAwait(false);
        if (right && MaySignIn(member!))
            return new TryAnswer(TryOutcome.Right, member);
        await tries.NoteFailureAsync(canonical, member is not null).ConfigureAwait(false);
        return TryAnswer.Wrong;
    }

    /// <summary>The second step, after the password: a code of the app, or a recovery code. Each is taken once.</summary>
    public async Task<TryAnswer> TryCodeAsync(StaffMember member, string code, bool isRecoveryCode, string address)
    {
        if (!await tries.TakeAsync(member.Email, address).ConfigureAwait(false))
            return TryAnswer.Paused;
        var right = isRecoveryCode ? await store.TakeRecoveryCodeAsync(member, OneTimeWords.Hash(code)).ConfigureAwait(false) : await IsCodeAsync(member, code).ConfigureAwait(false);
        if (right)
            return new TryAnswer(TryOutcome.Right, member);
        await tries.NoteFailureAsync(member.Email, exists: true).ConfigureAwait(false);
        return TryAnswer.Wrong;
    }

    /// <summary>The password once more, from who is signed in.</summary>
    public async Task<TryAnswer> ConfirmAsync(StaffSession session, string password, string address)
    {
        var answer = await TryPasswordAsync(session.Email, password, address).ConfigureAwait(false);
        if (answer.Outcome != TryOutcome.Right)
            return answer;
        await tries.ForgiveAsync(session.Email).ConfigureAwait(false);
        await tries.ReturnAsync(address).ConfigureAwait(false);
        await store.ConfirmSessionAsync(session.Id).ConfigureAwait(false);
        return answer;
    }

    /// <summary>Everything that was asked for was right: a session begins, and the tries are forgiven.</summary>
    public async Task<Guid> StartSessionAsync(StaffMember member, string address)
    {
        var session = await store.StartSessionAsync(member, SignInTries.OfAccount(member.Email)).ConfigureAwait(false);
        await tries.ReturnAsync(address).ConfigureAwait(false);
        return session;
    }

    /// <summary>Not disabled, and not with a password that was given out too long ago.</summary>
    public bool MaySignIn(StaffMember member) => member.DisabledAt is null && (member.PasswordUntil is not { } until || clock.UtcNow() < until);

    private async Task<bool> IsPasswordAsync(StaffMember? member, string password)
    {
        if (member is not null)
            return await users.CheckPasswordAsync(member, password).ConfigureAwait(false);
        _hashOfNobody ??= hasher.HashPassword(Nobody, OneTimeWords.New());
        hasher.VerifyHashedPassword(Nobody, _hashOfNobody, password);
        return false;
    }

    private async Task<bool> IsCodeAsync(StaffMember member, string code)
    {
        var secret = await vault.OpenAsync(member.TotpKeyName!, member.TotpCipher!, StaffMember.TotpPlace, member.Id).ConfigureAwait(false);
        return TotpCodes.StepOf(secret, code, clock.UtcNow()) is { } step && await store.TakeTotpStepAsync(member.Id, step).ConfigureAwait(false);
    }
}
