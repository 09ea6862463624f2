using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Domain.Codes;
using BackOffice.Jobs;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>The filter of the list of codes as it stands in the address.</summary>
public sealed record CodeListQuery
{
    public const string Path = "/codes";

    [ModelBinder(Name = "batch")]
    public string? Batch { get; init; }

    [ModelBinder(Name = "status")]
    public string? Status { get; init; }

    [ModelBinder(Name = "last_four")]
    public string? LastFour { get; init; }

    public long? KnownBatch => Shared.Address.Number(Typed.Plain(Batch));

    /// <summary>Null when the last four are given: so few codes fit those that their states are simply shown.</summary>
    public string? KnownStatus => End is null ? Shared.Address.OneOf(Status, CodeStatuses.Words) : null;

    /// <summary>The last four, also of a longer piece that somebody typed.</summary>
    public string? End => Typed.Plain(LastFour) is { Length: >= 4 } text ? text[^4..] : null;

    public bool IsEmpty => KnownBatch is null && KnownStatus is null && End is null;

    public CodeFilter Filter => new(KnownBatch, CodeStatuses.Of(KnownStatus), End);

    /// <summary>The address of the list under this filter, at a place of it.</summary>
    public string Address(string? way = null, CodeRow? at = null) => Shared.Address.With(
        Path, ("batch", KnownBatch is { } batch ? Shared.Address.Text(batch) : null), ("status", KnownStatus), ("last_four", End), (way ?? "before", way is null ? null : at!.Subject));

    /// <summary>Null for the first page, also when the address is mutilated.</summary>
    public static CodePlace? Place(string? before, string? after) => CodeWords.Place(before ?? after) is { } place ? new CodePlace(place.Batch, place.Sequence, IsBefore: before is null) : null;
}

/// <summary>What the list's page shows.</summary>
public sealed record CodeListPage(CodeListQuery Query, KeyedPage<CodeRow> Page);

/// <summary>A table of codes.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Caption">Its words; null for those of the list, which are not shown.</param>
public sealed record CodeTable(IReadOnlyList<CodeRow> Rows, string? Caption = null)
{
    /// <summary>Names by slug, where they are at hand.</summary>
    public IReadOnlyList<PackageRow> Packages { get; init; } = [];
}

/// <summary>What a code's page shows.</summary>
public sealed record CodePage(CodeRow Code, string Package, IReadOnlyList<CodeEventRow> Events)
{
    public string Url => Links.Code(Code.BatchNo, Code.Sequence);

    /// <summary>When it became what it is; null when that is not on record, as of what is made or void with its batch.</summary>
    public CodeEventRow? Last => Events.LastOrDefault(one => one.Kind != CodeEventKinds.Revealed);

    public bool IsVoidable => CodeVoids.IsVoidable(Code.Effective, withDelivered: true);

    public string Answer(Texts texts) => Code.Effective switch
    {
        CodeStatus.Available when Code.BatchStatus != "ready" => texts["Code.Answer.making"],
        CodeStatus.Void when Code.BatchStatus == "void" && Code.Status != "void" => texts["Code.Answer.void_by_batch"],
        var status => texts["Code.Answer." + status.Word()],
    };
}
