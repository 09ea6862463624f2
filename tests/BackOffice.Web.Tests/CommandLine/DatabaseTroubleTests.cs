using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace BackOffice.Web.Tests.CommandLine;

public sealed class DatabaseTroubleTests
{
    [Fact]
    public async Task A_database_that_is_missing_is_refused_and_not_made()
    {
        using var folder = ShopFolder.Empty();
        var file = Files.Orders(folder, 1);
        foreach (var verb in new[] { new[] { "import", "orders", file }, ["reconcile", "--from", "2026-10-01", "--until", "2026-11-01"], ["demo", "load"], ["work"] })
            (await Worker.RunAsync(folder, verb)).IsRefused("There is no database", "run migrate");
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task An_empty_file_is_no_database()
    {
        using var folder = ShopFolder.Empty();
        await File.WriteAllTextAsync(folder.DatabaseFile, "", TestContext.Current.CancellationToken);
        (await Worker.RunAsync(folder, "import", "orders", Files.Orders(folder, 1))).IsRefused("There is no database");
    }

    [Theory]
    [InlineData("import")]
    [InlineData("migrate")]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is(string verb)
    {
        using var folder = ShopFolder.Empty();
        var content = string.Concat(Enumerable.Repeat("order_no,package,units\n", 1000));
        await File.WriteAllTextAsync(folder.DatabaseFile, content, TestContext.Current.CancellationToken);
        string[] arguments = verb == "import" ? ["import", "orders", Files.Orders(folder, 1)] : [verb];
        (await Worker.RunAsync(folder, arguments)).IsRefused("not a SQLite database");
        Assert.Equal(content, await File.ReadAllTextAsync(folder.DatabaseFile, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("import")]
    [InlineData("migrate")]
    [InlineData("work")]
    public async Task A_database_of_a_newer_program_is_refused(string verb)
    {
        using var folder = ShopFolder.Migrated();
        Execute(folder, """
            INSERT INTO SchemaVersions (type, version, description, name, checksum, installed_by, installed_on, success)
            SELECT type, '9999', 'later', 'V9999__later.sql', checksum, installed_by, installed_on, success FROM SchemaVersions WHERE version = '0001'
            """);
        string[] arguments = verb == "import" ? ["import", "orders", Files.Orders(folder, 1)] : [verb];
        (await Worker.RunAsync(folder, arguments)).IsRefused("newer than this program", "V9999__later.sql");
    }

    [Fact]
    public async Task An_older_database_is_refused()
    {
        using var folder = ShopFolder.Migrated();
        Execute(folder, "DELETE FROM SchemaVersions WHERE id = (SELECT MAX(id) FROM SchemaVersions)");
        (await Worker.RunAsync(folder, "import", "orders", Files.Orders(folder, 1))).IsRefused("older than this program", "Run migrate");
    }

    [Fact]
    public async Task A_database_that_another_program_holds_is_waited_for_some_seconds_and_then_said_to_be_locked()
    {
        using var folder = ShopFolder.Migrated();
        await using var other = new SqliteConnection($"Data Source={folder.DatabaseFile};Pooling=False");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var hold = other.CreateCommand();
        hold.CommandText = "BEGIN EXCLUSIVE";
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        (await Worker.RunAsync(folder, "import", "orders", Files.Orders(folder, 1))).IsRefused("locked by another program");
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task A_database_that_is_let_go_within_that_time_is_written()
    {
        using var folder = ShopFolder.Migrated();
        await using var other = new SqliteConnection($"Data Source={folder.DatabaseFile};Pooling=False");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using (var transaction = other.BeginTransaction(deferred: false))
        {
            using var worker = Worker.Start(folder, "import", "orders", Files.Orders(folder, 1));
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            Assert.False(worker.HasEnded);
            await transaction.RollbackAsync(TestContext.Current.CancellationToken);
            (await worker.AnswerAsync()).IsDone();
        }
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_named_as_the_reason()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Rights are set with chmod here.");
            return;
        }
        using var folder = ShopFolder.Migrated();
        var file = Files.Orders(folder, 1);
        File.SetUnixFileMode(folder.Path, Environment.IsPrivilegedProcess ? Everyone : Everyone & ~UnixFileMode.UserWrite);
        var answer = await Worker.RunCommandAsync(folder, WithoutPrivilege(Worker.Dotnet, Worker.Program, "import", "orders", file));
        File.SetUnixFileMode(folder.Path, Everyone);
        answer.IsRefused("cannot be written", "read-only");
        Assert.Equal(0, ShopRows.Count(folder, "SELECT COUNT(*) FROM Imports"));
    }

    [Fact]
    public async Task Doctor_says_that_the_key_ring_may_not_be_read_and_all_the_rest()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Rights are set with chmod here.");
            return;
        }
        using var folder = ShopFolder.Migrated();
        var keys = Path.Combine(folder.Path, "keys");
        File.SetUnixFileMode(folder.Path, Everyone);
        File.SetUnixFileMode(keys, Environment.IsPrivilegedProcess ? UnixFileMode.UserRead : UnixFileMode.None);
        var answer = await Worker.RunCommandAsync(folder, WithoutPrivilege(Worker.Dotnet, Worker.Program, "doctor"));
        File.SetUnixFileMode(keys, Everyone);
        Assert.Equal((1, ""), (answer.Status, answer.Error));
        Assert.Contains($"fail  key ring: Access to the path '{keys}' is denied.", answer.Output);
        Assert.Contains("disk:", answer.Output);
    }

    private static string[] WithoutPrivilege(params string[] command)
    {
        if (!Environment.IsPrivilegedProcess)
            return command;
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "Root may do everything, and there is no setpriv to be somebody else.");
        return ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. command];
    }

    [Fact]
    public async Task A_full_disk_is_named_as_the_reason()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && await MayMountAsync(), "No small disk can be mounted here.");
        using var folder = ShopFolder.Migrated();
        var file = Files.Orders(folder, 20_000);
        var answer = await InNamespaceAsync(folder, $"""
            mkdir disk && mount -t tmpfs -o size=2m none disk && cp -r backoffice.db keys disk && cd disk && Data__Directory="$PWD" exec '{Worker.Dotnet}' '{Worker.Program}' import orders '{file}'
            """);
        answer.IsRefused("disk", "is full", "Free space");
    }

    [Fact]
    public async Task What_a_failing_disk_interrupted_is_finished_when_there_is_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The size of files is limited with ulimit here.");
        using var folder = ShopFolder.Migrated();
        var file = Files.Orders(folder, 10_000);
        // Without the execute protection the runtime does not need a large file of its own. A write beyond the limit fails, as it does on a broken disk.
        (await Worker.RunCommandAsync(folder, "bash", "-c", $"trap '' XFSZ; ulimit -f 1000; DOTNET_EnableWriteXorExecute=0 exec '{Worker.Dotnet}' '{Worker.Program}' import orders '{file}'"))
            .IsRefused("disk", "Nothing of this step was written");
        Assert.InRange(ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders"), 1, 9_999);
        Assert.Equal("orders.csv: 10000 read, 10000 new, 0 repeated, 0 put aside (import 1).\n", (await Worker.RunAsync(folder, "import", "orders", file)).IsDone().Output);
        Assert.Equal(10_000, ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders"));
    }

    [Fact]
    public async Task A_missing_key_ring_stops_what_needs_it_and_nothing_else()
    {
        using var folder = ShopFolder.Migrated();
        var deliveries = Files.Deliveries(folder, 3);
        (await Worker.RunAsync(folder, "import", "orders", Files.Orders(folder, 3))).IsDone();
        Directory.Move(Path.Combine(folder.Path, "keys"), Path.Combine(folder.Path, "elsewhere"));
        (await Worker.RunAsync(folder, "import", "deliveries", deliveries)).IsRefused("key ring", "Vault:KeyRing");
        Assert.Equal(["lookup"], ShopRows.Of(folder, "SELECT Name FROM VaultKeys"));
        (await Worker.RunAsync(folder, "reconcile", "--from", "2026-10-01", "--until", "2026-11-01")).IsDone();
        var found = await Worker.RunAsync(folder, [("Vault:KeyRing", Path.Combine(folder.Path, "elsewhere"))], "import", "deliveries", deliveries);
        Assert.Contains("3 new", found.IsDone().Output);
    }

    private const UnixFileMode Everyone =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static async Task<bool> MayMountAsync()
    {
        using var folder = ShopFolder.Empty();
        try
        {
            return (await InNamespaceAsync(folder, "mkdir disk && mount -t tmpfs -o size=1m none disk")).Status == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no unshare
        }
    }

    // What is mounted there is gone with the process.
    private static Task<Answer> InNamespaceAsync(ShopFolder folder, string script) =>
        Worker.RunCommandAsync(folder, "unshare", Environment.IsPrivilegedProcess ? "-m" : "-Urm", "sh", "-c", script);

    private static void Execute(ShopFolder folder, string statements)
    {
        using var connection = new SqliteConnection($"Data Source={folder.DatabaseFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
