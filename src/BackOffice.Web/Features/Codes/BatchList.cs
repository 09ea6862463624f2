using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Jobs;
using BackOffice.Web.Features.Packages;

namespace BackOffice.Web.Features.Codes;

/// <summary>The filter of the list of batches as it stands in the address.</summary>
public sealed record BatchListQuery(string? Package, string? Status)
{
    public const string Path = "/codes/batches";

    public string? KnownStatus => Shared.Address.OneOf(Status, BatchRow.Statuses);

    public string? GivenPackage => string.IsNullOrWhiteSpace(Package) ? null : Package.Trim();

    public bool IsEmpty => GivenPackage is null && KnownStatus is null;

    public BatchFilter Filter => new(GivenPackage, KnownStatus);

    /// <summary>The address of the list under this filter, at a place of it.</summary>
    public string Address(string? way = null, BatchRow? at = null) => Shared.Address.With(
        Path, ("package", GivenPackage), ("status", KnownStatus), (way ?? "before", way is null ? null : Shared.Address.Text(at!.Number)));

    /// <summary>Null for the newest page, also when the address is mutilated.</summary>
    public static BatchPlace? Place(string? before, string? after) =>
        Shared.Address.Number(before ?? after) is { } number ? new BatchPlace(number, IsBefore: before is null) : null;
}

/// <summary>What the list's page shows.</summary>
public sealed record BatchListPage(BatchListQuery Query, KeyedPage<BatchRow> Page, IReadOnlyList<PackageRow> Packages)
{
    public string PackageName(string slug, Texts texts) => Packages.NameOf(slug, texts);
}

public static class PackageLists
{
    /// <summary>The name of a package in the reader's language; what is no package's stays as it stands.</summary>
    public static string NameOf(this IReadOnlyList<PackageRow> packages, string slug, Texts texts) => packages.FirstOrDefault(package => package.Slug == slug)?.Name(texts) ?? slug;
}
