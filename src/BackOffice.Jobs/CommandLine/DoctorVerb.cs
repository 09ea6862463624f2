using System.CommandLine;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>doctor</c>: says whether everything the program needs is there, and what to do where it is not. Changes nothing.</summary>
internal static class DoctorVerb
{
    private sealed record Finding(string Check, string State, string Says);

    public static Command Command(SharedOptions shared)
    {
        var command = new Command("doctor", "Check settings, database, key ring and disk.");
        command.SetAction(async (parsed, token) =>
        {
            await using var office = Office.Build();
            var findings = new List<Finding> { Understood(office.Get<Settings>()) };
            findings.Add(await DatabaseAsync(office, token).ConfigureAwait(false));
            var hasDatabase = findings[^1].State == "ok";
            if (hasDatabase)
                findings.Add(await EngineAsync(office, token).ConfigureAwait(false));
            findings.Add(KeyRing(office.Get<Settings>()));
            // Asked only of a ring that is there: to open anything with an empty one would make a new key in it.
            if (hasDatabase && findings[^1].State != "fail")
                findings.Add(await VaultAsync(office, token).ConfigureAwait(false));
            findings.Add(Disk(office.Get<Settings>()));
            var sentence = string.Join(Environment.NewLine, findings.Select(finding => $"{finding.State,-5} {finding.Check}: {finding.Says}"));
            shared.Answer(parsed, findings, sentence);
            return findings.Exists(finding => finding.State == "fail") ? 1 : 0;
        });
        return command;
    }

    private static Finding Understood(Settings settings) => settings.Unread.Count == 0
        ? new("settings", "ok", $"Provider {settings.Database.Provider}, business days in {settings.Business.Zone.Id}.")
        : new("settings", "warn", $"No setting of this program: {string.Join(", ", settings.Unread)}. Look for a slip in the name.");

    private static async Task<Finding> DatabaseAsync(Office office, CancellationToken token)
    {
        try
        {
            return await office.Get<Migrator>().StateAsync(token).ConfigureAwait(false) switch
            {
                SchemaState.Current => new("database", "ok", "There, and at this program's version."),
                SchemaState.Older => new("database", "fail", "Older than this program. Run migrate."),
                _ => new("database", "fail", "There is none. Run migrate."),
            };
        }
        catch (Exception failure)
        {
            return new("database", "fail", Trouble.Sentence(failure));
        }
    }

    private static async Task<Finding> EngineAsync(Office office, CancellationToken token)
    {
        if (office.Get<Settings>().Database.Provider == DatabaseProvider.SqlServer)
        {
            var snapshot = await office.Get<Database>().ReadAsync(session => session.GetAsync<bool>(ReadSnapshotSetting, token: token), token).ConfigureAwait(false);
            return snapshot
                ? new("engine", "ok", "READ_COMMITTED_SNAPSHOT is on.")
                : new("engine", "warn", "READ_COMMITTED_SNAPSHOT is off: readers wait for writers. ALTER DATABASE ... SET READ_COMMITTED_SNAPSHOT ON.");
        }
        var size = new FileInfo(office.Get<Settings>().Database.SqliteFile).Length;
        const long largeBytes = 20_000_000_000; // about 10 million orders with their payments and deliveries (DESIGN 1)
        return size < largeBytes
            ? new("engine", "ok", FormattableString.Invariant($"SQLite, {size / 1_000_000.0:0.0} MB."))
            : new("engine", "warn", FormattableString.Invariant($"SQLite, {size / 1_000_000_000} GB: about as large as one file should get. Plan the move to SQL Server."));
    }

    private static async Task<Finding> VaultAsync(Office office, CancellationToken token)
    {
        try
        {
            await office.Get<VaultOfSecrets>().RequireAsync(token).ConfigureAwait(false);
            return new("vault", "ok", "The key ring opens the vault's keys.");
        }
        catch (Exception failure)
        {
            return new("vault", "fail", Trouble.Sentence(failure));
        }
    }

    private static Finding KeyRing(Settings settings)
    {
        try
        {
            return KeyRingThere(settings);
        }
        catch (Exception failure)
        {
            return new("key ring", "fail", Trouble.Sentence(failure));
        }
    }

    private static Finding KeyRingThere(Settings settings)
    {
        if (!Directory.Exists(settings.KeyRing) || !Directory.EnumerateFiles(settings.KeyRing, "key-*.xml").Any())
            return new("key ring", "fail", $"{settings.KeyRing} is missing or holds no key. Run migrate for a new shop, or put the shop's key ring back.");
        var beside = settings.Database.Provider == DatabaseProvider.Sqlite
            && settings.KeyRing.StartsWith(Path.GetDirectoryName(settings.Database.SqliteFile)! + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return beside && !Office.IsDevelopment
            ? new("key ring", "warn", "It lies in the folder of the database: who takes one takes both. Set Vault:KeyRing to another disk.")
            : new("key ring", "ok", settings.KeyRing);
    }

    private static Finding Disk(Settings settings)
    {
        try
        {
            var there = settings.DataDirectory;
            while (!Directory.Exists(there))
                there = Path.GetDirectoryName(there)!;
            var free = new DriveInfo(there).AvailableFreeSpace;
            return free > 1_000_000_000
                ? new("disk", "ok", FormattableString.Invariant($"{free / 1_000_000_000} GB free at {settings.DataDirectory}."))
                : new("disk", "warn", FormattableString.Invariant($"Only {free / 1_000_000} MB free at {settings.DataDirectory}."));
        }
        catch (Exception failure)
        {
            return new("disk", "fail", Trouble.Sentence(failure));
        }
    }

    /// <summary>Whether readers wait for writers (two-engines 5).</summary>
    public static readonly Sql ReadSnapshotSetting = new("SELECT is_read_committed_snapshot_on FROM sys.databases WHERE database_id = DB_ID()");
}
