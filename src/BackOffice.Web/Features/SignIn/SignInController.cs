using BackOffice.Data.Staff;
using BackOffice.Jobs;
using BackOffice.Jobs.Demo;
using BackOffice.Jobs.Staff;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.SignIn;

/// <summary>Password, then code. One sentence for every failure, whatever it was.</summary>
[AllowAnonymous]
public sealed class SignInController(SignInDesk desk, StaffQueries staff, StaffStore store, DemoStaff demo, IHostEnvironment environment, Texts texts) : Controller
{
    [HttpGet("/sign-in")]
    public IActionResult Ask(string? back) => HttpContext.SignedIn() is null ? PasswordPage("", back) : Redirect(Back.Or(back));

    [HttpPost("/sign-in")]
    public async Task<IActionResult> PasswordAsync([FromForm] string? email, [FromForm] string? password, [FromForm] string? back)
    {
        var answer = await desk.TryPasswordAsync(email ?? "", password ?? "", HttpContext.RemoteAddress());
        if (answer.Outcome != TryOutcome.Right)
        {
            Refuse(answer.Outcome, "SignIn.Wrong", "email");
            return PasswordPage(email ?? "", back);
        }
        if (!answer.Member!.HasTotp)
            return await BeginAsync(answer.Member, back);
        await Sessions.AwaitCodeAsync(HttpContext, answer.Member);
        return Redirect(Address.With("/sign-in/code", ("back", back)));
    }

    [HttpGet("/sign-in/code")]
    public async Task<IActionResult> AskCodeAsync(string? back, string? with) =>
        await Sessions.AwaitedAsync(HttpContext, staff) is null ? Redirect(Address.With("/sign-in", ("back", back))) : CodePage(with, back);

    [HttpPost("/sign-in/code")]
    public async Task<IActionResult> CodeAsync([FromForm] string? code, [FromForm] string? with, [FromForm] string? back)
    {
        if (await Sessions.AwaitedAsync(HttpContext, staff) is not { } member || !desk.MaySignIn(member))
            return Redirect(Address.With("/sign-in", ("back", back)));
        var answer = await desk.TryCodeAsync(member, code ?? "", with == CodeForm.Recovery, HttpContext.RemoteAddress());
        if (answer.Outcome == TryOutcome.Right)
            return await BeginAsync(member, back);
        Refuse(answer.Outcome, "SignIn.CodeWrong", "code");
        return CodePage(with, back);
    }

    [HttpPost("/sign-out")]
    public async Task<IActionResult> LeaveAsync()
    {
        if (HttpContext.SignedIn() is { } session)
            await store.EndSessionAsync(session, CancellationToken.None);
        await HttpContext.SignOutAsync(Sessions.Scheme);
        await HttpContext.SignOutAsync(Sessions.CodeScheme);
        Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\""; // nor does the browser's Back show the pages again
        TempData["Done"] = texts["SignIn.SignedOut"];
        return Redirect("/sign-in");
    }

    private async Task<IActionResult> BeginAsync(StaffMember member, string? back)
    {
        // Whoever was signed in in this browser is so no more.
        if (HttpContext.SignedIn() is { } other)
            await store.EndSessionAsync(other, CancellationToken.None);
        var session = await desk.StartSessionAsync(member, HttpContext.RemoteAddress());
        await HttpContext.SignOutAsync(Sessions.CodeScheme);
        await Sessions.SignInAsync(HttpContext, session, member.Id, member.SecurityStamp);
        return Redirect(Back.Or(back));
    }

    private void Refuse(TryOutcome outcome, string key, string field)
    {
        ModelState.AddModelError(field, texts[key]);
        Response.StatusCode = outcome == TryOutcome.Paused ? StatusCodes.Status429TooManyRequests : StatusCodes.Status422UnprocessableEntity;
    }

    private ViewResult PasswordPage(string email, string? back) =>
        View("Password", new PasswordForm(email, back, environment.IsDevelopment() && demo.Password is { } password ? new DemoSignIn(DemoStaff.Emails, password) : null));

    private ViewResult CodePage(string? with, string? back) => View("Code", new CodeForm(with == CodeForm.Recovery, back));
}

/// <param name="Email">As it was typed.</param>
/// <param name="Back">Where the person wanted to go.</param>
/// <param name="Demo">In Development, whom to sign in as.</param>
public sealed record PasswordForm(string Email, string? Back, DemoSignIn? Demo);

public sealed record DemoSignIn(IReadOnlyList<string> Emails, string Password);

public sealed record CodeForm(bool IsRecovery, string? Back)
{
    public const string Recovery = "recovery";
}
