using BackOffice.Domain.Access;
using BackOffice.Web.Security;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>How many days do the codes last?</summary>
[Allow(Act.SeeCatalogue)]
public sealed class StockController(StockBook stock) : Controller
{
    [HttpGet("/codes/stock")]
    public async Task<ViewResult> IndexAsync(CancellationToken token) => View("Stock", new StockPage(await stock.ReadAsync(token), stock.LowDays));
}
