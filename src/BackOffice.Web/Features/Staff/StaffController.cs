using BackOffice.Data.Engine;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Staff;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Staff;

/// <summary>Who may do what: add, another role, disable, enable, reset. What is done to an account names its reason and ends its sessions.</summary>
[Allow(Act.RunOffice)]
public sealed class StaffController(StaffDesk desk, StaffQueries staff, BusinessTime shop, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 50;

    [HttpGet("/staff")]
    public async Task<ViewResult> IndexAsync(string? before, string? after, CancellationToken token) => View("Index", await staff.ListAsync(after, before, Rows, token));

    [HttpGet("/staff/rows.{format}")]
    public RowsFile<StaffMember> File(string format)
    {
        var columns = new RowColumns<StaffMember>(texts, shop, clock.UtcNow())
            .Text(texts["Staff.Email"], person => person.Email)
            .Text(texts["Staff.Name"], person => person.Name)
            .Text(texts["Staff.Role"], person => RoleWords.Of(texts, person.InRole))
            .Text(texts["Staff.TwoFactor"], person => person.HasTotp ? texts["Staff.On"] : texts["Staff.Off"])
            .Time(texts["Staff.SignedInAt"], person => person.SignedInAt)
            .Text(texts["Staff.State"], person => texts[person.DisabledAt is null ? "State.enabled" : "State.disabled"]);
        return new RowsFile<StaffMember>(
            "staff", format, columns, KeyedPage.AllAsync<StaffMember, string>((after, stop) => staff.ListAsync(after, null, RowsFile.Portion, stop), person => person.Email));
    }

    [HttpGet("/staff/new"), Reauthenticate]
    public ViewResult New() => View("New", new NewPerson());

    [HttpPost("/staff"), Reauthenticate]
    public async Task<IActionResult> AddAsync([FromForm] NewPerson person)
    {
        try
        {
            var email = EmailAddress.Canonical(person.Email ?? "");
            var oneTime = await desk.AddAsync(email, person.Name ?? "", person.Role ?? "", null, HttpContext.Who());
            return View("OneTimePassword", new OneTimePassword(email, oneTime!));
        }
        catch (RefusedException refused)
        {
            ModelState.AddRefusal(texts, refused.Refusal, texts["Staff.Field." + refused.Refusal.Field]);
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return View("New", person);
        }
    }

    [HttpGet("/staff/{id:guid}")]
    public Task<IActionResult> ShowAsync(Guid id) => PageAsync(id);

    [HttpPost("/staff/{id:guid}/role"), Reauthenticate]
    public Task<IActionResult> ChangeRoleAsync(Guid id, [FromForm] string? role, [FromForm] string? reason) =>
        ActAsync(id, reason, "Staff.RoleChanged", why => desk.ChangeRoleAsync(id, role ?? "", why, HttpContext.Who()));

    [HttpPost("/staff/{id:guid}/disabling"), Reauthenticate]
    public Task<IActionResult> DisableAsync(Guid id, [FromForm] string? reason) => ActAsync(id, reason, "Staff.DisabledNow", why => desk.DisableAsync(id, why, HttpContext.Who()));

    [HttpPost("/staff/{id:guid}/enabling"), Reauthenticate]
    public Task<IActionResult> EnableAsync(Guid id, [FromForm] string? reason) => ActAsync(id, reason, "Staff.EnabledNow", why => desk.EnableAsync(id, why, HttpContext.Who()));

    [HttpPost("/staff/{id:guid}/reset"), Reauthenticate]
    public async Task<IActionResult> ResetAsync(Guid id, [FromForm] string? reason)
    {
        OneTimePassword? made = null;
        var answer = await ActAsync(id, reason, null, async why =>
        {
            var member = await staff.FindAsync(id) ?? throw new RefusedException(new Refusal("NoSuchPerson", ""));
            made = new OneTimePassword(member.Email, await desk.ResetAsync(id, why, HttpContext.Who()));
        });
        return made is null ? answer : View("OneTimePassword", made);
    }

    private async Task<IActionResult> ActAsync(Guid id, string? reason, string? done, Func<string, Task> act)
    {
        var refusals = new List<Refusal>();
        if (Acting.Reason(reason, refusals) is not { } why || !await Acting.DoAsync(() => act(why), refusals))
            return await RefusedAsync(id, refusals[0]);
        if (done is not null)
            TempData["Done"] = texts[done];
        return Redirect($"/staff/{id:N}");
    }

    private Task<IActionResult> RefusedAsync(Guid id, Refusal refusal)
    {
        ModelState.AddModelError(refusal.Field, texts.Of(refusal));
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return PageAsync(id);
    }

    private async Task<IActionResult> PageAsync(Guid id) =>
        await staff.FindAsync(id, HttpContext.RequestAborted) is { } member ? View("Show", new PersonPage(member, member.Id == HttpContext.SignedIn()!.StaffId)) : NotFound();
}

/// <summary>The form of a new person as it was typed.</summary>
public sealed record NewPerson
{
    public string? Email { get; init; }

    public string? Name { get; init; }

    public string? Role { get; init; }
}

public sealed record OneTimePassword(string Email, string Password);

/// <param name="Member">Whose page it is.</param>
/// <param name="IsOwn">One's own account is not changed here.</param>
public sealed record PersonPage(StaffMember Member, bool IsOwn);
