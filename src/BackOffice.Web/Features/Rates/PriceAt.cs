using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Rates;

/// <summary>Which price holds of a name at an instant, as it is asked; the address has it.</summary>
public sealed record PriceQuestion
{
    [FromQuery(Name = "model")]
    public string? Model { get; init; }

    /// <summary>On the shop's clock unless it carries an offset; blank for now.</summary>
    [FromQuery(Name = "at")]
    public string? At { get; init; }

    [FromQuery(Name = "upstream")]
    public string? Upstream { get; init; }

    [FromQuery(Name = "console")]
    public string? Console { get; init; }

    [FromQuery(Name = "channel")]
    public string? Channel { get; init; }

    public bool IsAsked => !string.IsNullOrWhiteSpace(Model);
}

/// <summary>The question and its answer.</summary>
/// <param name="Question">As it was typed.</param>
/// <param name="Answer">Null when nothing was asked, or it could not be read.</param>
/// <param name="Upstreams">Which upstreams there are.</param>
/// <param name="Consoles">Which consoles there are.</param>
public sealed record PriceAtPage(PriceQuestion Question, PriceAnswer? Answer, IReadOnlyList<string> Upstreams, IReadOnlyList<string> Consoles);

/// <summary>What a settlement would do with a record of that name at that instant, from the same book.</summary>
public sealed class PriceAnswer
{
    private readonly RateBook _book;
    private readonly long _quarter;

    /// <param name="book">The rates.</param>
    /// <param name="question">The question; it names a model.</param>
    /// <param name="at">The instant, UTC.</param>
    public PriceAnswer(RateBook book, PriceQuestion question, DateTime at)
    {
        (_book, _quarter, At, Name) = (book, Quarters.Of(at), at, ModelNames.Canonical(question.Model!));
        Mapping = book.Map(question.Console ?? "", question.Upstream, Name, null, question.Channel, _quarter);
        if (Mapping is not { Kind: MappingKind.Mapped, Upstream: { } upstream, Model: { } model })
            return;
        (Currency, Calendar) = (book.TermsAt(upstream, _quarter)?.Currency, book.CalendarAt(upstream, _quarter));
        Prices = [.. TokenParts.All.Select(part => (part, book.PriceAt(upstream, model, part, _quarter)))];
    }

    public DateTime At { get; }

    public string Name { get; }

    public Mapping Mapping { get; }

    /// <summary>What the upstream bills in; null when it is not said.</summary>
    public string? Currency { get; }

    public BandCalendar? Calendar { get; }

    /// <summary>Part by part; null where no price holds.</summary>
    public IReadOnlyList<(TokenPart Part, PriceRow? Price)> Prices { get; } = [];

    /// <summary>What the name stands for, and in which band.</summary>
    public string Words(Texts texts) => Mapping.Kind switch
    {
        MappingKind.Mapped => RateWords.Sentences(texts, texts["PriceAt.Mapped", Name, Mapping.Model!, Mapping.Upstream!, Mapping.MappingId!], Band(texts)),
        MappingKind.NotTokens => texts["PriceAt.NotTokens", Name, Mapping.MappingId!],
        _ => texts["PriceAt.Unmapped", Name],
    };

    private string Band(Texts texts)
    {
        if (Calendar is not { } calendar)
            return texts["PriceAt.NoCalendar"];
        var start = Quarters.Start(_quarter);
        var local = TimeZoneInfo.ConvertTimeFromUtc(start, calendar.Zone);
        var band = texts["Band." + PriceBands.NameOf(_book.BandAt(Mapping.Upstream!, _quarter))];
        return texts["PriceAt.Reason." + calendar.ReasonAt(start), band, texts["Weekday." + local.DayOfWeek], local.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture), calendar.Zone.Id];
    }
}
