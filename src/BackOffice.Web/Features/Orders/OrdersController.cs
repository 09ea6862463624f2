using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Orders;

public sealed class OrdersController(OrderQueries orders, PackageQueries packages, Settings settings, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    private DateTime GraceFrom => clock.GetUtcNow().UtcDateTime.AddMinutes(-settings.GraceMinutes);

    [HttpGet("/orders")]
    public async Task<ViewResult> IndexAsync(OrderListQuery query, string? before, string? after, CancellationToken token)
    {
        var refused = new List<Refusal>();
        var filter = query.Read(settings.Business, refused);
        foreach (var refusal in refused)
            ModelState.AddRefusal(texts, refusal, texts["Orders.Field." + refusal.Field]);
        var page = new KeyedPage<OrderRow>([], false, false);
        if (refused.Count == 0)
            page = await orders.ListAsync(filter, OrderListPlace.Read(before, after), Rows, settings.CreemMode, token);
        else
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("Index", new OrderListPage(query, page, await packages.ListAsync(token), GraceFrom));
    }

    [HttpGet("/orders/{**orderNo}")]
    public async Task<IActionResult> ShowAsync(string orderNo, CancellationToken token)
    {
        if (await orders.FindAsync(orderNo, settings.CreemMode, token) is not { } order)
            return NotFound();
        var package = (await packages.ListAsync(token)).Single(one => one.Slug == order.Package);
        var deliveries = await orders.DeliveriesAsync(orderNo, token);
        var transactions = order.Now.Transactions.Concat(order.Now.OfOtherModes).Select(transaction => transaction.State.Id).ToList();
        var findings = await orders.FindingsAsync(orderNo, transactions, token);
        return View("Show", new OrderDetail(order, package, deliveries, findings, GraceFrom));
    }
}
