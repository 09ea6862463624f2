using BackOffice.Jobs.Imports;

namespace BackOffice.Web.Tests.Imports;

/// <summary>Usage in the neutral form.</summary>
public sealed class UsageCsvFileTests
{
    private static readonly DateTime Now = new(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\u3000")]
    [InlineData("\u00a0 ")]
    public void A_name_of_nothing_but_spaces_of_any_kind_could_never_be_mapped(string model)
    {
        var read = Reading.All("usage.csv", new UsageCsvFile(Reading.Bytes(string.Join(',', UsageCsvFile.Header) + $"\nu1,2026-03-10T03:00:00Z,kimi,{model},k1,5,,,,2,\nu2,2026-03-10T03:00:00Z,kimi,k3,k1,5,,,,2,\n"), Now));
        Assert.Equal("u2", Assert.Single(read.Records).ExternalId);
        Assert.Contains("line 2, model: nothing is given", Assert.Single(read.Asides), StringComparison.OrdinalIgnoreCase);
    }
}
