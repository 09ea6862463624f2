namespace BackOffice.Data.Tests;

/// <summary>Says everything that is wrong at once, one line each.</summary>
internal static class Complaints
{
    public static void None(IEnumerable<string> complaints)
    {
        var all = string.Join('\n', complaints);
        if (all.Length > 0)
            Assert.Fail(all);
    }
}
