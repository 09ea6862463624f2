using System.Globalization;
using BackOffice.Domain;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>
/// The form of a new run as it was typed. People give the last day that is included; a run holds the first that is not. Instants are on the shop's clock
/// unless they carry an offset.
/// </summary>
public sealed record RunForm
{
    [FromForm(Name = "from")]
    public string? From { get; init; }

    [FromForm(Name = "until")]
    public string? Until { get; init; }

    [FromForm(Name = "as_of")]
    public string? AsOf { get; init; }

    [FromForm(Name = "known_as_of")]
    public string? KnownAsOf { get; init; }

    public bool HasInstants => !string.IsNullOrWhiteSpace(AsOf) || !string.IsNullOrWhiteSpace(KnownAsOf);

    /// <summary>What is wanted; null when the form cannot be read, with the reasons.</summary>
    public WantedRun? Read(BusinessTime shop, ICollection<Refusal> refusals)
    {
        var from = Typed.Day(From, "from", refusals);
        var last = Typed.Day(Until, "until", refusals);
        var asOf = Typed.Instant(AsOf, "as_of", shop, refusals);
        var knownAsOf = Typed.Instant(KnownAsOf, "known_as_of", shop, refusals);
        if (last < from)
            refusals.Add(new Refusal("LastDayBeforeFirst", "until", Text(last.Value), Text(from.Value)));
        return refusals.Count == 0 ? new WantedRun(from!.Value, last!.Value.AddDays(1), asOf, knownAsOf) : null;
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>A run that is wanted: days half-open, instants UTC.</summary>
public sealed record WantedRun(DateOnly From, DateOnly Until, DateTime? AsOf, DateTime? KnownAsOf);
