using System.Text.Json;

namespace BackOffice.Web.Tests.CommandLine;

public sealed class VerbTests
{
    [Fact]
    public async Task Migrate_makes_a_shop_and_may_be_repeated()
    {
        using var folder = ShopFolder.Empty();
        Assert.Equal("The database was made.\n", (await Worker.RunAsync(folder, "migrate")).IsDone().Output);
        Assert.Equal("The database was up to date.\n", (await Worker.RunAsync(folder, "migrate")).IsDone().Output);
        (await Worker.RunAsync(folder, "doctor")).IsDone();
    }

    [Fact]
    public async Task Migrate_by_several_processes_at_once_makes_one_shop()
    {
        using var folder = ShopFolder.Empty();
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Worker.RunAsync(folder, "migrate")));
        Assert.All(answers, answer => answer.IsDone());
        (await Worker.RunAsync(folder, "import", "orders", Files.Orders(folder, 1))).IsDone();
        (await Worker.RunAsync(folder, "import", "deliveries", Files.Deliveries(folder, 1))).IsDone();
    }

    [Fact]
    public async Task Import_says_what_became_of_the_lines_and_names_those_put_aside()
    {
        using var folder = ShopFolder.Migrated();
        var file = Files.Write(folder, "orders.csv", Files.OrdersHeader, Files.Order(1), Files.Order(2).Replace("2.99", "2.995", StringComparison.Ordinal), Files.Order(1));
        var answer = await Worker.RunAsync(folder, "import", "orders", file);
        Assert.Equal(0, answer.Status);
        Assert.Equal("orders.csv: 3 read, 1 new, 1 repeated, 1 put aside (import 1).\n", answer.Output);
        Assert.StartsWith("orders.csv, line 3, charge_amount: 2.995 has more decimals", Assert.Single(answer.Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strict_takes_nothing_in_when_a_line_is_bad_and_everything_when_none_is()
    {
        using var folder = ShopFolder.Migrated();
        var bad = Files.Write(folder, "bad.csv", Files.OrdersHeader, Files.Order(1), Files.Order(2).Replace("trial", "nothing", StringComparison.Ordinal));
        var answer = await Worker.RunAsync(folder, "import", "orders", bad, "--strict");
        Assert.Equal(1, answer.Status);
        Assert.Equal(2, answer.Lines().Length);
        Assert.Contains("bad.csv, line 3, package", answer.Lines()[0]);
        Assert.Contains("nothing was taken in", answer.Lines()[1]);
        Assert.Equal("bad.csv: 2 read, none taken in; 1 would be new, 0 repeated, 1 put aside (import 1).\n", answer.Output);
        Assert.Equal(0, ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders"));
        Assert.Contains("5 read, 5 new", (await Worker.RunAsync(folder, "import", "orders", Files.Orders(folder, 5), "--strict")).IsDone().Output);
        Assert.Equal(5, ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders"));
    }

    [Theory]
    [InlineData("orders.csv", "", "empty")]
    [InlineData("orders.csv", "order_no;package;units\n", "semicolons")]
    [InlineData("orders.csv", "order_no,package\n", "lacks")]
    [InlineData("orders.csv", "PK\u0003\u0004", "workbook")]
    public async Task A_file_that_cannot_be_read_is_refused_by_name(string name, string content, string word)
    {
        using var folder = ShopFolder.Migrated();
        var file = Path.Combine(folder.Path, name);
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        (await Worker.RunAsync(folder, "import", "orders", file)).IsRefused(name, word);
    }

    [Fact]
    public async Task A_missing_file_is_refused_by_name()
    {
        using var folder = ShopFolder.Migrated();
        (await Worker.RunAsync(folder, "import", "creem", "nowhere.json")).IsRefused("nowhere.json is not there");
        (await Worker.RunAsync(folder, "import", "creem", folder.Path)).IsRefused($"{folder.Path} is a folder");
        (await Worker.RunAsync(folder, "import", "creem", "")).IsRefused("file: none is chosen");
    }

    [Fact]
    public async Task A_pipe_is_refused_by_name_for_it_cannot_be_read_twice()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no /dev/stdin.");
        using var folder = ShopFolder.Migrated();
        var file = Files.Orders(folder, 1);
        (await Worker.RunCommandAsync(folder, "sh", "-c", $"cat '{file}' | '{Worker.Dotnet}' '{Worker.Program}' import orders /dev/stdin")).IsRefused("/dev/stdin is a pipe");
        Assert.Equal(0, ShopRows.Count(folder, "SELECT COUNT(*) FROM Imports"));
    }

    [Fact]
    public async Task The_name_of_a_file_cannot_move_the_cursor_of_a_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Names cannot have such characters.");
        using var folder = ShopFolder.Migrated();
        var file = Files.Write(folder, "or\u001B[31m\nders.csv", Files.OrdersHeader, Files.Order(1));
        Assert.Equal("or[31mders.csv: 1 read, 1 new, 0 repeated, 0 put aside (import 1).\n", (await Worker.RunAsync(folder, "import", "orders", file)).IsDone().Output);
    }

    [Fact]
    public async Task A_person_who_stops_an_import_is_told_so_and_finishes_it_with_the_same_command()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill here.");
        using var folder = ShopFolder.Migrated();
        var file = Files.Orders(folder, 100_000);
        using (var worker = Worker.Start(folder, "import", "orders", file))
        {
            while (ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders") == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
            using (var kill = System.Diagnostics.Process.Start("kill", ["-TERM", $"{worker.Id}"]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            (await worker.AnswerAsync()).IsRefused("Stopped.", "same command again");
        }
        Assert.Equal("orders.csv: 100000 read, 100000 new, 0 repeated, 0 put aside (import 1).\n", (await Worker.RunAsync(folder, "import", "orders", file)).IsDone().Output);
    }

    [Fact]
    public async Task One_file_imported_by_two_processes_at_once_goes_in_once()
    {
        using var folder = ShopFolder.Migrated();
        var file = Files.Orders(folder, 20_000);
        var answers = await Task.WhenAll(Worker.RunAsync(folder, "import", "orders", file, "--json"), Worker.RunAsync(folder, "import", "orders", file, "--json"));
        var imports = answers.Select(answer => answer.IsDone().Json()).ToList();
        Assert.All(imports, import => Assert.Equal(20_000, import.GetProperty("read").GetInt64()));
        Assert.Equal(20_000, imports.Sum(import => import.GetProperty("new").GetInt64()));
        Assert.Equal(20_000, imports.Sum(import => import.GetProperty("repeated").GetInt64()));
        Assert.Equal(20_000, ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders"));
    }

    [Theory]
    [InlineData("from:", "1 October", "2026-11-01")]
    [InlineData("from: nothing is given", "", "2026-11-01")]
    [InlineData("until:", "2026-10-01", "2026-13-01")]
    [InlineData("until:", "2026-10-01", "2026-10-01")]
    [InlineData("from:", "1999-10-01", "2026-10-01")]
    [InlineData("as-of:", "2026-10-01", "2026-11-01", "--as-of", "2026-11-01T00:00:00")]
    [InlineData("known-as-of:", "2026-10-01", "2026-11-01", "--known-as-of", "yesterday")]
    [InlineData("known_as_of:", "2026-10-01", "2026-11-01", "--known-as-of", "2099-01-01T00:00:00Z")]
    [InlineData("out:", "2026-10-01", "2026-11-01", "--out", "findings.pdf")]
    [InlineData("out:", "2026-10-01", "2026-11-01", "--out", "findings")]
    [InlineData("no/such/folder", "2026-10-01", "2026-11-01", "--out", "no/such/folder/findings.csv")]
    public async Task Reconcile_refuses_what_it_cannot_use_before_it_makes_a_run(string named, string from, string until, params string[] more)
    {
        using var folder = ShopFolder.Migrated();
        (await Worker.RunAsync(folder, ["reconcile", "--from", from, "--until", until, .. more])).IsRefused(named);
        Assert.Equal(0, ShopRows.Count(folder, "SELECT COUNT(*) FROM ReconciliationRuns"));
    }

    [Fact]
    public async Task Reconcile_refuses_a_folder_in_the_place_of_its_file_before_it_makes_a_run()
    {
        using var folder = ShopFolder.Migrated();
        Directory.CreateDirectory(Path.Combine(folder.Path, "findings.csv"));
        (await Worker.RunAsync(folder, "reconcile", "--from", "2026-10-01", "--until", "2026-11-01", "--out", "findings.csv")).IsRefused("out: findings.csv is a folder");
        Assert.Equal(0, ShopRows.Count(folder, "SELECT COUNT(*) FROM ReconciliationRuns"));
    }

    [Fact]
    public async Task Reconcile_writes_every_format_and_overwrites_what_was_there()
    {
        using var folder = ShopFolder.Migrated();
        foreach (var format in new[] { "xlsx", "csv", "json" })
        {
            var file = Files.Write(folder, "findings." + format, "what was there");
            var answer = (await Worker.RunAsync(folder, "reconcile", "--from", "2026-10-01", "--until", "2026-11-01", "--out", file)).IsDone();
            Assert.EndsWith($"is balanced: 0 findings. Written to {file}.\n", answer.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("what was there", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        Assert.Equal("kind,subject,order_no,transaction_id,currency,expected_minor,actual_minor,priority\r\n", await File.ReadAllTextAsync(Path.Combine(folder.Path, "findings.csv"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Json_prints_one_document_and_nothing_else()
    {
        using var folder = ShopFolder.Migrated();
        var orders = Files.Write(folder, "orders.csv", Files.OrdersHeader, Files.Order(1), "AC-2,trial");
        var import = await Worker.RunAsync(folder, "import", "orders", orders, "--json");
        Assert.Equal((0, 2, 1), (import.Status, import.Json().GetProperty("read").GetInt32(), import.Json().GetProperty("put_aside").GetInt32()));
        var aside = Assert.Single(import.Json().GetProperty("first_put_aside").EnumerateArray());
        Assert.Equal(3, aside.GetProperty("line").GetInt32());
        Assert.Equal("current", (await Worker.RunAsync(folder, "migrate", "--json")).IsDone().Json().GetProperty("database").GetString());
        var run = (await Worker.RunAsync(folder, "--json", "reconcile", "--from", "2026-10-01", "--until", "2026-11-01")).IsDone().Json();
        Assert.Equal("balanced", run.GetProperty("status").GetString());
        var doctor = (await Worker.RunAsync(folder, "doctor", "--json")).IsDone().Json();
        Assert.Equal(JsonValueKind.Array, doctor.ValueKind);
        (await Worker.RunAsync(folder, "reconcile", "--from", "x", "--until", "y", "--json")).IsRefused("from");
    }

    [Fact]
    public async Task Demo_load_fills_an_empty_shop_and_refuses_one_that_has_orders()
    {
        using var folder = ShopFolder.Migrated();
        var first = (await Worker.RunAsync(folder, "demo", "load", "--orders", "300", "--seed", "5", "--json")).IsDone().Json();
        Assert.Equal(300, first.GetProperty("orders").GetInt64());
        Assert.Equal("The demo shop was there already: nothing was added.\n", (await Worker.RunAsync(folder, "demo", "load", "--orders", "300", "--seed", "5")).IsDone().Output);
        (await Worker.RunAsync(folder, "demo", "load")).IsRefused("has orders");
        using var own = ShopFolder.Migrated();
        (await Worker.RunAsync(own, "import", "orders", Files.Orders(own, 1))).IsDone();
        (await Worker.RunAsync(own, "demo", "load")).IsRefused("has orders");
        Assert.Equal(1, ShopRows.Count(own, "SELECT COUNT(*) FROM Orders"));
    }

    [Fact]
    public async Task Doctor_says_what_is_there_and_what_is_missing_and_changes_nothing()
    {
        using var folder = ShopFolder.Migrated();
        var well = (await Worker.RunAsync(folder, "doctor")).IsDone();
        Assert.Contains("ok    database", well.Output);
        Assert.Contains("warn  key ring", well.Output); // beside the database
        Directory.Delete(Path.Combine(folder.Path, "keys"), recursive: true);
        var without = await Worker.RunAsync(folder, "doctor");
        Assert.Equal(1, without.Status);
        Assert.Contains("fail  key ring", without.Output);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "keys")));

        using var nothing = ShopFolder.Empty();
        var answer = await Worker.RunAsync(nothing, [("Data:Directory", Path.Combine(nothing.Path, "not", "there"))], "doctor");
        Assert.Equal(1, answer.Status);
        Assert.Contains("fail  database", answer.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(nothing.Path));
    }
}
