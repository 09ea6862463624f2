using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs;
using BackOffice.Jobs.Codes;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>Makes a whole batch void, for good: what is touched and what stays is counted before, and once more at the act.</summary>
[Allow(Act.RunCatalogue), Reauthenticate]
public sealed class VoidBatchController(
    BatchQueries batches, VoidDesk desk, CodeTaskStore tasks, ApprovalQueries approvals, PackageQueries packages, IBackgroundJobClient jobs, Texts texts) : Controller
{
    [HttpGet("/codes/batches/{number:long}/void")]
    public Task<IActionResult> AskAsync(long number, VoidBatchForm form, CancellationToken token) => PageAsync(number, form, token);

    [HttpPost("/codes/batches/{number:long}/void")]
    public async Task<IActionResult> VoidAsync(long number, [FromForm] VoidBatchForm form, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is null)
            return NotFound();
        var refusals = new List<Refusal>();
        var reason = Acting.Reason(form.Reason, refusals);
        if (Typed.Plain(form.Word) != Address.Text(number))
            refusals.Add(new Refusal("WordNotBatch", "word", Address.Text(number)));
        VoidOutcome? outcome = null;
        if (refusals.Count == 0 && await Acting.DoAsync(async () => outcome = await desk.VoidAsync(new BatchVoid(number, form.IsWithDelivered, HttpContext.Who(), reason!), token), refusals))
            return outcome!.Waiting is { } request ? Redirect(Links.Approval(request)) : await DoneAsync(number, form, outcome.Done!, token);
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "Void.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await PageAsync(number, form, token);
    }

    private async Task<IActionResult> DoneAsync(long number, VoidBatchForm form, VoidedBatch done, CancellationToken token)
    {
        foreach (var task in (await tasks.OfBatchAsync(number, token)).Where(task => task.Status == "pending"))
            jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(task.Id, CancellationToken.None));
        var sentence = texts["Void.DoneNow", number, Figures.Count(done.Codes), Figures.Count(done.Audit)];
        // While somebody read the page, codes were used or made: what counts is what was found at the act.
        TempData["Done"] = Address.Number(form.Seen) is { } seen && seen != done.Codes ? texts["Common.TwoSentences", sentence, texts["Void.Moved", Figures.Count(seen)]] : sentence;
        return Redirect(Links.Batch(number));
    }

    private async Task<IActionResult> PageAsync(long number, VoidBatchForm form, CancellationToken token)
    {
        if (await batches.FindAsync(number, token) is not { } batch)
            return NotFound();
        var subject = Address.Text(number);
        var asked = (await approvals.OfSubjectAsync(BatchStore.ApprovalKind, subject, token)).Concat(await approvals.OfSubjectAsync(BatchVoiding.Word, subject, token));
        return View("VoidBatch", new VoidBatchPage(batch, (await packages.ListAsync(token)).NameOf(batch.Package, texts), form, await desk.NeedsSecondPersonAsync(batch, form.IsWithDelivered, HttpContext.Who(), token))
        {
            Waiting = asked.LastOrDefault(approval => approval.IsPending),
        });
    }
}

/// <summary>The form as it was typed; whether delivered codes are meant stands in the address first, so that the counts fit it.</summary>
public sealed record VoidBatchForm
{
    [ModelBinder(Name = "delivered")]
    public string? Delivered { get; init; }

    [ModelBinder(Name = "reason")]
    public string? Reason { get; init; }

    [ModelBinder(Name = "word")]
    public string? Word { get; init; }

    /// <summary>How many codes the page said.</summary>
    [ModelBinder(Name = "seen")]
    public string? Seen { get; init; }

    public bool IsWithDelivered => Delivered == "yes";
}

/// <summary>What would be touched, and the form.</summary>
/// <param name="Batch">The batch as it is now.</param>
/// <param name="Package">Its package's name.</param>
/// <param name="Form">The form.</param>
/// <param name="NeedsSecondPerson">Whether it takes two people.</param>
public sealed record VoidBatchPage(BatchRow Batch, string Package, VoidBatchForm Form, bool NeedsSecondPerson)
{
    public ApprovalRow? Waiting { get; init; }

    public string Url => Links.Batch(Batch.Number);

    public int Touched => Batch.Voidable(Form.IsWithDelivered);

    /// <summary>Nothing is made of it yet, or it is void, or two people are at it.</summary>
    public bool CanAct => !Batch.IsVoid && Batch.Status != "requested" && Waiting is null;

    /// <summary>By state: how many, and whether they are made void.</summary>
    public VoidedStates States => new(
        Batch.Status == "ready"
            ?
            [
                new("available", Batch.Available, true, Batch.Tokens, Batch.Worth(Batch.Available)),
                new("allocated", Batch.Allocated, true, Batch.Tokens, Batch.Worth(Batch.Allocated)),
                new("delivered", Batch.Delivered, Form.IsWithDelivered, Batch.Tokens, Batch.Worth(Batch.Delivered)),
                new("redeemed", Batch.Redeemed, false, Batch.Tokens, Batch.Worth(Batch.Redeemed)),
                new("void", Batch.Voided, false, Batch.Tokens, Batch.Worth(Batch.Voided)),
            ]
            : [new(Batch.Status == "generating" ? "generating" : "available", Batch.Made, true, Batch.Tokens, Batch.Worth(Batch.Made))]);
}

/// <summary>The table of what is touched.</summary>
public sealed record VoidedStates(IReadOnlyList<VoidedState> Rows)
{
    public long Codes => Rows.Where(row => row.IsTouched).Sum(row => row.Codes);

    public Int128 Tokens => Rows.Where(row => row.IsTouched).Aggregate((Int128)0, (sum, row) => sum + row.Tokens);

    /// <summary>List price of what is touched, by currency: currencies are never added up.</summary>
    public IEnumerable<Money> Worth => Rows.Where(row => row.IsTouched && row.List is { Minor: > 0 }).GroupBy(row => row.List!.Value.Currency).Select(rows => new Money(rows.Sum(row => row.List!.Value.Minor), rows.Key));
}

/// <summary>Codes in one state.</summary>
/// <param name="State">A key of <see cref="Shared.States"/>.</param>
/// <param name="Codes">How many.</param>
/// <param name="IsTouched">Whether they are made void.</param>
/// <param name="TokensEach">Tokens of one.</param>
/// <param name="List">List price of all of them.</param>
public sealed record VoidedState(string State, long Codes, bool IsTouched, long TokensEach, Money? List)
{
    public Int128 Tokens => (Int128)TokensEach * Codes;
}
