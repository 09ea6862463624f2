using System.Globalization;
using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Codes;
using BackOffice.Jobs;
using BackOffice.Jobs.Codes;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Hangfire;
using Htmx;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Codes;

/// <summary>Makes a list of codes void, or a single one. What was typed is looked up and not kept: pages say which lines it was, never the codes.</summary>
[Allow(Act.RunCatalogue)]
public sealed class VoidListController(
    VoidDesk desk, CodeTaskStore tasks, CodeQueries codes, ApprovalQueries approvals, IBackgroundJobClient jobs, Texts texts, TimeProvider clock) : Controller
{
    // A hundred thousand codes of the longest writing, and some room.
    private const int LargestList = 8 * 1024 * 1024;

    [HttpGet("/codes/void"), Reauthenticate]
    public ViewResult Ask() => View("VoidListNew", new NewVoidListPage(null));

    // All of it in memory: what is buffered otherwise would lie on the disk in plain.
    [HttpPost("/codes/void"), Reauthenticate]
    [RequestSizeLimit(3 * LargestList), RequestFormLimits(ValueLengthLimit = LargestList, MultipartBodyLengthLimit = LargestList, MemoryBufferThreshold = 3 * LargestList)]
    public async Task<IActionResult> LookUpAsync([FromForm] string? list, IFormFile? file, CancellationToken token)
    {
        var refusals = new List<Refusal>();
        var lines = await LinesAsync(list, file, token);
        LookedUpList? found = null;
        try
        {
            await Acting.DoAsync(async () => found = await desk.LookUpAsync(lines, HttpContext.Who(), token), refusals);
        }
        catch (KeyRingException)
        {
            refusals.Add(new Refusal("CodesWithoutRing", ""));
        }
        if (found?.Task is { } task)
        {
            KeepLines(task.Number, found);
            return Redirect(Links.CodeList(task.Number));
        }
        if (found is not null)
            refusals.Add(new Refusal("NoneOfTheList", "list", Figures.Count(found.Lines)));
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "VoidList.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return View("VoidListNew", new NewVoidListPage(found is null ? null : LinesOf(found)));
    }

    /// <summary>A single code is a list of one.</summary>
    [HttpPost("/codes/{code}/void"), Reauthenticate]
    public async Task<IActionResult> OneAsync(string code, CancellationToken token)
    {
        if (CodeWords.Place(code) is not { } place || await codes.FindAsync(place.Batch, place.Sequence, token) is not { } row)
            return NotFound();
        var task = await tasks.DraftAsync([row], 0, HttpContext.Who(), token);
        return Redirect(Links.CodeList(task.Number));
    }

    [HttpGet("/codes/void/{number:long}"), Reauthenticate]
    public Task<IActionResult> ShowAsync(long number, VoidListForm form, CancellationToken token) => PageAsync(number, form, token);

    [HttpPost("/codes/void/{number:long}"), Reauthenticate]
    public async Task<IActionResult> VoidAsync(long number, [FromForm] VoidListForm form, CancellationToken token)
    {
        if (await FindAsync(number, token) is not { } task)
            return NotFound();
        var refusals = new List<Refusal>();
        long? waiting = null;
        if (Acting.Reason(form.Reason, refusals) is { } reason
            && await Acting.DoAsync(async () => waiting = await desk.VoidListAsync(task, form.IsWithDelivered, HttpContext.Who(), reason, token), refusals))
        {
            if (waiting is { } request)
                return Redirect(Links.Approval(request));
            jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(task.Id, CancellationToken.None));
            return Redirect(Links.CodeList(number));
        }
        foreach (var refusal in refusals)
            ModelState.AddActRefusal(texts, refusal, "VoidList.Field.");
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await PageAsync(number, form, token);
    }

    /// <summary>A list that failed is tried again from where it stopped.</summary>
    [HttpPost("/codes/void/{number:long}/resumption"), Reauthenticate]
    public async Task<IActionResult> ResumeAsync(long number, CancellationToken token)
    {
        if (await FindAsync(number, token) is not { } task)
            return NotFound();
        var refusals = new List<Refusal>();
        if (await Acting.DoAsync(() => tasks.ResumeAsync(number, HttpContext.Who(), token), refusals))
            jobs.Enqueue<CodeTaskJob>(job => job.RunAsync(task.Id, CancellationToken.None));
        else
            TempData["Refused"] = texts.Of(refusals[0]);
        return Redirect(Links.CodeList(number));
    }

    [HttpGet("/codes/void/{number:long}/progress")]
    public async Task<IActionResult> ProgressAsync(long number, string? told, CancellationToken token)
    {
        if (await FindAsync(number, token) is not { } task)
            return NotFound();
        var quarter = (int)Math.Min(Address.Number(told) ?? 0, 4);
        if (task.Status is "pending" or "running")
            return this.Poll(VoidListPage.ProgressOf(task, texts, clock.UtcNow(), quarter));
        Response.StatusCode = PollExtensions.StopPolling;
        Response.Htmx(htmx => htmx.Retarget("#list").Reswap("outerHTML"));
        return PartialView("_VoidList", await ReadAsync(task, new VoidListForm(), quarter, token));
    }

    private async Task<IActionResult> PageAsync(long number, VoidListForm form, CancellationToken token) =>
        await FindAsync(number, token) is { } task ? View("VoidList", await ReadAsync(task, form, -1, token)) : NotFound();

    private async Task<VoidListPage> ReadAsync(CodeTaskRow task, VoidListForm form, int told, CancellationToken token)
    {
        var states = await tasks.StatesAsync(task.Id, token);
        var needsSecond = await desk.NeedsSecondPersonAsync(states, form.IsWithDelivered, HttpContext.Who(), token);
        return new VoidListPage(task, form, states, needsSecond, VoidListPage.ProgressOf(task, texts, clock.UtcNow(), told))
        {
            Lines = KeptLines(task.Number),
            One = task.Total == 1 ? (await tasks.CodesAsync(task.Id, 0, 1, token)).FirstOrDefault() : null,
            Waiting = (await approvals.OfSubjectAsync(ListVoiding.Word, Address.Text(task.Number), token)).LastOrDefault(approval => approval.IsPending),
        };
    }

    private async Task<CodeTaskRow?> FindAsync(long number, CancellationToken token) => await tasks.FindAsync(number, token) is { Kind: "voidlist" } task ? task : null;

    private static async Task<IEnumerable<string>> LinesAsync(string? list, IFormFile? file, CancellationToken token)
    {
        if (file is not { Length: > 0 })
            return (list ?? "").ReplaceLineEndings("\n").Split('\n');
        using var reader = new StreamReader(file.OpenReadStream());
        return (await reader.ReadToEndAsync(token)).ReplaceLineEndings("\n").Split('\n');
    }

    // Only the numbers of the lines, and not of all when there are many: they ride in a cookie to the next page.
    private void KeepLines(long task, LookedUpList found)
    {
        var lines = LinesOf(found);
        TempData["CodeList"] = string.Join('|', Address.Text(task), Address.Text(found.Lines), Address.Text(found.Repeated), lines.MistypedCount, string.Join(',', lines.Mistyped), lines.UnknownCount, string.Join(',', lines.Unknown));
    }

    private UnknownLines? KeptLines(long task)
    {
        if ((TempData.Peek("CodeList") as string)?.Split('|') is not [var number, var read, var repeated, var mistypedCount, var mistyped, var unknownCount, var unknown] || number != Address.Text(task))
            return null;
        return new UnknownLines(Whole(read), Whole(repeated), Whole(mistypedCount), Numbers(mistyped), Whole(unknownCount), Numbers(unknown));

        static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
        static List<int> Numbers(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Whole)];
    }

    private static UnknownLines LinesOf(LookedUpList found)
    {
        var mistyped = found.Unknown.Where(line => line.Reading == CodeReading.Mistyped).Select(line => line.Line).ToList();
        var unknown = found.Unknown.Where(line => line.Reading != CodeReading.Mistyped).Select(line => line.Line).ToList();
        return new UnknownLines(found.Lines, found.Repeated, mistyped.Count, [.. mistyped.Take(UnknownLines.Most)], unknown.Count, [.. unknown.Take(UnknownLines.Most)]);
    }
}

/// <summary>The page that takes a list.</summary>
/// <param name="Lines">What was wrong with the lines, when none of them was a code of ours.</param>
public sealed record NewVoidListPage(UnknownLines? Lines);

/// <summary>Lines of a list that are no code of ours, by their numbers.</summary>
/// <param name="Read">Lines with something on them.</param>
/// <param name="Repeated">Lines that named a code once more.</param>
/// <param name="MistypedCount">Lines whose check character does not fit.</param>
/// <param name="Mistyped">The first of them.</param>
/// <param name="UnknownCount">Lines that are nothing we know.</param>
/// <param name="Unknown">The first of them.</param>
public sealed record UnknownLines(int Read, int Repeated, int MistypedCount, IReadOnlyList<int> Mistyped, int UnknownCount, IReadOnlyList<int> Unknown)
{
    /// <summary>Numbers that are named of each kind.</summary>
    public const int Most = 100;

    /// <summary>2, 5, 9 and 31 more.</summary>
    public static string Words(Texts texts, int count, IReadOnlyList<int> lines)
    {
        var named = string.Join(texts["Common.Comma"], lines.Select(line => Figures.Count(line)));
        return count == lines.Count ? named : texts["VoidList.AndMore", named, Figures.Count(count - lines.Count)];
    }
}

/// <summary>The form as it was typed.</summary>
public sealed record VoidListForm
{
    [ModelBinder(Name = "delivered")]
    public string? Delivered { get; init; }

    [ModelBinder(Name = "reason")]
    public string? Reason { get; init; }

    public bool IsWithDelivered => Delivered == "yes";
}

/// <summary>What a list's page shows.</summary>
public sealed record VoidListPage(CodeTaskRow Task, VoidListForm Form, IReadOnlyList<ListedState> Listed, bool NeedsSecondPerson, WorkProgress Progress)
{
    /// <summary>Null when the list was looked up a while ago.</summary>
    public UnknownLines? Lines { get; init; }

    /// <summary>The code, of a list of one.</summary>
    public CodeRow? One { get; init; }

    /// <summary>The request that waits for a second person.</summary>
    public ApprovalRow? Waiting { get; init; }

    public string Url => Links.CodeList(Task.Number);

    public bool IsMoving => Task.Status is "pending" or "running";

    public bool IsDraft => Task.Status == "draft";

    public bool CanAct => IsDraft && Waiting is null;

    /// <summary>Whether delivered codes are meant: as it was decided, or as the form says.</summary>
    public bool IsWithDelivered => IsDraft ? Form.IsWithDelivered : Task.WithDelivered;

    public int Delivered => Listed.Where(row => row.Effective == CodeStatus.Delivered).Sum(row => row.Codes);

    /// <summary>By state, whatever the batch.</summary>
    public VoidedStates States => StatesOf(Listed, IsWithDelivered, IsDraft);

    public static VoidedStates StatesOf(IReadOnlyList<ListedState> listed, bool withDelivered, bool isDraft) => new(
    [
        .. from row in listed
           group row by (row.Effective, row.Tokens, row.ListCurrency, row.ListMinor) into alike
           orderby alike.Key.Effective, alike.Key.Tokens
           let count = alike.Sum(row => (long)row.Codes)
           select new VoidedState(
               alike.Key.Effective.Word(), count, isDraft && CodeVoids.IsVoidable(alike.Key.Effective, withDelivered), alike.Key.Tokens, CodeWords.Worth(alike.Key.ListCurrency, alike.Key.ListMinor, count)),
    ]);

    public string State => Task.Status switch
    {
        "draft" when Waiting is not null => "awaiting_approval",
        "draft" => "draft",
        "pending" when Task.Failure is not null => "retrying",
        "pending" => "queued",
        "cancelled" or "running" or "done" or "failed" => Task.Status,
        var other => throw new InvalidOperationException($"{other} is no status of a list."),
    };

    public string Answer(Texts texts) => Task.Status switch
    {
        "draft" when Waiting is not null => texts["VoidList.Waits", Waiting.RequestedBy],
        "draft" when States.Codes == 0 => texts["VoidList.NothingLeft"],
        "draft" => texts["VoidList.Answer", Figures.Count(States.Codes), Figures.Count(Task.Total)],
        "pending" or "running" => texts["VoidList.Running"],
        "done" => texts["VoidList.Done", Figures.Count(Task.Total)],
        _ => texts["VoidList.Failed"],
    };

    public static WorkProgress ProgressOf(CodeTaskRow task, Texts texts, DateTime now, int told) => new()
    {
        Url = Links.CodeList(task.Number) + "/progress",
        Done = task.Position,
        Total = task.Total,
        IsWaiting = task.Status == "pending",
        Title = texts["VoidList.Number", task.Number],
        StartedAt = task.StartedAt ?? task.RequestedAt,
        ReadAt = now,
        Ended = task.Status is not ("pending" or "running"),
        Told = told,
    };
}
