using BackOffice.Data.Engine;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Staff;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using QRCoder;

namespace BackOffice.Web.Features.Account;

/// <summary>What people do to their own account: password, codes, recovery codes, sessions, the password once more.</summary>
public sealed class AccountController(
    StaffDesk desk, SignInDesk signIn, StaffQueries staff, StaffStore store, TimeProvider clock, IDataProtectionProvider protection, IHostEnvironment environment, Texts texts) : Controller
{
    private static readonly TimeSpan TimeToSetUp = TimeSpan.FromMinutes(15);

    [HttpGet("/account"), Allow(Act.Work)]
    public async Task<ViewResult> IndexAsync() => await OwnPageAsync();

    /// <summary>Asked for by who wants to stay signed in: the answer renews the cookie.</summary>
    [HttpGet("/account/stay"), Allow(Act.Work)]
    public NoContentResult Stay() => NoContent();

    [HttpPost("/account/keys"), Allow(Act.Work)]
    public RedirectResult SwitchKeys([FromForm] bool on)
    {
        SingleKeys.Switch(HttpContext, on);
        TempData["Done"] = on ? texts["Account.KeysOn"] : texts["Account.KeysOff"];
        return Redirect("/account");
    }

    [HttpGet("/account/password"), Allow(Act.SecureOwnAccount)]
    public ViewResult Password() => View("Password", IsFirst());

    [HttpPost("/account/password"), Allow(Act.SecureOwnAccount)]
    public async Task<IActionResult> ChoosePasswordAsync([FromForm] string? password, [FromForm(Name = "new_password")] string? chosen)
    {
        var session = HttpContext.SignedIn()!;
        var answer = await signIn.ConfirmAsync(session, password ?? "", HttpContext.RemoteAddress());
        if (answer.Outcome != TryOutcome.Right)
            return Refused(answer.Outcome, "Password", IsFirst());
        try
        {
            var stamp = await desk.ChoosePasswordAsync(answer.Member!, chosen ?? "", session.Id);
            await Sessions.SignInAsync(HttpContext, session.Id, session.StaffId, stamp);
        }
        catch (RefusedException refused)
        {
            return Refused(refused.Refusal, "Account.NewPassword", "Password", IsFirst());
        }
        TempData["Done"] = texts["Account.PasswordChosen"];
        return Redirect("/account");
    }

    [HttpGet("/account/two-factor"), Allow(Act.SecureOwnAccount), Reauthenticate]
    public ViewResult TwoFactor() => View("TwoFactor", Setup(TotpCodes.NewSecret()));

    [HttpPost("/account/two-factor"), Allow(Act.SecureOwnAccount), Reauthenticate]
    public async Task<IActionResult> SetUpTwoFactorAsync([FromForm] string? setup, [FromForm] string? code)
    {
        var session = HttpContext.SignedIn()!;
        if (SecretOf(setup) is not { } secret)
            return Redirect("/account/two-factor"); // too late, or not of this page: a new secret
        try
        {
            var (stamp, codes) = await desk.SetUpTotpAsync(await OwnAsync(), secret, code ?? "", session.Id);
            await Sessions.SignInAsync(HttpContext, session.Id, session.StaffId, stamp);
            return View("RecoveryCodes", codes);
        }
        catch (RefusedException refused)
        {
            return Refused(refused.Refusal, "Account.FirstCode", "TwoFactor", Setup(secret));
        }
    }

    [HttpPost("/account/two-factor/recovery-codes"), Allow(Act.Work), Reauthenticate]
    public async Task<IActionResult> NewRecoveryCodesAsync()
    {
        var (own, session) = (await OwnAsync(), HttpContext.SignedIn()!);
        if (!own.HasTotp)
            return Redirect("/account");
        var (stamp, codes) = await desk.NewRecoveryCodesAsync(own, session.Id);
        await Sessions.SignInAsync(HttpContext, session.Id, session.StaffId, stamp);
        return View("RecoveryCodes", codes);
    }

    [HttpPost("/account/two-factor/removal"), Allow(Act.Work), Reauthenticate]
    public async Task<IActionResult> RemoveTwoFactorAsync()
    {
        var (own, session) = (await OwnAsync(), HttpContext.SignedIn()!);
        if (own.HasTotp && MayRemove(own))
        {
            await Sessions.SignInAsync(HttpContext, session.Id, session.StaffId, await desk.RemoveTotpAsync(own, session.Id));
            TempData["Done"] = texts["Account.TwoFactorRemoved"];
        }
        return Redirect("/account");
    }

    [HttpPost("/account/sessions/{id:guid}/end"), Allow(Act.Work), Reauthenticate]
    public async Task<RedirectResult> EndSessionAsync(Guid id) =>
        SessionsEnded(await store.EndSessionAsync(HttpContext.SignedIn()!, id, CancellationToken.None));

    [HttpPost("/account/sessions/end"), Allow(Act.Work), Reauthenticate]
    public async Task<RedirectResult> EndOtherSessionsAsync() =>
        SessionsEnded(await store.EndOtherSessionsAsync(HttpContext.SignedIn()!, OldestSession(), CancellationToken.None) > 0);

    [HttpGet("/account/confirm"), Allow(Act.SecureOwnAccount)]
    public ViewResult Confirm(string? back) => View("Confirm", Back.Or(back));

    [HttpPost("/account/confirm"), Allow(Act.SecureOwnAccount)]
    public async Task<IActionResult> ConfirmAsync([FromForm] string? password, [FromForm] string? back)
    {
        var answer = await signIn.ConfirmAsync(HttpContext.SignedIn()!, password ?? "", HttpContext.RemoteAddress());
        if (answer.Outcome != TryOutcome.Right)
            return Refused(answer.Outcome, "Confirm", Back.Or(back));
        TempData["Done"] = texts["Account.Confirmed"];
        return Redirect(Back.Or(back));
    }

    private async Task<StaffMember> OwnAsync() =>
        await staff.FindAsync(HttpContext.SignedIn()!.StaffId, HttpContext.RequestAborted) ?? throw new InvalidOperationException("A session belongs to somebody.");

    private async Task<ViewResult> OwnPageAsync()
    {
        var own = await OwnAsync();
        var sessions = await staff.SessionsAsync(own.Id, OldestSession(), HttpContext.RequestAborted);
        return View("Index", new AccountPage(own, own.HasTotp ? await staff.RecoveryCodesLeftAsync(own.Id, HttpContext.RequestAborted) : 0, MayRemove(own), sessions));
    }

    private DateTime OldestSession() => clock.UtcNow() - Sessions.Longest;

    private RedirectResult SessionsEnded(bool any)
    {
        TempData["Done"] = texts[any ? "Account.SessionsEnded" : "Account.NoSessionEnded"];
        return Redirect("/account");
    }

    // Where codes are asked of admins, they are not taken away.
    private bool MayRemove(StaffMember own) => own.InRole != Role.Admin || !environment.IsProduction();

    private bool IsFirst() => HttpContext.SignedIn()!.HasPasswordToReplace;

    private ViewResult Refused(TryOutcome outcome, string view, object model)
    {
        ModelState.AddModelError("password", texts["Account.PasswordWrong"]);
        Response.StatusCode = outcome == TryOutcome.Paused ? StatusCodes.Status429TooManyRequests : StatusCodes.Status422UnprocessableEntity;
        return View(view, model);
    }

    private ViewResult Refused(Refusal refusal, string label, string view, object model)
    {
        ModelState.AddRefusal(texts, refusal, texts[label]);
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View(view, model);
    }

    private TwoFactorSetup Setup(string secret)
    {
        var email = HttpContext.SignedIn()!.Email;
        using var generator = new QRCodeGenerator();
        using var square = generator.CreateQrCode(TotpCodes.Uri(secret, email), QRCodeGenerator.ECCLevel.M);
        var svg = new SvgQRCode(square).GetGraphic(4, "#000000", "#ffffff");
        return new TwoFactorSetup(
            Protector().Protect(secret, TimeToSetUp),
            string.Join(' ', secret.Chunk(4).Select(group => new string(group))),
            "data:image/svg+xml;base64," + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(svg)));
    }

    private string? SecretOf(string? setup)
    {
        try
        {
            return setup is { Length: > 0 } ? Protector().Unprotect(setup) : null;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    // Bound to the person: what one was shown, another cannot set up.
    private ITimeLimitedDataProtector Protector() => protection.CreateProtector("AiCredits.BackOffice.TwoFactor", HttpContext.SignedIn()!.StaffId.ToString("N")).ToTimeLimitedDataProtector();
}

/// <param name="Own">Who it is.</param>
/// <param name="RecoveryCodesLeft">Not used yet.</param>
/// <param name="MayRemoveTotp">Codes are not asked of this role.</param>
/// <param name="Sessions">Those that go on, this one among them.</param>
public sealed record AccountPage(StaffMember Own, int RecoveryCodesLeft, bool MayRemoveTotp, IReadOnlyList<OwnSession> Sessions);

/// <param name="Protected">The secret as the form brings it back.</param>
/// <param name="Secret">To be typed into an app.</param>
/// <param name="Square">The same to be read by a camera: an address of an image.</param>
public sealed record TwoFactorSetup(string Protected, string Secret, string Square);
