using System.Reflection;
using BackOffice.Data.Imports;
using BackOffice.Domain;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Jobs.Reports;
using BackOffice.Web.Tests.CommandLine;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Imports;

public sealed class ChangedFileTests
{
    [Fact]
    public async Task An_import_does_not_go_on_in_a_file_that_was_changed_meanwhile()
    {
        using var folder = ShopFolder.Migrated();
        await using var services = folder.Services();
        var file = Files.Orders(folder, 3);
        var import = await services.GetRequiredService<ImportDesk>().TakeFileAsync("orders", file, "take", adopt: false, "system", null, TestContext.Current.CancellationToken);
        ShopRows.Of(folder, "UPDATE Imports SET RecordsRead = 2 RETURNING RecordsRead"); // as if it had been killed after two
        Files.Write(folder, "orders.csv", Files.OrdersHeader, Files.Order(7), Files.Order(8), Files.Order(9));

        var refused = await Assert.ThrowsAsync<RefusedException>(() => services.GetRequiredService<ImportJob>().TryRunAsync(import.Id, TestContext.Current.CancellationToken));

        Assert.Equal("FileChanged", refused.Refusal.Code);
        Assert.Equal("failed", (await services.GetRequiredService<ImportQueries>().GetAsync(import.Id, TestContext.Current.CancellationToken)).Status);
        Assert.Equal(0, ShopRows.Count(folder, "SELECT COUNT(*) FROM Orders"));
    }

    /// <summary>To try again changes nothing, and the log would hold what the file says.</summary>
    [Theory]
    [InlineData(typeof(ImportJob))]
    [InlineData(typeof(ReconcileJob))]
    [InlineData(typeof(NightlyJob))]
    [InlineData(typeof(ReportJob))]
    public void What_was_refused_is_not_tried_again(Type job)
    {
        // Read, not made: Hangfire's attribute asks for a logger, and the host that gave it one may be gone by now.
        var retry = Assert.Single(job.GetMethod("RunAsync")!.GetCustomAttributesData(), attribute => attribute.AttributeType == typeof(AutomaticRetryAttribute));
        var spared = Assert.Single(retry.NamedArguments, argument => argument.MemberName == nameof(AutomaticRetryAttribute.ExceptOn)).TypedValue.Value;
        var type = Assert.Single(Assert.IsAssignableFrom<IEnumerable<CustomAttributeTypedArgument>>(spared));
        Assert.Equal(typeof(RefusedException), type.Value);
    }
}
