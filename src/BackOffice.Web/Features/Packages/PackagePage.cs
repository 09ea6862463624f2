using System.Globalization;
using System.Text.Json;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Packages;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Packages;

/// <summary>What a package's page shows.</summary>
/// <param name="Package">The package.</param>
/// <param name="InForce">The prices that hold at <paramref name="At"/>.</param>
/// <param name="At">The instant that was asked about, UTC; the present unless another one was.</param>
/// <param name="AskedAt">The instant as it was typed; null for the present.</param>
/// <param name="History">A page of its prices.</param>
/// <param name="Withdrawn">The prices withdrawn last.</param>
/// <param name="Acts">Who did what to which price.</param>
/// <param name="Now">The present, UTC.</param>
public sealed record PackagePage(
    PackageRow Package, IReadOnlyList<PriceRow> InForce, DateTime At, string? AskedAt, KeyedPage<PriceRow> History, IReadOnlyList<WithdrawnPrice> Withdrawn, PriceActs Acts, DateTime Now)
{
    public string Url => Links.Package(Package.Slug);

    public string? Newer => History.HasBefore ? Address.With(Url, ("after", PriceListPlace.Text(History.Rows[0]))) : null;

    public string? Older => History.HasAfter ? Address.With(Url, ("before", PriceListPlace.Text(History.Rows[^1]))) : null;

    public string StateOf(PriceRow price) => StateOf(price, Now);

    public static string StateOf(PriceRow price, DateTime now) => price.Span.IsOver(now) ? "ended" : price.ValidFrom > now ? "scheduled" : "in_force";

    public bool CanEnd(PriceRow price) => price.ValidUntil is null;

    public bool CanWithdraw(PriceRow price) => price.ValidFrom > Now;
}

/// <summary>A place of the list of prices in an address.</summary>
public static class PriceListPlace
{
    public static string Text(PriceRow price) => $"{PriceAddress.Milliseconds(price.ValidFrom)}_{price.Purpose}_{price.Currency}";

    /// <summary>Null for the first page, also when the address is mutilated.</summary>
    public static PricePlace? Read(string? before, string? after) =>
        (before ?? after ?? "").Split('_') is [var instant, var purpose, var currency] && PriceAddress.Instant(instant) is { } from
            ? new PricePlace(from, purpose, currency, Newer: before is null)
            : null;
}

/// <summary>Who did something, as the audit trail has it.</summary>
public sealed record PriceAct(string Who, DateTime At, long Number);

/// <summary>
/// Who added and ended which price, read from the audit trail. A price that came with the program or a demo has no act, and so has one whose acts lie further
/// back than is read.
/// </summary>
public sealed class PriceActs
{
    /// <summary>Acts on one package that are read: people price by hand.</summary>
    public const int Read = 1_000;

    private readonly Dictionary<string, PriceAct> _added = [];
    private readonly Dictionary<string, PriceAct> _ended = [];

    /// <param name="entries">Of one package, the newest first: of a price that was withdrawn and added once more the last act counts.</param>
    public PriceActs(IEnumerable<AuditEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Details is null)
                continue;
            try
            {
                using var details = JsonDocument.Parse(entry.Details);
                Take(entry, details.RootElement);
            }
            catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                // Somebody has been at the row: the chain tells, and the price is shown without its act.
            }
        }
    }

    public PriceAct? Added(PriceRow price) => _added.GetValueOrDefault(Key(price.Purpose, price.Currency, price.ValidFrom));

    public PriceAct? Ended(PriceRow price) => price.ValidUntil is null ? null : _ended.GetValueOrDefault(Key(price.Purpose, price.Currency, price.ValidFrom));

    private void Take(AuditEntry entry, JsonElement details)
    {
        var act = new PriceAct(entry.Who, entry.At, entry.Sequence);
        if (entry.Action is not (AuditActions.PriceAdded or AuditActions.PriceEnded))
            return;
        var price = details.GetProperty("after");
        var (purpose, currency, from) = (price.GetProperty("purpose").GetString()!, price.GetProperty("currency").GetString()!, price.GetProperty("valid_from").GetDateTime());
        if (entry.Action == AuditActions.PriceEnded)
            _ended.TryAdd(Key(purpose, currency, from), act);
        else
            _added.TryAdd(Key(purpose, currency, from), act);
        if (details.TryGetProperty("details", out var more) && more.TryGetProperty("ended_from", out var ended))
            _ended.TryAdd(Key(purpose, currency, ended.GetDateTime()), act);
    }

    private static string Key(string purpose, string currency, DateTime from) => string.Create(CultureInfo.InvariantCulture, $"{purpose} {currency} {from.Ticks}");
}

/// <summary>What orders of the last days came to, and what they would have come to.</summary>
/// <param name="Sold">What they name, by currency.</param>
/// <param name="Purpose">Whether their list or their charge amounts are meant.</param>
/// <param name="Currency">The only currency the change touches.</param>
/// <param name="AmountMinor">The new price of one unit; null when there will be none.</param>
public sealed record PriceImpact(IReadOnlyList<Sold> Sold, string Purpose, string Currency, long? AmountMinor)
{
    /// <summary>How far back is looked.</summary>
    public const int Days = 30;

    public bool Touches(Sold sold) => sold.Currency == Currency;

    /// <summary>Null where the change does not reach, or the sum is larger than any page can show.</summary>
    public Money? WouldBe(Sold sold) => Touches(sold) && AmountMinor is { } amount ? Fit(sold.At(amount), sold.Currency) : null;

    public Money? Difference(Sold sold) => Touches(sold) && AmountMinor is { } amount ? Fit(sold.At(amount) - sold.Minor, sold.Currency) : null;

    public static Money? Was(Sold sold) => Fit(sold.Minor, sold.Currency);

    private static Money? Fit(Int128 minor, string currency) => minor >= long.MinValue && minor <= long.MaxValue ? new Money((long)minor, currency) : null;
}

/// <summary>What a page says before a price is added.</summary>
/// <param name="Package">The package, with the version the act will name.</param>
/// <param name="Form">What was typed.</param>
/// <param name="Wanted">What was understood.</param>
/// <param name="Present">The price that holds at that instant now; null when there is none.</param>
/// <param name="Ends">The price before ends where this one begins.</param>
/// <param name="Impact">What it would have meant.</param>
/// <param name="Reason">The reason, when it was typed already.</param>
public sealed record PricePreview(PackageRow Package, PriceForm Form, WantedPrice Wanted, PriceRow? Present, bool Ends, PriceImpact Impact, string? Reason);

/// <summary>What a page says before a price is ended or withdrawn.</summary>
public sealed record PriceEndPage(PackageRow Package, PriceRow Price, PriceImpact Impact, string? Until, string? Reason);

/// <summary>What a page says before a package is retired or brought back.</summary>
public sealed record PackageStatePage(PackageRow Package, IReadOnlyList<Sold> Sold, string? Reason);

/// <summary>The form of a new price, of which package.</summary>
public sealed record NewPricePage(PackageRow Package, PriceForm Form);

public static class PackageWords
{
    public static string Purpose(Texts texts, string purpose) => purpose == "list" ? texts["Packages.ListPrice"] : texts["Packages.ChargePrice"];

    /// <summary>An instant in a sentence, on the shop's clock.</summary>
    public static string At(Texts texts, BusinessTime shop, DateTime instant) =>
        texts["Packages.AtZone", shop.ToLocal(instant).ToString(texts["Format.Time"], CultureInfo.InvariantCulture), shop.OffsetName(instant)];

    public static string Price(long minor, string currency) => Figures.Money(new Money(minor, currency), MoneyStyle.Code);
}
