using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Packages;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Packages;

/// <summary>The form of a package as it was typed. Slug and tokens are given once, when the package is added.</summary>
public sealed record PackageForm
{
    [FromForm(Name = "slug")]
    public string? Slug { get; init; }

    [FromForm(Name = "name_english")]
    public string? NameEnglish { get; init; }

    [FromForm(Name = "name_chinese")]
    public string? NameChinese { get; init; }

    [FromForm(Name = "audience_english")]
    public string? AudienceEnglish { get; init; }

    [FromForm(Name = "audience_chinese")]
    public string? AudienceChinese { get; init; }

    [FromForm(Name = "tokens")]
    public string? Tokens { get; init; }

    [FromForm(Name = "position")]
    public string? Position { get; init; }

    /// <summary>The version that was read.</summary>
    [FromForm(Name = "version")]
    public string? Version { get; init; }

    public static PackageForm Of(PackageRow package) => new()
    {
        Slug = package.Slug,
        NameEnglish = package.NameEnglish,
        NameChinese = package.NameChinese,
        AudienceEnglish = package.AudienceEnglish,
        AudienceChinese = package.AudienceChinese,
        Position = Address.Text(package.Position),
        Version = Address.Text(package.Version),
    };

    /// <summary>The package to add; null with the reasons.</summary>
    public NewPackage? ReadNew(ICollection<Refusal> refusals)
    {
        var slug = Typed.Plain(Slug);
        if (!PackageRules.IsSlug(slug))
            refusals.Add(slug.Length == 0 ? new Refusal("FieldBlank", "slug") : new Refusal(slug == PackageRules.ReservedSlug ? "PackageSlugReserved" : "PackageNotASlug", "slug", slug[..Math.Min(slug.Length, 60)]));
        var (english, chinese, forEnglish, forChinese) = ReadWords(refusals);
        var tokens = Typed.Whole(Tokens, "tokens", 1, PackageRules.MostTokens, refusals);
        var position = Typed.Whole(Position, "position", 1, PackageRules.LastPosition, refusals);
        return refusals.Count == 0 ? new NewPackage(slug, english, chinese, forEnglish, forChinese, tokens!.Value, (int)position!.Value) : null;
    }

    /// <summary>The change of a package; null with the reasons.</summary>
    public PackageChange? ReadChange(string slug, ICollection<Refusal> refusals)
    {
        var (english, chinese, forEnglish, forChinese) = ReadWords(refusals);
        var position = Typed.Whole(Position, "position", 1, PackageRules.LastPosition, refusals);
        return refusals.Count == 0 ? new PackageChange(slug, Address.Number(Version) ?? 0, english, chinese, forEnglish, forChinese, (int)position!.Value) : null;
    }

    private (string English, string Chinese, string ForEnglish, string ForChinese) ReadWords(ICollection<Refusal> refusals) => (
        Typed.Words(NameEnglish, "name_english", PackageRules.LongestName, refusals),
        Typed.Words(NameChinese, "name_chinese", PackageRules.LongestName, refusals),
        Typed.Words(AudienceEnglish, "audience_english", PackageRules.LongestAudience, refusals),
        Typed.Words(AudienceChinese, "audience_chinese", PackageRules.LongestAudience, refusals));
}
