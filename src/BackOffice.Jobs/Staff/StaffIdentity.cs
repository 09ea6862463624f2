using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Jobs.Staff;

/// <summary>ASP.NET Core Identity over our own rows: it hashes and compares passwords, applies the rules and makes security stamps (decision 0011).</summary>
public static class StaffIdentity
{
    // OWASP's figure for PBKDF2 with SHA-512.
    private const int Rounds = 210_000;

    public static void Add(IServiceCollection services)
    {
        services.AddIdentityCore<StaffMember>(identity =>
        {
            // Ours come from PasswordRules; those of the framework ask for composition.
            identity.Password = new PasswordOptions { RequiredLength = 1, RequiredUniqueChars = 0, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false };
            identity.User.AllowedUserNameCharacters = ""; // EmailAddress judges them
        }).AddUserStore<StaffIdentityStore>().AddPasswordValidator<StaffPasswordValidator>();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = Rounds);
    }
}

/// <summary>Identity's store: it changes the member in memory, and <see cref="StaffStore"/> writes it with its act.</summary>
public sealed class StaffIdentityStore(StaffStore store, StaffQueries queries) : IUserPasswordStore<StaffMember>, IUserSecurityStampStore<StaffMember>
{
    private static readonly IdentityError Taken = new() { Code = "EmailTaken" };
    private static readonly IdentityError Changed = new() { Code = nameof(IdentityErrorDescriber.ConcurrencyFailure) };

    public async Task<IdentityResult> CreateAsync(StaffMember user, CancellationToken cancellationToken) =>
        await store.AddAsync(user, cancellationToken).ConfigureAwait(false) ? IdentityResult.Success : IdentityResult.Failed(Taken);

    public async Task<IdentityResult> UpdateAsync(StaffMember user, CancellationToken cancellationToken) =>
        await store.UpdateAsync(user, cancellationToken).ConfigureAwait(false) ? IdentityResult.Success : IdentityResult.Failed(Changed);

    public Task<IdentityResult> DeleteAsync(StaffMember user, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Who once acted stays: staff are disabled, never deleted.");

    public Task<StaffMember?> FindByIdAsync(string userId, CancellationToken cancellationToken) => queries.FindAsync(Guid.ParseExact(userId, "N"), cancellationToken);

    public Task<StaffMember?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => queries.FindAsync(EmailAddress.Canonical(normalizedUserName), cancellationToken);

    public Task<string> GetUserIdAsync(StaffMember user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString("N"));

    public Task<string?> GetUserNameAsync(StaffMember user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task SetUserNameAsync(StaffMember user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException("An e-mail is not changed: rows name it.");

    public Task<string?> GetNormalizedUserNameAsync(StaffMember user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task SetNormalizedUserNameAsync(StaffMember user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string?> GetPasswordHashAsync(StaffMember user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.PasswordHash);

    public Task SetPasswordHashAsync(StaffMember user, string? passwordHash, CancellationToken cancellationToken)
    {
        user.PasswordHash = passwordHash ?? throw new ArgumentNullException(nameof(passwordHash));
        return Task.CompletedTask;
    }

    public Task<bool> HasPasswordAsync(StaffMember user, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<string?> GetSecurityStampAsync(StaffMember user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.SecurityStamp);

    public Task SetSecurityStampAsync(StaffMember user, string stamp, CancellationToken cancellationToken)
    {
        user.SecurityStamp = stamp;
        return Task.CompletedTask;
    }

    public void Dispose()
    {
    }
}

/// <summary>Our rules in Identity's form; the caller asks <see cref="PasswordRules"/> first, to say which one.</summary>
public sealed class StaffPasswordValidator : IPasswordValidator<StaffMember>
{
    public Task<IdentityResult> ValidateAsync(UserManager<StaffMember> manager, StaffMember user, string? password) => Task.FromResult(
        PasswordRules.Check(password ?? "", user.Email) is { } refusal ? IdentityResult.Failed(new IdentityError { Code = refusal.Code }) : IdentityResult.Success);
}
