using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Demo;

/// <summary>One order of the demo with what became of it.</summary>
internal sealed class DemoSale
{
    public required ImportedOrder Order { get; set; }

    /// <summary>Package tokens x units.</summary>
    public required long Tokens { get; init; }

    public required DemoCustomer Customer { get; init; }

    public required Dice Dice { get; init; }

    public List<ImportedTransaction> Payments { get; } = [];

    public List<ImportedDelivery> Deliveries { get; } = [];

    /// <summary>Paid once and delivered once, and nothing else: what a finding can be planted into.</summary>
    public bool IsPlain { get; set; }

    public ImportedTransaction Payment
    {
        get => Payments[0];
        set => Payments[0] = value;
    }

    public ImportedDelivery Delivery
    {
        get => Deliveries[0];
        set => Deliveries[0] = value;
    }
}

/// <param name="Email">At a domain that no mail reaches (RFC 2606).</param>
/// <param name="CreemId"><c>cust_</c>.</param>
/// <param name="Country">ISO 3166 alpha-2.</param>
/// <param name="TaxPercent">Of the net price.</param>
internal sealed record DemoCustomer(string Email, string CreemId, string Country, int TaxPercent)
{
    /// <summary>Europeans are charged in euros with the tax in it, all others in dollars with the tax on top.</summary>
    public bool PaysEuros => Country is "DE" or "FR" or "NL";

    public string Currency => PaysEuros ? "EUR" : "USD";
}

/// <summary>Who buys: some come back.</summary>
internal sealed class DemoCustomers(Dice dice)
{
    private static readonly (string Country, int TaxPercent, int Weight)[] Countries =
    [
        ("US", 0, 26), ("SG", 9, 14), ("HK", 0, 12), ("DE", 19, 12), ("GB", 20, 8), ("JP", 10, 8), ("FR", 20, 7), ("NL", 21, 6), ("CA", 5, 4), ("AU", 10, 3),
    ];

    private static readonly int[] Weights = [.. Countries.Select(country => country.Weight)];

    private static readonly string[] FirstNames =
    [
        "wei", "mei", "jun", "lin", "hao", "yan", "xin", "bo", "anna", "lukas", "marie", "jan", "emma", "noah", "olivia", "liam", "sofia", "ken", "yuki", "haruto", "chloe", "daan", "julia", "tom",
    ];

    private static readonly string[] LastNames =
    [
        "chen", "wang", "li", "zhang", "liu", "lim", "tan", "wong", "mueller", "schmidt", "dubois", "martin", "devries", "smith", "brown", "taylor", "sato", "suzuki", "moore", "clark",
    ];

    private static readonly string[] Domains = ["example.com", "example.net", "example.org"];

    private readonly List<DemoCustomer> _known = [];

    public DemoCustomer Next()
    {
        if (_known.Count > 20 && dice.Chance(35))
            return dice.Pick(_known);
        var (country, tax, _) = Countries[dice.Weighed(Weights)];
        var email = $"{dice.Pick(FirstNames)}.{dice.Pick(LastNames)}{dice.Between(1, 9999)}@{dice.Pick(Domains)}";
        var customer = new DemoCustomer(email, CreemIds.New("cust", dice), country, tax);
        _known.Add(customer);
        return customer;
    }
}

/// <summary>Ids as Creem writes them.</summary>
internal static class CreemIds
{
    public const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static string New(string prefix, Dice dice) => $"{prefix}_{dice.Text(22, Letters)}";
}
