namespace BackOffice.Web.Tests.CommandLine;

public sealed class UsageTests
{
    [Theory]
    [InlineData("'nonsense'", "nonsense")]
    [InlineData("command", "import")]
    [InlineData("'file'", "import orders")]
    [InlineData("'--until'", "reconcile --from 2026-10-01")]
    [InlineData("'--frmat'", "reconcile --from 2026-10-01 --until 2026-11-01 --frmat csv")]
    [InlineData("100 to 100000", "demo load --orders 5")]
    [InlineData("'many'", "demo load --orders many")]
    [InlineData("'99999999999999999999'", "demo load --seed 99999999999999999999")]
    [InlineData("--as", "doctor --as nobody")]
    [InlineData("--month: 2026-13 is no month", "settle --upstream deepseek --month 2026-13")]
    [InlineData("--month: 1999-12 is no month. Write year and month from 2000 to 2099", "usage prove --month 1999-12")]
    [InlineData("--month: 2026-9 is no month", "import invoice nowhere.csv --upstream deepseek --month 2026-9")]
    [InlineData("'litellm'", "import usage nowhere.jsonl --source litellm")]
    public async Task Bad_usage_ends_with_2_and_one_line_that_names_it(string named, string line)
    {
        using var folder = ShopFolder.Empty();
        var answer = await Worker.RunAsync(folder, line.Split(' '));
        Assert.Equal(2, answer.Status);
        Assert.Empty(answer.Output);
        Assert.Contains(named, Assert.Single(answer.Lines()));
        Assert.DoesNotContain("System.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_usage_is_said_in_English_on_a_Chinese_machine()
    {
        using var folder = ShopFolder.Empty();
        var answer = await Worker.RunAsync(folder, [("LANG", "zh_CN.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")], "nonsense");
        Assert.Contains("Unrecognized", answer.Error, StringComparison.Ordinal);
        Assert.True(answer.Error.All(char.IsAscii));
    }

    [Fact]
    public async Task Help_is_no_error()
    {
        using var folder = ShopFolder.Empty();
        var answer = (await Worker.RunAsync(folder, "--help")).IsDone();
        Assert.All(new[] { "migrate", "work", "doctor", "import", "reconcile", "demo", "staff", "audit", "backup", "restore" }, verb => Assert.Contains(verb, answer.Output));
    }

    [Theory]
    [InlineData("Database:Provider", "Oracle")]
    [InlineData("Business:TimeZone", "Mars/Olympus")]
    [InlineData("Reconciliation:GraceMinutes", "-1")]
    [InlineData("Reconciliation:ToleranceMinor", "0.5")]
    [InlineData("Schedule:NightlyReconciliation", "half past two")]
    [InlineData("Hangfire:Storage", "Redis")]
    [InlineData("Hangfire:Storage", "SqlServer")]
    [InlineData("Hangfire:Server", "yes")]
    [InlineData("Hangfire:Workers", "0")]
    [InlineData("ConnectionStrings:BackOffice", "nonsense")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value)
    {
        using var folder = ShopFolder.Empty();
        (await Worker.RunAsync(folder, [(setting, value)], "doctor")).IsRefused($"Setting {setting}:");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("ConnectionStrings:BackOffice", "")]
    [InlineData("ConnectionStrings:BackOffice", "Server=.;Passwort=whisper")]
    [InlineData("ConnectionStrings:BackOffice", "Server=.;Connect Timeout=whisper")]
    [InlineData("Vault:KeyRing", "Server=.")]
    public async Task SQL_Server_needs_settings_of_its_own(string named, string connectionString)
    {
        using var folder = ShopFolder.Empty();
        var answer = await Worker.RunAsync(folder, [("Database:Provider", "SqlServer"), ("ConnectionStrings:BackOffice", connectionString)], "doctor");
        answer.IsRefused($"Setting {named}:");
        Assert.DoesNotContain("whisper", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_names_a_setting_that_nobody_reads()
    {
        using var folder = ShopFolder.Migrated();
        var answer = (await Worker.RunAsync(folder, [("Reconciliation:GraceMinuts", "5"), ("Elsewhere:GraceMinuts", "5")], "doctor")).IsDone();
        Assert.Contains("warn  settings: No setting of this program: Reconciliation:GraceMinuts. Look for a slip", answer.Output);
    }
}
