using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Codes;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>The form of a new batch as it was typed, or as an address fills it in.</summary>
public sealed record BatchForm
{
    /// <summary>Made when the form is shown: the same form sent twice is one batch.</summary>
    [ModelBinder(Name = "id")]
    public string? Id { get; init; }

    [ModelBinder(Name = "package")]
    public string? Package { get; init; }

    [ModelBinder(Name = "units")]
    public string? Units { get; init; }

    [ModelBinder(Name = "count")]
    public string? Count { get; init; }

    [ModelBinder(Name = "format")]
    public string? Format { get; init; }

    [ModelBinder(Name = "prefix")]
    public string? Prefix { get; init; }

    [ModelBinder(Name = "note")]
    public string? Note { get; init; }

    [ModelBinder(Name = "expires")]
    public string? Expires { get; init; }

    [ModelBinder(Name = "publish")]
    public string? Publish { get; init; }

    /// <summary>Nothing that could be looked at was given yet.</summary>
    public bool IsUntouched => string.IsNullOrWhiteSpace(Count);

    /// <summary>The form with what is usual where nothing was given.</summary>
    public BatchForm WithDefaults(Guid id) => this with
    {
        Id = Address.Id(Id)?.ToString("N") ?? id.ToString("N"),
        Units = string.IsNullOrWhiteSpace(Units) ? "1" : Units,
        Format = Address.OneOf(Format, CodeWords.Formats) ?? CodeWords.Formats[0],
        Publish = Address.OneOf(Publish, CodeWords.PublishWays) ?? CodeWords.PublishWays[0],
    };

    /// <summary>What is wanted; null when the form cannot be read, with the reasons.</summary>
    public BatchRequest? Read(BusinessTime shop, ICollection<Refusal> refusals)
    {
        var before = refusals.Count;
        var package = Typed.Plain(Package);
        if (package.Length == 0)
            refusals.Add(new Refusal("FieldBlank", "package"));
        var units = Typed.Whole(Units, "units", 1, BatchWish.MostUnits, refusals);
        var count = Typed.Whole(WithoutSpaces(Count), "count", 1, BatchWish.MostCodes, refusals);
        var expires = Typed.Instant(Expires, "expires", shop, refusals);
        var note = (Note ?? "").Trim();
        if (note.Any(char.IsControl))
            refusals.Add(new Refusal("WordsUnusable", "note", Figures.Count(BatchWish.LongestNote)));
        if (refusals.Count > before)
            return null;
        var format = Format == "friendly" ? CodeFormat.Friendly : CodeFormat.Console;
        var way = Publish switch { "database" => PublishWay.Database, "api" => PublishWay.Api, _ => PublishWay.Script };
        return new BatchRequest(Address.Id(Id)!.Value, package, (int)units!.Value, count!.Value, format, Typed.Plain(Prefix), way, note, expires);
    }

    // Between thousands some people put spaces.
    private static string? WithoutSpaces(string? typed) => typed?.Replace(" ", "", StringComparison.Ordinal);
}

/// <summary>The form, and what it comes to as it stands.</summary>
/// <param name="Form">As it was typed.</param>
/// <param name="Packages">What is sold, and what is not any more.</param>
/// <param name="Preview">What it comes to; null as long as it cannot be read.</param>
/// <param name="Refusals">What is wrong with it, each about its field.</param>
public sealed record NewBatchPage(BatchForm Form, IReadOnlyList<PackageRow> Packages, BatchPreview? Preview, IReadOnlyList<Refusal> Refusals)
{
    /// <summary>Codes to ask for; null as long as they cannot be read.</summary>
    public long? Count => Preview is { Refusals.Count: 0 } ? Preview.Wish.Count : null;
}
