using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>What does the upstream ask for a month, and where does the difference to our figures come from?</summary>
[Route("/settlements/{upstream}/{month}/invoice"), Allow(Act.SeeMoney)]
public sealed class InvoicesController(InvoiceQueries invoices, InvoiceStore store, RateQueries rates, BusinessTime shop, Texts texts, TimeProvider clock) : Controller
{
    [HttpGet("")]
    public async Task<IActionResult> ShowAsync(string upstream, string month, string? number, CancellationToken token) =>
        await PageAsync(upstream, month, Address.Number(number), token) is { } page ? View("Invoice", page) : NotFound();

    [HttpGet("rows.{format}")]
    public async Task<IActionResult> PartsAsync(string upstream, string month, string format, string? number, CancellationToken token)
    {
        if (await PageAsync(upstream, month, Address.Number(number), token) is not { Figures: { } figures })
            return NotFound();
        var columns = new RowColumns<PartDifference>(texts, shop, clock.UtcNow())
            .Text(texts["Settlement.Model"], part => part.Model)
            .Text(texts["Settlement.Part"], part => texts["Part." + part.Part])
            .Number(texts["Invoice.OurTokens"], part => part.OurTokens)
            .Number(texts["Invoice.InvoiceTokens"], part => part.InvoiceTokens)
            .Text(texts["Invoice.Ours"], part => Figures.NanoPlain(part.OursNano))
            .Text(texts["Invoice.Theirs"], part => Figures.NanoPlain(part.InvoiceNano))
            .Text(texts["Invoice.Difference"], part => Figures.NanoPlain(part.Nano))
            .Currency(_ => figures.Invoice.Currency);
        return new RowsFile<PartDifference>($"invoice-{upstream}-{month}-{figures.Invoice.Number}", format, columns, figures.Parts.ToAsyncEnumerable());
    }

    /// <summary>Accepts the difference of the figures of the page.</summary>
    [HttpPost("acceptance"), Allow(Act.Sign), Reauthenticate]
    public async Task<IActionResult> AcceptAsync(string upstream, string month, [FromForm] string? number, [FromForm] string? seen, [FromForm] string? reason, CancellationToken token)
    {
        var wanted = Address.Number(number);
        if (await PageAsync(upstream, month, wanted, token) is not { Figures: not null } page)
            return NotFound();
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is { } why
            && await Acting.DoAsync(() => store.AcceptAsync(upstream, SettlementPeriod.Parse(month)!.Value, wanted ?? 0, seen ?? "", HttpContext.Who(), why, token), refusals))
        {
            TempData["Done"] = texts["Invoice.AcceptedNow"];
            return Redirect(page.Url);
        }
        ModelState.AddActRefusal(texts, refusals[0], "Settlements.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("Invoice", page with { Reason = reason });
    }

    // Figures that do not fit are said on the page: an invoice may hold slips.
    private async Task<InvoicePage?> PageAsync(string upstream, string month, long? number, CancellationToken token)
    {
        if (SettlementPeriod.Parse(month) is not { } day || !(await rates.UpstreamsAsync(token)).Contains(upstream))
            return null;
        var all = await invoices.OfMonthAsync(upstream, month, token);
        if (number is not null && !all.Exists(row => row.Number == number))
            return null;
        var page = new InvoicePage(upstream, month, all);
        try
        {
            return page with { Figures = await invoices.CompareAsync(upstream, day, number, token) };
        }
        catch (RefusedException refused)
        {
            return page with { Trouble = refused.Refusal };
        }
    }
}

/// <summary>An upstream's invoice of a month.</summary>
/// <param name="Upstream">The upstream.</param>
/// <param name="Month">The month.</param>
/// <param name="All">All invoices of the month, the newest first: that one counts.</param>
public sealed record InvoicePage(string Upstream, string Month, IReadOnlyList<InvoiceRow> All)
{
    /// <summary>The invoice held against our figures; null when there is none.</summary>
    public InvoiceFigures? Figures { get; init; }

    /// <summary>Why it cannot be compared.</summary>
    public Refusal? Trouble { get; init; }

    /// <summary>As it was typed.</summary>
    public string? Reason { get; init; }

    /// <summary>The stated total less what its lines add up to, 10^-9 of the unit; null when it states none.</summary>
    public long? StatedAbove => Figures is { Invoice.StatedNano: { } stated } figures ? SettlementMath.Fit(figures.Difference.Models.Aggregate((Int128)stated, (rest, model) => rest - model.InvoiceNano)) : null;

    public string Settlement => SettlementWords.Url(Upstream, Month);

    public string Url => Settlement + "/invoice";

    public string? State => Figures switch
    {
        null => null,
        { IsAccepted: true } => "accepted",
        { Difference.IsUnexplained: true } => "needs_attention",
        _ => "open",
    };

    public string Answer(Texts texts)
    {
        if (Trouble is not null)
            return texts.Of(Trouble);
        if (Figures is not { } figures)
            return texts["Invoice.AnswerNone"];
        var asked = Amount(figures.Difference.InvoiceNano);
        var difference = (long)figures.Difference.Variance.Total;
        if (!figures.IsCurrent)
            return texts["Invoice.AnswerOlder", asked];
        if (figures.IsAccepted)
            return texts["Invoice.AnswerAccepted", asked, figures.Invoice.AcceptedBy!];
        return difference == 0 ? texts["Invoice.AnswerEqual", asked] : texts["Invoice.Answer", asked, Amount(difference, plus: true)];
    }

    /// <summary>The way from our figure to the invoice's: what a step is called, its amount, and whether it is an end of the way.</summary>
    public IEnumerable<(string Step, long Nano, bool IsTotal)> Steps()
    {
        var (difference, variance) = (Figures!.Difference, Figures.Difference.Variance);
        return
        [
            ("ours", difference.OursNano, true), ("quantity", variance.Quantity, false), ("mix", variance.Mix, false), ("price", variance.Price, false),
            ("unmapped", variance.Unmapped, false), ("rounding", variance.Rounding, false), ("invoice", difference.InvoiceNano, true),
        ];
    }

    private string Amount(long nano, bool plus = false) => $"{Figures!.Invoice.Currency} {Shared.Figures.Nano(nano, plus)}";
}
