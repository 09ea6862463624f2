using BackOffice.Data.Engine;

namespace BackOffice.Data.Packages;

/// <summary>What is sold, and at what prices.</summary>
public sealed class PackageQueries(Database database)
{
    /// <summary>All packages in the order of the shop's page.</summary>
    public Task<List<PackageRow>> ListAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<PackageRow>(ListPackages, token: token), token);

    /// <summary>All prices, by package, purpose, currency, newest first.</summary>
    public Task<List<PriceRow>> PricesAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<PriceRow>(ListPrices, token: token), token);

    /// <summary>All packages.</summary>
    public static readonly Sql ListPackages = new("""
        SELECT Slug, NameEnglish, NameChinese, AudienceEnglish, AudienceChinese, Tokens, Active, Position FROM Packages ORDER BY Position, Slug
        """);

    /// <summary>All prices.</summary>
    public static readonly Sql ListPrices = new("""
        SELECT Package, Purpose, Currency, AmountMinor, TaxMode, CreemProductId, ValidFrom, ValidUntil
        FROM PackagePrices
        ORDER BY Package, Purpose DESC, Currency, ValidFrom DESC
        """);
}

/// <summary>A package.</summary>
public sealed class PackageRow
{
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
}

/// <summary>A dated price; instants are UTC.</summary>
public sealed class PriceRow
{
    /// <summary>Slug of the package.</summary>
    public string Package { get; init; } = "";

    /// <summary><c>list</c> or <c>charge</c>.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Minor units for one unit of the package.</summary>
    public long AmountMinor { get; init; }

    /// <summary><c>inclusive</c> or <c>exclusive</c>; null for list prices.</summary>
    public string? TaxMode { get; init; }

    /// <summary>Creem's product, for charge prices.</summary>
    public string? CreemProductId { get; init; }

    /// <summary>From when it holds.</summary>
    public DateTime ValidFrom { get; init; }

    /// <summary>Until when, not included; null while no end is set.</summary>
    public DateTime? ValidUntil { get; init; }
}
