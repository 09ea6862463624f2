using BackOffice.Data.Codes;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Jobs;

namespace BackOffice.Web.Features.Codes;

/// <summary>Batches and codes in words, and what they are worth together.</summary>
public static class CodeWords
{
    public static readonly IReadOnlyList<string> Formats = ["console", "friendly"];

    public static readonly IReadOnlyList<string> PublishWays = ["script", "database", "api"];

    /// <summary>The state of a batch among <see cref="Shared.States"/>.</summary>
    public static string StateOf(BatchRow batch) => batch.Status switch
    {
        "requested" => "awaiting_approval",
        "approved" when batch.Failure is not null => "retrying",
        "approved" => "queued",
        _ => batch.Status,
    };

    /// <summary>The word of a batch's status, as the filter names it.</summary>
    public static string Status(Texts texts, string status) => texts["State." + status switch
    {
        "requested" => "awaiting_approval",
        "approved" => "queued",
        _ => status,
    }];

    /// <summary>Trial × 2.</summary>
    public static string Package(Texts texts, string package, int units) => units == 1 ? package : texts["Orders.Units", package, units];

    /// <summary>List price of so many codes; null when they have none, or it is larger than any page can show.</summary>
    public static Money? Worth(string? currency, long? eachMinor, long codes) =>
        currency is not null && eachMinor is { } each && (Int128)each * codes is var minor && minor <= long.MaxValue ? new Money((long)minor, currency) : null;

    /// <summary>List price of some codes of a batch.</summary>
    public static Money? Worth(this BatchRow batch, long codes) => Worth(batch.ListCurrency, batch.ListMinor, codes);

    /// <summary>Codes of a batch that can be made void: what is made so far, as long as it is not in stock.</summary>
    public static int Voidable(this BatchRow batch, bool withDelivered) =>
        (batch.Status == "ready" ? batch.Available + batch.Allocated : batch.IsVoid ? 0 : batch.Made) + (withDelivered && !batch.IsVoid ? batch.Delivered : 0);

    /// <summary>A code's batch and place, as addresses and findings write it; null when it is none.</summary>
    public static (long Batch, int Sequence)? Place(string? typed) =>
        typed?.Split('-') is [var batch, var sequence] && Shared.Address.Number(batch) is { } number && Shared.Address.Number(sequence) is >= 1 and <= BatchWish.MostCodes and var at
            ? (number, (int)at)
            : null;
}
