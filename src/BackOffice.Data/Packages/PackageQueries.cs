using BackOffice.Data.Engine;

namespace BackOffice.Data.Packages;

/// <summary>What is sold.</summary>
public sealed class PackageQueries(Database database)
{
    /// <summary>All packages in the order of the shop's page.</summary>
    public Task<List<PackageRow>> ListAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<PackageRow>(ListPackages, token: token), token);

    /// <summary>A package; null when there is none of that name.</summary>
    public Task<PackageRow?> FindAsync(string slug, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<PackageRow>(ReadPackage, new PackageStore.OfPackage(slug), token), token);

    /// <summary>All packages.</summary>
    public static readonly Sql ListPackages = new($"SELECT {PackageRow.Columns} FROM Packages ORDER BY Position, Slug");

    /// <summary>One package.</summary>
    public static readonly Sql<PackageStore.OfPackage> ReadPackage = new($"SELECT {PackageRow.Columns} FROM Packages WHERE Slug = @Package");
}

/// <summary>A package.</summary>
public sealed record PackageRow
{
    internal const string Columns = "Slug, NameEnglish, NameChinese, AudienceEnglish, AudienceChinese, Tokens, Active, Position, Version";

    /// <summary>Its name in files and addresses.</summary>
    public string Slug { get; init; } = "";

    /// <summary>English name.</summary>
    public string NameEnglish { get; init; } = "";

    /// <summary>Chinese name.</summary>
    public string NameChinese { get; init; } = "";

    /// <summary>Who it is for, in English.</summary>
    public string AudienceEnglish { get; init; } = "";

    /// <summary>Who it is for, in Chinese.</summary>
    public string AudienceChinese { get; init; } = "";

    /// <summary>Tokens of one unit.</summary>
    public long Tokens { get; init; }

    /// <summary>False when it is retired.</summary>
    public bool Active { get; init; }

    /// <summary>Its place on the shop's page, from 1.</summary>
    public int Position { get; init; }

    /// <summary>Counts changes of the package and of its prices: who comes second is refused.</summary>
    public long Version { get; init; }
}
