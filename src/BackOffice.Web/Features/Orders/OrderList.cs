using System.Globalization;
using System.Text;
using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Orders;
using BackOffice.Jobs;
using BackOffice.Web.Features.Packages;
using Microsoft.AspNetCore.WebUtilities;

namespace BackOffice.Web.Features.Orders;

/// <summary>The filter as it stands in the address: a number, id or e-mail, a package, and days of the shop's zone, both included.</summary>
public sealed record OrderListQuery(string? Text, string? Package, string? Status, string? From, string? To)
{
    private static readonly DateOnly FirstDay = new(2000, 1, 1);
    private static readonly DateOnly LastDay = new(2100, 12, 31);

    /// <summary>What can be filtered by, in order: the words of the chips that do not depend on the clock.</summary>
    public static readonly IReadOnlyList<string> Statuses = [.. OrderStandings.Words.Keys.Select(OrderWords.Standing).Distinct()];

    /// <summary>The chosen status; null when there is none, or an unknown one.</summary>
    public string? KnownStatus => Shared.Address.OneOf(Status, Statuses);

    public bool IsEmpty => Parts.All(part => part.Value is null);

    private (string Name, string? Value)[] Parts => [("text", Given(Text)), ("package", Given(Package)), ("status", KnownStatus), ("from", Given(From)), ("to", Given(To))];

    /// <summary>The address of the list under this filter, at a place of it.</summary>
    public string Address(string? way = null, OrderRow? at = null)
    {
        var query = Parts.ToDictionary(part => part.Name, part => part.Value);
        if (way is not null)
            query[way] = OrderListPlace.Text(at!);
        return QueryHelpers.AddQueryString("/orders", query.Where(part => part.Value is not null));
    }

    /// <summary>The filter in the database's terms. A text with an @ is an e-mail; full-width signs of a Chinese keyboard are read as plain ones.</summary>
    /// <param name="shop">The shop's days.</param>
    /// <param name="refused">Fields that cannot be read, each with the reason.</param>
    public OrderFilter Read(BusinessTime shop, ICollection<Refusal> refused)
    {
        var text = Given(Text)?.Normalize(NormalizationForm.FormKC).Trim();
        var isEmail = text?.Contains('@') == true;
        var (from, to) = (Day("from", From, refused), Day("to", To, refused));
        return new OrderFilter(
            isEmail ? null : text,
            isEmail ? text!.ToLowerInvariant() : null,
            Given(Package),
            from is { } first ? shop.StartOf(first) : null,
            to is { } last ? shop.StartOf(last.AddDays(1)) : null,
            KnownStatus is { } status ? [.. OrderStandings.Words.Where(standing => OrderWords.Standing(standing.Key) == status).Select(standing => standing.Value)] : null);
    }

    private static DateOnly? Day(string field, string? text, ICollection<Refusal> refused)
    {
        if (Given(text) is not { } given)
            return null;
        if (DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day >= FirstDay && day <= LastDay)
            return day;
        refused.Add(new Refusal("DayUnreadable", field, given));
        return null;
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}

/// <summary>A place of the list in an address: milliseconds since 1970 and the order's number.</summary>
public static class OrderListPlace
{
    public static string Text(OrderRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{new DateTimeOffset(row.CreatedAt, TimeSpan.Zero).ToUnixTimeMilliseconds()}_{row.OrderNo}");

    /// <summary>Null for the newest page, also when the address is mutilated.</summary>
    public static OrderPlace? Read(string? before, string? after)
    {
        var text = before ?? after ?? "";
        var end = text.IndexOf('_');
        return end > 0 && long.TryParse(text.AsSpan(0, end), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) && Math.Abs(milliseconds) < 4_000_000_000_000
            ? new OrderPlace(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime, text[(end + 1)..], Newer: before is null)
            : null;
    }
}

/// <summary>What the list's page shows.</summary>
/// <param name="Query">The filter.</param>
/// <param name="Page">Its rows.</param>
/// <param name="Packages">What is sold.</param>
/// <param name="GraceFrom">What was paid after it is not yet missing its delivery, UTC.</param>
/// <param name="IsIncomplete">A status is filtered by, and was not worked out for every order yet.</param>
public sealed record OrderListPage(OrderListQuery Query, KeyedPage<OrderRow> Page, IReadOnlyList<PackageRow> Packages, DateTime GraceFrom, bool IsIncomplete)
{
    public string PackageName(string slug, Texts texts) => Packages.FirstOrDefault(package => package.Slug == slug)?.Name(texts) ?? slug;
}

/// <summary>What an order's page shows.</summary>
public sealed record OrderDetail(OrderRow Order, PackageRow Package, IReadOnlyList<DeliveryRow> Deliveries, IReadOnlyList<OrderFindingRow> Findings, IReadOnlyList<RevealRow> Reveals, DateTime GraceFrom)
{
    public int OpenFindings => Findings.Count(finding => finding.State == "open");
}
