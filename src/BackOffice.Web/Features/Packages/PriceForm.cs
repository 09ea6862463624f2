using BackOffice.Data.Packages;
using BackOffice.Domain;
using BackOffice.Domain.Packages;
using BackOffice.Web.Shared;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Features.Packages;

/// <summary>The form of a new price as it was typed; its preview has it in the address.</summary>
public sealed record PriceForm
{
    public static readonly IReadOnlyList<string> Purposes = ["list", "charge"];
    public static readonly IReadOnlyList<string> TaxModes = ["inclusive", "exclusive"];

    [ModelBinder(Name = "purpose")]
    public string? Purpose { get; init; }

    [ModelBinder(Name = "currency")]
    public string? Currency { get; init; }

    [ModelBinder(Name = "amount")]
    public string? Amount { get; init; }

    [ModelBinder(Name = "tax_mode")]
    public string? TaxMode { get; init; }

    [ModelBinder(Name = "creem_product")]
    public string? CreemProduct { get; init; }

    /// <summary>On the shop's clock; blank for as soon as it is added.</summary>
    [ModelBinder(Name = "from")]
    public string? From { get; init; }

    [ModelBinder(Name = "until")]
    public string? Until { get; init; }

    [ModelBinder(Name = "end_present")]
    public string? EndPresent { get; init; }

    public bool EndsPresent => EndPresent == "yes";

    /// <summary>The fields as the preview carries them on.</summary>
    public IEnumerable<(string Name, string? Value)> Fields =>
    [
        ("purpose", Purpose), ("currency", Currency), ("amount", Amount), ("tax_mode", TaxMode), ("creem_product", CreemProduct), ("from", From), ("until", Until), ("end_present", EndPresent),
    ];

    /// <summary>The price that is wanted; null with the reasons.</summary>
    public WantedPrice? Read(string package, BusinessTime shop, ICollection<Refusal> refusals)
    {
        var isCharge = Purpose == "charge";
        if (!Purposes.Contains(Purpose))
            refusals.Add(new Refusal("PurposeUnknown", "purpose"));
        var currency = Typed.Currency(Currency, "currency", refusals);
        var amount = currency is null ? null : Typed.Price(Amount, currency, "amount", refusals);
        var taxMode = string.IsNullOrEmpty(TaxMode) ? null : TaxMode;
        if (isCharge && !TaxModes.Contains(taxMode))
            refusals.Add(new Refusal("TaxModeMissing", "tax_mode"));
        else if (!isCharge && taxMode is not null)
            refusals.Add(new Refusal("ForChargeOnly", "tax_mode"));
        var product = Typed.Plain(CreemProduct) is { Length: > 0 } given ? given : null;
        if (product is not null && !isCharge)
            refusals.Add(new Refusal("ForChargeOnly", "creem_product"));
        else if (product is not null && !PackageRules.IsCreemProduct(product))
            refusals.Add(new Refusal("CreemProductUnreadable", "creem_product"));
        var from = Typed.Instant(From, "from", shop, refusals);
        var until = Typed.Instant(Until, "until", shop, refusals);
        return refusals.Count == 0 ? new WantedPrice(new PriceSeries(package, Purpose!, currency!), amount!.Value, taxMode, product, from, until, EndsPresent) : null;
    }
}

/// <summary>Which price, in an address: its instant in milliseconds since 1970, so that it is exact.</summary>
public sealed record PriceAddress
{
    [ModelBinder(Name = "purpose")]
    public string? Purpose { get; init; }

    [ModelBinder(Name = "currency")]
    public string? Currency { get; init; }

    [ModelBinder(Name = "begins")]
    public string? Begins { get; init; }

    public static string Url(PriceRow price, string act) =>
        Address.With($"{Links.Package(price.Package)}/prices/{act}", ("purpose", price.Purpose), ("currency", price.Currency), ("begins", Milliseconds(price.ValidFrom)));

    public static string Milliseconds(DateTime instant) => Address.Text(new DateTimeOffset(instant, TimeSpan.Zero).ToUnixTimeMilliseconds());

    public static DateTime? Instant(string? milliseconds) =>
        Address.Number(milliseconds) is { } number and < 253_000_000_000_000 ? DateTimeOffset.FromUnixTimeMilliseconds(number).UtcDateTime : null;

    /// <summary>Null when the address is mutilated.</summary>
    public PriceKey? Key(string package) =>
        Purpose is not null && Currency is not null && Instant(Begins) is { } from ? new PriceKey(package, Purpose, Currency, from) : null;
}
