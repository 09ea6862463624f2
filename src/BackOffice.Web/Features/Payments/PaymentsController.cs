using BackOffice.Data.Engine;
using BackOffice.Data.Payments;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Payments;

/// <summary>What did Creem tell us, by which road, and does it agree?</summary>
[Allow(Act.SeeMoney)]
public sealed class PaymentsController(PaymentQueries payments, Settings settings, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    [HttpGet("/payments")]
    public async Task<ViewResult> IndexAsync([FromQuery] PaymentAddress address, string? before, string? after, CancellationToken token)
    {
        var wanted = address.Known();
        var refused = new List<Refusal>();
        var filter = wanted.Filter(settings.Business, refused);
        foreach (var refusal in refused)
            ModelState.AddRefusal(texts, refusal, texts["Payments.Field." + refusal.Field]);
        var page = new KeyedPage<PaymentRow>([], false, false);
        if (refused.Count == 0)
            page = await payments.ListAsync(filter, PaymentListPlace.Read(before, after), Rows, token);
        else
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("Index", new PaymentListPage(wanted, page));
    }

    [HttpGet("/payments/rows.{format}")]
    public IActionResult File([FromQuery] PaymentAddress address, string format)
    {
        var refused = new List<Refusal>();
        var filter = address.Known().Filter(settings.Business, refused);
        if (refused.Count > 0)
            return BadRequest();
        var rows = KeyedPage.AllAsync<PaymentRow, PaymentPlace>(
            (place, stop) => payments.ListAsync(filter, place, RowsFile.PortionWithFacts, stop), row => new PaymentPlace(row.CreatedAt, row.TransactionId, Newer: false));
        var columns = new RowColumns<PaymentRow>(texts, settings.Business, clock.UtcNow())
            .Text(texts["Payments.Transaction"], payment => payment.TransactionId)
            .Time(texts["Payment.Field.created_at"], payment => payment.CreatedAt)
            .Text(texts["Orders.Order"], payment => payment.OrderNo)
            .Money(texts["Payments.Paid"], payment => payment.AmountPaidMinor, payment => payment.Currency)
            .Money(texts["Payments.Refunded"], payment => payment.RefundedMinor, payment => payment.Currency)
            .Currency(payment => payment.Currency)
            .Text(texts["Orders.Status"], payment => texts["State." + PaymentWords.State(payment)]);
        return new RowsFile<PaymentRow>("payments", format, columns, rows);
    }

    [HttpGet("/payments/{transactionId}")]
    public async Task<IActionResult> ShowAsync(string transactionId, CancellationToken token)
    {
        if ((await payments.OfIdsAsync([transactionId], token)).SingleOrDefault() is not { } payment)
            return NotFound();
        var table = ObservationTable.Of(await payments.ObservationsAsync(transactionId, token), texts);
        var findings = await payments.FindingsAsync(transactionId, token);
        return View("Show", new PaymentPage(payment, table, findings, payment.Mode is not null && payment.Mode != settings.CreemMode));
    }
}
