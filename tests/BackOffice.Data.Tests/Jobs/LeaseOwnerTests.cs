using System.Diagnostics;
using System.Globalization;
using BackOffice.Data.Jobs;

namespace BackOffice.Data.Tests;

public sealed class LeaseOwnerTests
{
    [Fact]
    public void This_process_is_not_gone() => Assert.False(LeaseOwner.IsGone(LeaseOwner.Current));

    [Fact]
    public void A_name_fits_into_its_column() => Assert.True(LeaseOwner.Current.Length <= 100);

    [Fact]
    public async Task A_process_that_has_ended_is_gone()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        await process.WaitForExitAsync();

        Assert.True(LeaseOwner.IsGone(Named(process.Id, SecondsNow())));
    }

    [Fact]
    public void A_process_with_the_number_of_one_that_has_ended_is_not_taken_for_it() =>
        Assert.True(LeaseOwner.IsGone(Named(Environment.ProcessId, StartOfThis() - 3600)));

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public void A_start_that_is_told_a_little_differently_is_the_same_process(int seconds) =>
        Assert.False(LeaseOwner.IsGone(Named(Environment.ProcessId, StartOfThis() + seconds)));

    [Theory]
    [InlineData("")]
    [InlineData("elsewhere/1/1")]
    [InlineData("nonsense")]
    public void Of_what_is_not_known_nothing_is_said(string owner) => Assert.False(LeaseOwner.IsGone(owner));

    [Fact]
    public void Of_a_name_of_this_machine_without_a_start_nothing_is_said() => Assert.False(LeaseOwner.IsGone($"{Environment.MachineName}/999999999/"));

    internal static string Named(int processId, long startedAt) => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{processId}/{startedAt}");

    private static long StartOfThis() => long.Parse(LeaseOwner.Current.Split('/')[2], CultureInfo.InvariantCulture);

    private static long SecondsNow() => TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerSecond;
}
