using BackOffice.Data.Audit;
using BackOffice.Jobs;
using BackOffice.Web.Features.Codes;
using BackOffice.Web.Features.Rates;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Audit;

/// <summary>Rows of the audit trail in words. A row is kept for ever, also when the program no longer knows its action: then its own word stands.</summary>
public static class AuditWords
{
    public static string Who(Texts texts, string who) => who switch
    {
        "system" => texts["Who.System"],
        _ => who,
    };

    public static string Action(Texts texts, string action) => texts.Find($"AuditAction.{action}") ?? action;

    public static string Subject(Texts texts, string subject)
    {
        var (kind, name) = Parts(subject);
        return texts.Find($"AuditSubject.{kind}") is { } words ? string.Format(texts.Culture, words, name) : subject;
    }

    /// <summary>The page of a subject; null when it has none.</summary>
    public static string? Link(string subject)
    {
        var (kind, name) = Parts(subject);
        if (kind == "order")
            return Links.Order(name);
        if (kind == "finding" && Address.Id(name) is { } finding)
            return Links.Finding(finding);
        return (kind, Address.Number(name)) switch
        {
            ("approval", { } number) => Links.Approval(number),
            ("import", { } number) => Links.Import(number),
            ("run", { } number) => Links.Run(number),
            ("report", { } number) => Links.Report(number),
            ("package", _) => Links.Package(name),
            ("upstream", _) => Links.Upstream(name),
            ("credit", _) => RuleLists.Credits,
            ("exchange", _) => RuleLists.Exchange,
            ("fee", _) => RuleLists.Fees,
            ("console-channel", _) => RuleLists.Channels,
            ("batch", { } number) => Links.Batch(number),
            ("codelist", { } number) => Links.CodeList(number),
            ("code", _) when CodeWords.Place(name) is { } place => Links.Code(place.Batch, place.Sequence),
            _ => null,
        };
    }

    /// <summary>The name of a value: the page's word for it, else its own.</summary>
    public static string Field(Texts texts, string name) => texts.Find($"AuditField.{name}") ?? name.Replace('_', ' ');

    /// <summary>What is broken, as a sentence.</summary>
    public static string Break(Texts texts, AuditBreak broken) => texts[$"AuditBreak.{broken.Kind}", broken.Sequence, broken.Written ?? broken.Sequence];

    private static (string Kind, string Name) Parts(string subject) =>
        subject.IndexOf(':') is > 0 and var colon ? (subject[..colon], subject[(colon + 1)..]) : ("", subject);
}
