namespace BackOffice.Web.Tests.CommandLine;

public sealed class StaffVerbTests
{
    [Fact]
    public async Task The_first_admin_is_made_with_a_password_that_is_printed_once_and_kept_as_a_hash()
    {
        using var folder = ShopFolder.Migrated();
        var added = (await Worker.RunAsync(folder, "staff", "add", "Mara@Example.com", "--role", "admin", "--json")).IsDone().Json();
        Assert.Equal("mara@example.com", added.GetProperty("email").GetString());
        var oneTime = added.GetProperty("one_time_password").GetString()!;
        Assert.Matches("^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$", oneTime);
        Assert.DoesNotContain(oneTime, await File.ReadAllTextAsync(folder.DatabaseFile, System.Text.Encoding.Latin1, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(1, ShopRows.Count(folder, "SELECT COUNT(*) FROM Staff WHERE Role = 'admin' AND PasswordUntil IS NOT NULL"));

        (await Worker.RunAsync(folder, "staff", "add", "mara@example.com", "--role", "support")).IsRefused("mara@example.com has an account already");
        (await Worker.RunAsync(folder, "staff", "disable", "mara@example.com")).IsRefused("No admin who may sign in would be left");
        (await Worker.RunAsync(folder, "staff", "reset", "nobody@example.com")).IsRefused("Nobody with that address");

        ShopRows.AddStaff(folder, "ilya@example.com", "admin");
        var reset = (await Worker.RunAsync(folder, "staff", "reset", "mara@example.com", "--as", "ilya@example.com", "--json")).IsDone().Json();
        Assert.NotEqual(oneTime, reset.GetProperty("one_time_password").GetString());
        Assert.Equal(["ilya@example.com staff.reset", "system staff.added"], ShopRows.Of(folder, "SELECT Who || ' ' || Action FROM AuditEntries"));
    }

    [Fact]
    public async Task A_password_comes_from_standard_input_and_by_the_rules()
    {
        using var folder = ShopFolder.Migrated();
        (await Worker.RunWithInputAsync(folder, "password1234\n", "staff", "add", "ilya@example.com", "--role", "finance", "--password-stdin")).IsRefused("among the first that are guessed");
        (await Worker.RunWithInputAsync(folder, "", "staff", "add", "ilya@example.com", "--role", "finance", "--password-stdin")).IsRefused("at least 12 characters");
        (await Worker.RunWithInputAsync(folder, "six brown boats at dawn\n", "staff", "add", "ilya@example.com", "--role", "finance", "--password-stdin")).IsDone();
        Assert.Equal(1, ShopRows.Count(folder, "SELECT COUNT(*) FROM Staff WHERE PasswordUntil IS NULL"));
        (await Worker.RunAsync(folder, "staff", "add", "x@example.com", "--role", "owner")).IsRefused("A role is one of support, finance, admin");
    }
}
