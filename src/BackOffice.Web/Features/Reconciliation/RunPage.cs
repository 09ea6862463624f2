using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Data.Reports;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>What a run's page shows; figures only of a run that has ended well.</summary>
public sealed record RunPage(RunRow Run, WorkProgress Progress)
{
    public RunFigures? Result { get; init; }

    public IReadOnlyList<KindCount> Counts { get; init; } = [];

    /// <summary>Names by slug, in the reader's language.</summary>
    public IReadOnlyDictionary<string, string> Packages { get; init; } = new Dictionary<string, string>();

    /// <summary>Files of the run that were asked for.</summary>
    public IReadOnlyList<ReportRow> Reports { get; init; } = [];

    public bool IsMoving => Run.Status is "pending" or "running";

    /// <summary>Statement and bridge of each currency.</summary>
    public IEnumerable<CurrencySums> Currencies =>
        from line in Result?.Statement ?? []
        select new CurrencySums(line, [.. Result!.Bridge.Where(bridge => bridge.Currency == line.Currency)]);

    /// <summary>Findings by kind, the most urgent first.</summary>
    public IEnumerable<KindSums> Kinds =>
        from kind in FindingKinds.InOrder
        join count in Counts on kind equals count.Kind into counts
        where counts.Any()
        select new KindSums(kind, [.. counts]);

    public static bool HasEndedWell(RunRow run) => run.Status is "balanced" or "broken";

    public static string StateOf(RunRow run) => run.Status switch
    {
        "pending" when run.Failure is not null => "retrying",
        "pending" => "queued",
        "running" or "balanced" or "broken" or "failed" => run.Status,
        var other => throw new InvalidOperationException($"{other} is no status of a run."),
    };

    /// <summary>How far the run is; the number of cases is known once it has looked for them.</summary>
    public static WorkProgress ProgressOf(RunRow run, Texts texts, DateTime now, int told) => new()
    {
        Url = Links.Run(run.Number) + "/progress",
        Done = run.CasesJudged,
        Total = run.CasesTotal == 0 ? null : run.CasesTotal,
        IsWaiting = run.Status == "pending",
        Sentence = "Run.JudgedOf",
        Title = texts["Run.Number", run.Number],
        StartedAt = run.StartedAt ?? run.RequestedAt,
        ReadAt = now,
        Ended = run.Status is not ("pending" or "running"),
        Told = told,
    };

    /// <summary>What is, and the next step, in one sentence.</summary>
    public string Answer(Texts texts) => Run.Status switch
    {
        "pending" when Run.Failure is not null => texts["Run.Retrying"],
        "pending" => texts["Run.Waiting"],
        "running" => texts["Run.Judging"],
        "failed" => texts["Run.Failed"],
        "balanced" when Run.FindingsSeen == 0 => texts["Run.AllClear"],
        "balanced" => texts["RunReport.BalancedAnswer", Figures.Count(Run.FindingsSeen), P1],
        _ when Unexplained.Length == 0 => texts["RunReport.BrokenAnswer", Figures.Count(Run.FindingsSeen), P1],
        _ => texts["RunReport.BrokenAnswer.By", Unexplained, Figures.Count(Run.FindingsSeen), P1],
    };

    private string P1 => Figures.Count(Counts.Where(count => FindingKinds.Priority(count.Kind) == "P1").Sum(count => count.Findings));

    private string Unexplained => string.Join(", ", Currencies
        .Where(sums => sums.UnexplainedMinor != 0)
        .Select(sums => Figures.Money(new Money(sums.UnexplainedMinor, sums.Currency), MoneyStyle.Code)));
}

/// <summary>Statement and bridge of one currency: the buckets and what they leave unexplained add up to gross paid.</summary>
public sealed record CurrencySums(StatementLine Statement, IReadOnlyList<BridgeLine> Bridge)
{
    public string Currency => Statement.Currency;

    public long UnexplainedMinor => Statement.GrossPaidMinor - Bridge.Sum(line => line.AmountMinor);

    public long UnexplainedTransactions => Statement.Transactions - Bridge.Sum(line => line.Transactions);

    /// <summary>Gross to net with the signs of reconciliation rules 6: the text's key, and the amount as it enters the sum; null when it is not known.</summary>
    public IEnumerable<(string Key, long? Minor)> Lines =>
    [
        ("RunReport.GrossPaid", Statement.GrossPaidMinor),
        ("RunReport.Tax", -Statement.TaxMinor),
        ("RunReport.Refunded", -Statement.RefundedMinor),
        ("RunReport.ChargedBack", -Statement.ChargedBackMinor),
        ("RunReport.TaxReturned", Statement.TaxReturnedMinor),
        ("RunReport.Fees", -Statement.FeesMinor),
    ];
}

/// <summary>Findings of one kind, by currency where the kind has one.</summary>
public sealed record KindSums(string Kind, IReadOnlyList<KindCount> ByCurrency)
{
    public long Findings => ByCurrency.Sum(count => count.Findings);

    public bool HasMoney => ByCurrency.Any(count => count.Currency is not null);
}

/// <summary>What one run saw, a page of it.</summary>
public sealed record RunFindingsPage(RunRow Run, string? Kind, KeyedPage<RunFindingRow> Page)
{
    // A kind is one word, a subject may hold any sign.
    private const char Between = ':';

    /// <summary>The place an address names by kind and subject.</summary>
    public static RunFindingPlace? Place(string? after, string? before) =>
        (before ?? after)?.Split(Between, 2) is [var kind, var subject] ? new RunFindingPlace(kind, subject, before is not null) : null;

    public string Url => Links.Run(Run.Number) + "/findings";

    public string First => Address.With(Url, ("kind", Kind));

    public string? Before => Page.HasBefore ? Address.With(Url, ("kind", Kind), ("before", NameOf(Page.Rows[0]))) : null;

    public string? After => Page.HasAfter ? Address.With(Url, ("kind", Kind), ("after", NameOf(Page.Rows[^1]))) : null;

    private static string NameOf(RunFindingRow row) => $"{row.Kind}{Between}{row.Subject}";
}
