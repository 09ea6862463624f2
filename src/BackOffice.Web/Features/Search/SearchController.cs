using BackOffice.Data.Orders;
using BackOffice.Data.Payments;
using BackOffice.Data.Search;
using BackOffice.Data.Vault;
using BackOffice.Domain.Access;
using BackOffice.Domain.Codes;
using BackOffice.Domain.Search;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Search;

/// <summary>Which record is this text about? One is opened at once; of several, or none, the page says what was looked for.</summary>
[Allow(Act.FindOrders)]
public sealed class SearchController(SearchQueries search, OrderQueries orders, PaymentQueries payments, Vault vault, Settings settings, TimeProvider clock) : Controller
{
    private const int MostCodes = 10;

    [HttpGet("/search")]
    public async Task<IActionResult> IndexAsync(string? q, CancellationToken token)
    {
        var text = SearchText.Read(q);
        var role = HttpContext.SignedIn()!.InRole;
        var codes = CodesIn(text.Text);
        var hits = await search.FindAsync(text, await LookupKeysAsync(codes, token), role.May(Act.TakeIn), role.May(Act.SeeCatalogue), token);
        if (hits.IsOne)
            return Redirect(Only(hits));
        var foundOrders = hits.Orders.Keys.Count == 0 ? [] : await orders.OfNumbersAsync(hits.Orders.Keys, settings.CreemMode, token);
        var foundPayments = hits.Payments.Keys.Count == 0 ? [] : await payments.OfIdsAsync(hits.Payments.Keys, token);
        return View("Index", new SearchPage(text, hits, foundOrders, foundPayments, clock.GetUtcNow().UtcDateTime.AddMinutes(-settings.GraceMinutes)) { Codes = codes });
    }

    // The text as a whole, and each of its words: codes are pasted with what the customer wrote around them.
    private static List<TypedCode> CodesIn(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('.', ',', ';', ':', '!', '?', '(', ')', '"', '“', '”', '。', '，')).Prepend(text)
            .Distinct().Select(RedemptionCode.Read).Where(code => code.Reading != CodeReading.NoCode).Take(MostCodes),
    ];

    // Without the key ring codes are not found; everything else is.
    private async Task<IReadOnlyList<byte[]>> LookupKeysAsync(List<TypedCode> codes, CancellationToken token)
    {
        var whole = codes.FindAll(code => code.Reading == CodeReading.Whole);
        if (whole.Count == 0)
            return [];
        try
        {
            var finder = await vault.FinderAsync(token);
            return [.. whole.Select(code => finder.LookupKey(code.Canonical))];
        }
        catch (KeyRingException)
        {
            return [];
        }
    }

    private static string Only(SearchHits hits) =>
        hits.Orders.Keys is [var order] ? Links.Order(order)
        : hits.Payments.Keys is [var payment] ? Links.Payment(payment)
        : hits.Run is { } run ? Links.Run(run)
        : hits.Import is { } import ? Links.Import(import)
        : hits.Batch is { } batch ? Links.Batch(batch)
        : hits.Codes is [var code] ? Links.Code(code.BatchNo, code.Sequence)
        : Links.Report(hits.Report!.Value);
}

/// <summary>What the page of several hits, or none, shows.</summary>
/// <param name="Text">What was typed.</param>
/// <param name="Hits">What it names.</param>
/// <param name="Orders">The orders among it, newest first.</param>
/// <param name="Payments">The payments among it, newest first.</param>
/// <param name="GraceFrom">What was paid after it is not yet missing its delivery, UTC.</param>
public sealed record SearchPage(SearchText Text, SearchHits Hits, IReadOnlyList<OrderRow> Orders, IReadOnlyList<PaymentRow> Payments, DateTime GraceFrom)
{
    /// <summary>What of the text is made like a redemption code; never the codes themselves.</summary>
    public IReadOnlyList<TypedCode> Codes { get; init; } = [];

    /// <summary>Made like a code, but its check character does not fit, and nothing else was found.</summary>
    public bool IsMistypedCode => Codes.Count > 0 && Codes.All(code => code.Reading == CodeReading.Mistyped);

    /// <summary>A text that holds a code is not shown once more.</summary>
    public bool HasCode => Codes.Any(code => code.Reading == CodeReading.Whole);

    /// <summary>Where all orders of the address are, when more were found than are shown.</summary>
    public string? AllOrders => Hits.Orders.HasMore && Text.Emails is [var email] ? Address.With("/orders", ("text", email)) : null;

    /// <summary>What the text was tried as, in words.</summary>
    public IEnumerable<string> Tried(Texts texts)
    {
        if (Codes.Count > 0)
            yield return texts["Search.AsCode"];
        if (Text.OrderNumbers.Count > 0)
            yield return texts["Search.AsOrderNumber", string.Join(texts["Common.Comma"], Text.OrderNumbers)];
        else if (!HasCode)
            yield return texts["Search.AsWord"];
        if (Text.CreemIds.Count > 0)
            yield return texts["Search.AsCreemId", string.Join(texts["Common.Comma"], Text.CreemIds)];
        if (Text.Emails.Count > 0)
            yield return texts["Search.AsEmail", string.Join(texts["Common.Comma"], Text.Emails)];
        if (Text.LastFour is { } end)
            yield return texts["Search.AsLastFour", end];
        if (Text.Number is { } number)
            yield return texts["Search.AsNumber", Address.Text(number)];
    }
}
