using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Settlement;
using BackOffice.Jobs;
using BackOffice.Web.Security;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Settlement;

/// <summary>What did customers' keys use, what did the console take for it, and which cost more than they earn?</summary>
[Allow(Act.SeeMoney)]
public sealed class KeysController(KeyQueries keys, BusinessTime shop, TimeProvider clock, Texts texts) : Controller
{
    private const int Rows = 100;

    [HttpGet("/keys")]
    public async Task<ViewResult> IndexAsync(string? month, string? sort, CancellationToken token)
    {
        var wanted = await WantedAsync(month, sort, token);
        var figures = await keys.MonthAsync(wanted.Day, token);
        return View("Keys", new KeysPage(wanted, figures, await keys.RowsAsync(figures, [.. InOrder(figures, wanted.Sort).Take(Rows)], token)));
    }

    [HttpGet("/keys/rows.{format}")]
    public async Task<RowsFile<KeyRow>> FileAsync(string format, string? month, string? sort, CancellationToken token)
    {
        var wanted = await WantedAsync(month, sort, token);
        var figures = await keys.MonthAsync(wanted.Day, token);
        var columns = new RowColumns<KeyRow>(texts, shop, clock.UtcNow())
            .Text(texts["Keys.Source"], row => row.Source)
            .Text(texts["Keys.Key"], row => row.Reference)
            .Number(texts["Keys.Records"], row => row.Records)
            .Number(texts["Keys.Credits"], row => row.Credits)
            .Number(texts["Keys.KnownCredits"], row => row.KnownCredits)
            .Text(texts["Keys.Charged"], row => KeyWords.Plain(row.Charged))
            .Text(texts["Keys.Difference"], row => KeyWords.Plain(row.Difference))
            .Number(texts["Keys.DaysDiffering"], row => row.DaysDiffering)
            .Number(texts["Keys.Refunds"], row => row.Refunds)
            .Text(texts["Keys.Refunded"], row => KeyWords.Plain(row.Refunded))
            .Text(texts["Keys.Revenue"], row => string.Join("; ", row.Revenue.Select(money => $"{money.Currency} {money.ToInvariantString()}")))
            .Text(texts["Keys.Cost"], row => string.Join("; ", row.Costs.Select(cost => $"{cost.Currency} {Figures.NanoPlain(cost.Nano)}")))
            .Text(texts["Keys.Margin"], row => row.MarginNano is { } margin ? Figures.NanoPlain(margin) : null)
            .Currency(row => row.MarginNano is null ? null : figures.Currency);
        return new RowsFile<KeyRow>($"keys-{wanted.Month}", format, columns, AllAsync(figures, wanted.Sort, token));
    }

    [HttpGet("/keys/{source}/{**reference}")]
    public async Task<IActionResult> ShowAsync(string source, string? reference, string? month, CancellationToken token)
    {
        var wanted = await WantedAsync(month, null, token);
        return await keys.OneAsync(source, reference ?? "", wanted.Day, token) is { } figures ? View("Key", new KeyPage(wanted, figures)) : NotFound();
    }

    private async IAsyncEnumerable<KeyRow> AllAsync(KeyMonth figures, string sort, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        foreach (var portion in InOrder(figures, sort).Chunk(RowsFile.PortionWithFacts))
        {
            foreach (var row in await keys.RowsAsync(figures, portion, token))
                yield return row;
        }
    }

    private static IEnumerable<KeySums> InOrder(KeyMonth figures, string sort) => sort == "loss" ? figures.ByLoss : figures.ByCredits;

    // Any other text means the last month with usage; without usage, the present one.
    private async Task<KeysWanted> WantedAsync(string? month, string? sort, CancellationToken token)
    {
        var day = SettlementPeriod.Parse(month?.Trim() ?? "") ?? await keys.LastDayAsync(token) ?? shop.DayOf(clock.UtcNow());
        return new KeysWanted(SettlementPeriod.NameOf(day), new DateOnly(day.Year, day.Month, 1), Address.OneOf(sort, KeysWanted.Sorts) ?? KeysWanted.Sorts[0]);
    }
}

/// <summary>Which month's keys, and in which order.</summary>
/// <param name="Month">The month, <c>2026-09</c>.</param>
/// <param name="Day">Its first day.</param>
/// <param name="Sort">One of <see cref="Sorts"/>.</param>
public sealed record KeysWanted(string Month, DateOnly Day, string Sort)
{
    public const string Path = "/keys";

    public static readonly IReadOnlyList<string> Sorts = ["credits", "loss"];

    public string Url => Address.With(Path, ("month", Month), ("sort", Sort));
}

/// <summary>The keys of a month.</summary>
/// <param name="Wanted">Which.</param>
/// <param name="Figures">All of them, as far as they are added up.</param>
/// <param name="Rows">The first in the order.</param>
public sealed record KeysPage(KeysWanted Wanted, KeyMonth Figures, IReadOnlyList<KeyRow> Rows)
{
    public string Answer(Texts texts)
    {
        var month = SettlementWords.Month(texts, Wanted.Month);
        if (Rows.Count == 0)
            return texts["Keys.AnswerNone", month];
        return Figures.Losing switch
        {
            null => texts["Keys.AnswerNoMargin", month, Shared.Figures.Count(Figures.Keys.Count)],
            0 => texts["Keys.AnswerNoLoss", month, Shared.Figures.Count(Figures.Keys.Count)],
            { } losing => texts["Keys.Answer", month, Shared.Figures.Count(Figures.Keys.Count), Shared.Figures.Count(losing)],
        };
    }
}

/// <summary>One key's month.</summary>
/// <param name="Wanted">Which month.</param>
/// <param name="Figures">Its figures.</param>
public sealed record KeyPage(KeysWanted Wanted, KeyPageFigures Figures)
{
    public string Answer(Texts texts)
    {
        var (key, month) = (Figures.Key, SettlementWords.Month(texts, Wanted.Month));
        if (Figures.Days.Count == 0)
            return texts["Key.AnswerNone", month];
        return key.DaysDiffering > 0
            ? texts["Key.AnswerDiffers", Shared.Figures.Count(key.Credits), month, Shared.Figures.Count(key.DaysDiffering)]
            : texts["Key.Answer", Shared.Figures.Count(key.Credits), month];
    }
}

/// <summary>Keys and credits in words.</summary>
public static class KeyWords
{
    /// <summary>The key's page; a slash in its name stays one, because hosts disagree about an escaped one.</summary>
    public static string Url(string source, string reference, string? month) =>
        Address.With($"{KeysWanted.Path}/{Uri.EscapeDataString(source)}/{string.Join('/', reference.Split('/').Select(Uri.EscapeDataString))}", ("month", month));

    public static string Name(string? reference, Texts texts) => string.IsNullOrEmpty(reference) ? texts["Keys.NoKey"] : reference;

    /// <summary>An exact number with at most six decimals: 1,234.5.</summary>
    public static string Number(Fraction value, bool plus = false)
    {
        var text = Plain(value).TrimStart('-');
        var point = text.IndexOf('.');
        var whole = Figures.Count(Int128.Parse(point < 0 ? text : text[..point], CultureInfo.InvariantCulture));
        return (value.Sign < 0 ? "\u2212" : plus && value.Sign > 0 ? "+" : "") + whole + (point < 0 ? "" : text[point..]);
    }

    /// <summary>The same for machines.</summary>
    public static string Plain(Fraction value)
    {
        var text = SettlementMath.SixDecimals(value);
        return text.TrimEnd('0').TrimEnd('.');
    }
}
