using System.Globalization;

namespace BackOffice.Domain.Access;

/// <summary>Above which amounts an act needs a second person: a limit per currency, minor units.</summary>
public sealed class ApprovalLimits
{
    /// <summary>The word for no limits: nothing needs a second person.</summary>
    public const string OffWord = "off";

    /// <summary>Nothing needs a second person.</summary>
    public static readonly ApprovalLimits Off = new(null);

    private readonly Dictionary<string, long>? _mostMinor;

    private ApprovalLimits(Dictionary<string, long>? mostMinor) => _mostMinor = mostMinor;

    /// <summary>Whether there are limits at all.</summary>
    public bool AreOn => _mostMinor is not null;

    /// <summary>Reads <c>CNY 10000; USD 1500</c>, whole minor units from 0 to <see cref="Money.Limit"/>, or <c>off</c>.</summary>
    /// <returns>Null when it is neither, or names a currency twice or one that is not in use.</returns>
    public static ApprovalLimits? Parse(string text)
    {
        if (text.Trim().Equals(OffWord, StringComparison.OrdinalIgnoreCase))
            return Off;
        var limits = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var currency, var minor]
                || !Currencies.IsKnown(currency)
                || !long.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var most)
                || most > Money.Limit
                || !limits.TryAdd(currency, most))
                return null;
        }
        return limits.Count == 0 ? null : new ApprovalLimits(limits);
    }

    /// <summary>The first of the amounts that needs a second person: it is above its currency's limit, or its currency has none while others have. Null when none does.</summary>
    public Money? Exceeded(IEnumerable<Money> amounts)
    {
        if (_mostMinor is null)
            return null;
        foreach (var amount in amounts)
        {
            if (amount.Minor > _mostMinor.GetValueOrDefault(amount.Currency, 0))
                return amount;
        }
        return null;
    }

    /// <summary>As the setting is written.</summary>
    public override string ToString() => _mostMinor is null ? OffWord : string.Join("; ", _mostMinor.Select(limit => FormattableString.Invariant($"{limit.Key} {limit.Value}")));
}
