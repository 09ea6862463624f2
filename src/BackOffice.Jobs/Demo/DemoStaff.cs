using BackOffice.Data.Staff;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Staff;

namespace BackOffice.Jobs.Demo;

/// <summary>
/// Three people to look around as, in Development only: made once in a shop that has no staff, with a password of their own that lies in a file beside the
/// database, so that the sign-in page can show it.
/// </summary>
public sealed class DemoStaff(StaffQueries queries, StaffDesk desk, Settings settings)
{
    private const string Domain = "demo.example";

    private string PasswordFile => Path.Combine(settings.DataDirectory, "demo-sign-in.txt");

    public static IReadOnlyList<string> Emails { get; } = [.. Roles.Words.Select(role => $"{role}@{Domain}").Reverse()];

    /// <summary>The password of all three; null when this shop has no demo staff.</summary>
    public string? Password => File.Exists(PasswordFile) ? File.ReadAllText(PasswordFile).Trim() : null;

    public async Task AddAsync(CancellationToken token)
    {
        if (await queries.AnyAsync(token).ConfigureAwait(false))
            return;
        // The file first: who was added without it could not be told the password.
        var password = OneTimeWords.New().ToLowerInvariant();
        await File.WriteAllTextAsync(PasswordFile, password, token).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(PasswordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var role in Roles.Words)
            await desk.AddAsync($"{role}@{Domain}", "", role, password, "system").ConfigureAwait(false);
    }
}
