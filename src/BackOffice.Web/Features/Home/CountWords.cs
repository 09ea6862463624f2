using BackOffice.Data.Home;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Home;

/// <summary>A count that is not taken further than <see cref="HomeQueries.MostCounted"/>, in words.</summary>
public static class CountWords
{
    public static string Of(int count, Texts texts) =>
        count > HomeQueries.MostCounted ? texts["Home.MoreThan", Figures.Count(HomeQueries.MostCounted)] : Figures.Count(count);
}
