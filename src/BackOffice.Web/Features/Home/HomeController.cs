using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Home;

public sealed class HomeController : Controller
{
    [HttpGet("/")]
    public ViewResult Index() => View();
}
