using System.Security.Cryptography;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>Where is a code in its life? Never the code itself, but for a minute, to whoever may and says why.</summary>
[Allow(Act.SeeOneCode)]
public sealed class CodesController(CodeQueries codes, CodeRevealStore reveals, PackageQueries packages, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    private const int Rows = 50;

    [HttpGet("/codes"), Allow(Act.SeeCatalogue)]
    public async Task<ViewResult> IndexAsync(CodeListQuery query, string? before, string? after, CancellationToken token) =>
        View("Codes", new CodeListPage(query, await codes.ListAsync(query.Filter, CodeListQuery.Place(before, after), Rows, token)));

    [HttpGet("/codes/rows.{format}"), Allow(Act.SeeCatalogue)]
    public async Task<RowsFile<CodeRow>> FileAsync(CodeListQuery query, string format, CancellationToken token)
    {
        var sold = await packages.ListAsync(token);
        var columns = new RowColumns<CodeRow>(texts, shop, clock.UtcNow())
            .Number(texts["Batches.Batch"], code => code.BatchNo)
            .Number(texts["Codes.Sequence"], code => code.Sequence)
            .Text(texts["Codes.LastFour"], code => code.LastFour)
            .Text(texts["Batches.State"], code => texts["State." + Domain.Codes.CodeStatuses.Word(code.Effective)])
            .Text(texts["Codes.Order"], code => code.OrderNo)
            .Text(texts["Orders.Field.package"], code => sold.NameOf(code.Package, texts))
            .Number(texts["Orders.UnitsColumn"], code => code.Units)
            .Number(texts["Batches.TokensEach"], code => code.Tokens);
        var rows = KeyedPage.AllAsync<CodeRow, CodePlace>((place, stop) => codes.ListAsync(query.Filter, place, RowsFile.Portion, stop), row => new CodePlace(row.BatchNo, row.Sequence, IsBefore: false), token);
        return new RowsFile<CodeRow>("codes", format, columns, rows);
    }

    [HttpGet("/codes/{code}")]
    public async Task<IActionResult> ShowAsync(string code, CancellationToken token) =>
        await FindAsync(code, token) is { } row
            ? View("Code", new CodePage(row, (await packages.ListAsync(token)).NameOf(row.Package, texts), await codes.EventsAsync(row.BatchNo, row.Sequence, token)))
            : NotFound();

    [HttpGet("/codes/{code}/reveal"), Allow(Act.Deliver), Reauthenticate]
    public async Task<IActionResult> AskAsync(string code, CancellationToken token) => await FindAsync(code, token) is { } row ? View("RevealCode", new RevealCodePage(row, null)) : NotFound();

    [HttpPost("/codes/{code}/reveal"), Allow(Act.Deliver), Reauthenticate]
    public async Task<IActionResult> RevealAsync(string code, [FromForm] string? reason, CancellationToken token)
    {
        if (await FindAsync(code, token) is not { } row)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is not { } why)
            return Refused(row, reason, refusals[0]);
        try
        {
            var secret = await reveals.RevealAsync(row, HttpContext.Who(), why, token);
            Response.Headers.CacheControl = "no-store";
            return View("RevealedCode", new RevealedCode(row, secret));
        }
        catch (KeyRingException)
        {
            return Refused(row, reason, new Refusal("SecretWithoutRing", ""));
        }
        catch (CryptographicException)
        {
            return Refused(row, reason, new Refusal("SecretUnreadable", ""));
        }
    }

    private async Task<CodeRow?> FindAsync(string code, CancellationToken token) => CodeWords.Place(code) is { } place ? await codes.FindAsync(place.Batch, place.Sequence, token) : null;

    private ViewResult Refused(CodeRow row, string? reason, Refusal refusal)
    {
        ModelState.AddModelError(refusal.Field, texts.Of(refusal));
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("RevealCode", new RevealCodePage(row, reason));
    }
}

/// <summary>What is asked before.</summary>
public sealed record RevealCodePage(CodeRow Code, string? Reason);

/// <summary>What is shown for a minute.</summary>
public sealed record RevealedCode(CodeRow Code, string Secret)
{
    /// <summary>Without the code.</summary>
    public override string ToString() => Code.Subject;
}
