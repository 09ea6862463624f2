using System.Diagnostics;
using System.Globalization;
using BackOffice.Data.Backups;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Jobs;
using BackOffice.Web.Tests.CommandLine;
using BackOffice.Web.Tests.Kills;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Web.Tests.Backups;

/// <summary>A copy of a shop that runs, and the way back, as an operator goes it.</summary>
public sealed class BackupTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_taken_while_writers_write_restores_to_a_shop_that_reconciles_to_the_same_bytes_and_opens_its_secrets()
    {
        using var shop = ShopFolder.Migrated();
        using var lost = ShopFolder.Empty();
        var files = new DemoFiles(shop, 3_000);
        foreach (var (kind, file) in new[] { ("orders", files.Orders), ("creem", files.Transactions), ("deliveries", files.Deliveries) })
            (await Worker.RunAsync(shop, "import", kind, file)).IsDone();
        var known = DateTime.UnixEpoch.AddMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var before = await ReconcileAsync(shop, known);
        var (copies, keys) = (Folder(shop, "copies"), Folder(shop, "ring"));

        var (written, longest) = await BackUpUnderWritersAsync(shop, copies, keys);

        Assert.InRange(written, 5, int.MaxValue);
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        var audit = (await Worker.RunAsync(lost, "restore", "--from", copies, "--keys-from", keys, "--json")).IsDone().Json().GetProperty("audit");
        Assert.True(audit.GetProperty("whole").GetBoolean());
        (await Worker.RunAsync(lost, "doctor")).IsDone();
        // The trail of the restored shop passes through the end of the lost one's, and the imports are on record in it.
        Assert.True(ShopRows.Count(lost, "SELECT COUNT(*) FROM AuditEntries") >= 3);
        (await Worker.RunAsync(lost, "audit", "verify", "--head", audit.GetProperty("head").GetString()!)).IsDone();
        Assert.Equal(ShopRows.Hashes(shop, ShopRows.FactTables), ShopRows.Hashes(lost, ShopRows.FactTables));
        Assert.Equal("ok", Assert.Single(ShopRows.Of(lost, "PRAGMA integrity_check")));
        Assert.Equal("wal", Assert.Single(ShopRows.Of(lost, "PRAGMA journal_mode")));
        // What was written since the snapshot is not in it, what was written before is: a copy of one instant.
        Assert.InRange(ShopRows.Count(lost, "SELECT COUNT(*) FROM JobRuns"), 1, ShopRows.Count(shop, "SELECT COUNT(*) FROM JobRuns"));
        Assert.Equal(before, await ReconcileAsync(lost, known));
        await AssertSecretsOpenAsync(lost);
    }

    [Fact]
    public async Task A_restore_keeps_the_present_database_and_refuses_a_shop_that_runs()
    {
        using var shop = ShopFolder.Migrated();
        var copies = Folder(shop, "copies");
        (await Worker.RunAsync(shop, "backup", "--to", copies)).IsDone();
        await using (var services = shop.Services())
        {
            await services.GetRequiredService<JobRunStore>().AddAsync("later", "1", Token);
            (await Worker.RunAsync(shop, "restore", "--from", copies)).IsRefused("is running", "Nothing was changed");
            await services.GetRequiredService<Database>().DisposeAsync();
            SqliteConnection.ClearAllPools();
        }
        using (var shell = new SqliteConnection($"Data Source={shop.DatabaseFile};Pooling=False"))
        {
            shell.Open();
            using var command = shell.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM JobRuns";
            command.ExecuteScalar();
            (await Worker.RunAsync(shop, "restore", "--from", copies)).IsRefused("is running");
        }
        Assert.Equal(1, ShopRows.Count(shop, "SELECT COUNT(*) FROM JobRuns"));

        var aside = (await Worker.RunAsync(shop, "restore", "--from", copies, "--json")).IsDone().Json().GetProperty("kept_aside").GetString()!;

        Assert.Equal(0, ShopRows.Count(shop, "SELECT COUNT(*) FROM JobRuns"));
        File.Move(aside, shop.DatabaseFile, overwrite: true);
        Assert.Equal(1, ShopRows.Count(shop, "SELECT COUNT(*) FROM JobRuns"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(shop.Path, "*.restoring*"));
    }

    [Fact]
    public async Task A_damaged_or_newer_copy_a_missing_folder_and_a_full_disk_are_told_in_one_line_and_change_nothing()
    {
        using var shop = ShopFolder.Migrated();
        var copies = Folder(shop, "copies");
        (await Worker.RunAsync(shop, "backup", "--to", Path.Combine(shop.Path, "nowhere"))).IsRefused("nowhere");
        (await Worker.RunAsync(shop, "restore", "--from", copies)).IsRefused("no whole copy");
        if (OperatingSystem.IsLinux())
        {
            var answer = await Worker.RunCommandAsync(
                shop, "bash", "-c", $"trap '' XFSZ; ulimit -f 100; DOTNET_EnableWriteXorExecute=0 exec '{Worker.Dotnet}' '{Worker.Program}' backup --to '{copies}'");
            answer.IsRefused("could not be written");
            Assert.Empty(Directory.EnumerateDirectories(copies));
        }
        (await Worker.RunAsync(shop, "backup", "--to", copies)).IsDone();
        var copy = Assert.Single(BackupShelf.Copies(copies)).Path;
        var manifest = Path.Combine(copy, BackupManifest.FileName);
        var text = await File.ReadAllTextAsync(manifest, Token);
        var ring = Directory.GetFiles(Path.Combine(shop.Path, "keys"));

        await File.WriteAllTextAsync(manifest, text.Replace("V0001__", "V9001__", StringComparison.Ordinal), Token);
        (await Worker.RunAsync(shop, "restore", "--from", copies)).IsRefused("newer program");
        await File.WriteAllTextAsync(manifest, text, Token);
        await using (var database = new FileStream(Path.Combine(copy, "backoffice.db"), FileMode.Open))
        {
            database.Position = database.Length / 2;
            database.WriteByte((byte)(database.ReadByte() ^ 1));
        }
        (await Worker.RunAsync(shop, "restore", "--from", copies)).IsRefused("damaged", "Nothing was changed");

        Assert.Equal(ring, Directory.GetFiles(Path.Combine(shop.Path, "keys")));
        Assert.Empty(Directory.EnumerateFiles(shop.Path, "*.before-*"));
    }

    [Fact]
    public async Task A_killed_backup_leaves_nothing_that_looks_whole_and_a_killed_restore_leaves_the_old_shop_or_the_new()
    {
        using var shop = ShopFolder.Migrated();
        var copies = Folder(shop, "copies");
        (await Worker.RunAsync(shop, "import", "orders", new DemoFiles(shop, 4_000).Orders)).IsDone();
        var full = ShopRows.Count(shop, "SELECT COUNT(*) FROM Orders");
        foreach (var milliseconds in new[] { 0, 5, 20, 60 })
        {
            await KillAsync(shop, ["backup", "--to", copies], () => Directory.EnumerateDirectories(copies, ".backup-*").Any(), milliseconds);
            foreach (var (path, _) in BackupShelf.Copies(copies))
                await AssertWholeAsync(path);
        }
        (await Worker.RunAsync(shop, "backup", "--to", copies)).IsDone();
        Assert.Empty(Directory.EnumerateDirectories(copies, ".*"));

        foreach (var milliseconds in new[] { 0, 20, 60, 120, 250 })
        {
            using (var connection = new SqliteConnection($"Data Source={shop.DatabaseFile};Pooling=False"))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "DELETE FROM JobRuns; INSERT INTO JobRuns (Id, Job, Argument, Status, RowsDone, Attempts) VALUES (zeroblob(16), 'mark', 'old', 'done', 0, 0)";
                command.ExecuteNonQuery();
            }
            await KillAsync(shop, ["restore", "--from", copies], () => File.Exists(shop.DatabaseFile + ".restoring"), milliseconds);
            Assert.Equal(full, ShopRows.Count(shop, "SELECT COUNT(*) FROM Orders"));
            Assert.InRange(ShopRows.Count(shop, "SELECT COUNT(*) FROM JobRuns WHERE Job = 'mark'"), 0, 1);
            Assert.Equal("ok", Assert.Single(ShopRows.Of(shop, "PRAGMA integrity_check")));
        }
        (await Worker.RunAsync(shop, "restore", "--from", copies)).IsDone();
        Assert.Equal(0, ShopRows.Count(shop, "SELECT COUNT(*) FROM JobRuns WHERE Job = 'mark'"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(shop.Path, "*.restoring*"));
    }

    [Fact]
    public async Task The_nightly_backup_keeps_as_many_copies_as_the_setting_says()
    {
        using var shop = ShopFolder.Migrated();
        await using var services = shop.Services(null, ("Backup:Keep", "2"), ("Schedule:NightlyBackup", "00:00"));
        var taken = new List<Guid>();
        foreach (var day in new[] { "2026-11-01", "2026-11-02", "2026-11-03" })
        {
            var id = await services.GetRequiredService<JobRunStore>().AddAsync(Jobs.Backups.BackupNight.JobName, day, Token);
            await services.GetRequiredService<Jobs.Nights.NightlyJob>().RunAsync(id!.Value, Token);
            var night = await services.GetRequiredService<JobRunStore>().GetAsync(id.Value, Token);
            Assert.Equal("done", night.Status);
            Assert.True(night.RowsDone > 0);
        }
        var folder = services.GetRequiredService<Settings>().Backup.Directory;
        Assert.Equal(2, BackupShelf.Copies(folder).Count);
        Assert.Equal(2, Directory.EnumerateDirectories(folder, "keys-*").Count());
        await services.GetRequiredService<Database>().DisposeAsync();
    }

    private static async Task<(int Written, TimeSpan Longest)> BackUpUnderWritersAsync(ShopFolder shop, string copies, string keys)
    {
        await using var services = shop.Services();
        var store = services.GetRequiredService<JobRunStore>();
        var written = 0;
        var longest = TimeSpan.Zero;
        using var stop = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        var writer = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var begun = Stopwatch.GetTimestamp();
                await store.AddAsync("writer", (++written).ToString(CultureInfo.InvariantCulture), Token);
                longest = Stopwatch.GetElapsedTime(begun) is var took && took > longest ? took : longest;
                started.TrySetResult();
            }
        }, Token);
        await started.Task;
        await services.GetRequiredService<ShopBackup>().TakeAsync(copies, keys, Token);
        await stop.CancelAsync();
        await writer;
        await services.GetRequiredService<Database>().DisposeAsync();
        return (written, longest);
    }

    private static async Task AssertSecretsOpenAsync(ShopFolder folder)
    {
        await using var services = folder.Services();
        var vault = services.GetRequiredService<VaultOfSecrets>();
        using var connection = new SqliteConnection($"Data Source={folder.DatabaseFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT Id, KeyName, Cipher, LastFour FROM Deliveries LIMIT 50";
        using var reader = command.ExecuteReader();
        var opened = 0;
        while (reader.Read())
        {
            var secret = await vault.OpenAsync(reader.GetString(1), (byte[])reader[2], Data.Orders.DeliveryIntake.SecretPlace, new Guid((byte[])reader[0], bigEndian: true), Token);
            Assert.EndsWith(reader.GetString(3), secret, StringComparison.OrdinalIgnoreCase);
            opened++;
        }
        Assert.Equal(50, opened);
        await services.GetRequiredService<Database>().DisposeAsync();
    }

    private static async Task AssertWholeAsync(string copy)
    {
        var manifest = await BackupManifest.ReadAsync(copy, Token);
        var content = await File.ReadAllBytesAsync(Path.Combine(copy, manifest.Database.Name), Token);
        Assert.Equal(manifest.Database.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
    }

    private static async Task KillAsync(ShopFolder folder, string[] verb, Func<bool> begun, int milliseconds)
    {
        using var worker = Worker.Start(folder, verb);
        while (!worker.HasEnded && !begun())
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, Token);
        if (!worker.HasEnded)
            await worker.KillAsync();
    }

    private static async Task<byte[]> ReconcileAsync(ShopFolder folder, string known)
    {
        var output = Path.Combine(folder.Path, "findings.json");
        (await Worker.RunAsync(folder, "reconcile", "--from", "2026-03-01", "--until", "2026-06-01", "--as-of", "2026-06-02T00:00:00Z", "--known-as-of", known, "--out", output)).IsDone();
        return await File.ReadAllBytesAsync(output, Token);
    }

    private static string Folder(ShopFolder shop, string name) => Directory.CreateDirectory(Path.Combine(shop.Path, name)).FullName;
}
