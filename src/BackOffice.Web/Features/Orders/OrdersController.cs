using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Orders;

[Allow(Act.FindOrders)]
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
        return View("Index", new OrderListPage(query, page, await packages.ListAsync(token), GraceFrom, query.KnownStatus is not null && await orders.HasUnknownStatusAsync(token)));
    }

    [HttpGet("/orders/rows.{format}")]
    public async Task<IActionResult> FileAsync(OrderListQuery query, string format, CancellationToken token)
    {
        var refused = new List<Refusal>();
        var filter = query.Read(settings.Business, refused);
        if (refused.Count > 0)
            return BadRequest();
        var rows = KeyedPage.AllAsync<OrderRow, OrderPlace>(
            (place, stop) => orders.ListAsync(filter, place, RowsFile.PortionWithFacts, settings.CreemMode, stop), row => new OrderPlace(row.CreatedAt, row.OrderNo, Newer: false), token);
        var columns = OrderColumns.Add(new RowColumns<OrderRow>(texts, settings.Business, clock.UtcNow()), texts, await packages.ListAsync(token), GraceFrom);
        return new RowsFile<OrderRow>("orders", format, columns, rows);
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
        return View("Show", new OrderDetail(order, package, deliveries, findings, await orders.RevealsAsync(orderNo, token), GraceFrom));
    }
}
