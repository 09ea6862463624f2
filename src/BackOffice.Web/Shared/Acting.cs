using BackOffice.Data.Audit;
using BackOffice.Domain;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace BackOffice.Web.Shared;

/// <summary>What acts share: a reason, and refusals instead of exceptions.</summary>
public static class Acting
{
    /// <summary>The reason, trimmed; null when it is refused.</summary>
    public static string? Reason(string? typed, ICollection<Refusal> refusals)
    {
        var why = typed?.Trim() ?? "";
        if (why.Length is > 0 and <= AuditLog.LongestReason)
            return why;
        refusals.Add(new Refusal("ReasonMissing", "reason", Address.Text(AuditLog.LongestReason)));
        return null;
    }

    /// <summary>A comment, trimmed, with one sign for the end of a line; null when it is refused.</summary>
    public static string? Comment(string? typed, ICollection<Refusal> refusals)
    {
        var words = typed?.ReplaceLineEndings("\n").Trim() ?? "";
        if (words.Length is > 0 and <= AuditLog.LongestReason)
            return words;
        refusals.Add(new Refusal("CommentMissing", "comment", Address.Text(AuditLog.LongestReason)));
        return null;
    }

    /// <summary>True when it was done.</summary>
    public static async Task<bool> DoAsync(Func<Task> act, ICollection<Refusal> refusals)
    {
        try
        {
            await act();
            return true;
        }
        catch (RefusedException refused)
        {
            refusals.Add(refused.Refusal);
            return false;
        }
    }

    /// <summary>Refusals of the whole and of the reason are sentences by themselves; the others have the field they name before them.</summary>
    public static void AddActRefusal(this ModelStateDictionary state, Texts texts, Refusal refusal, string fields)
    {
        if (refusal.Field is "" or "reason")
            state.AddModelError(refusal.Field, texts.Of(refusal));
        else
            state.AddRefusal(texts, refusal, texts[fields + refusal.Field]);
    }
}
