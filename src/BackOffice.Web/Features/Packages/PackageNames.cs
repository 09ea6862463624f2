using BackOffice.Data.Packages;
using BackOffice.Jobs;

namespace BackOffice.Web.Features.Packages;

public static class PackageNames
{
    public static string Name(this PackageRow package, Texts texts) => texts.IsChinese ? package.NameChinese : package.NameEnglish;
}
