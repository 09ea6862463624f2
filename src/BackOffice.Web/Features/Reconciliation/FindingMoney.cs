using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Reconciliation;

/// <summary>The money a finding is about, in words that say which money it is: a difference with its sign, or what was paid.</summary>
public static class FindingMoney
{
    /// <returns>Null when the finding is about no amount.</returns>
    public static string? Words(Texts texts, string? currency, long? expectedMinor, long? actualMinor) => (currency, expectedMinor, actualMinor) switch
    {
        (null, _, _) => null,
        (_, { } expected, { } actual) => texts["Finding.DifferenceOf", Figures.Money(new Money(actual - expected, currency), MoneyStyle.Code, plus: true)],
        (_, null, { } paid) => texts["Finding.PaidOf", Figures.Money(new Money(paid, currency), MoneyStyle.Code)],
        _ => texts["Finding.PaidIn", currency],
    };

    /// <summary>The same of many findings of one kind and currency; what was paid too much and too little are two sums.</summary>
    public static IEnumerable<string> Sums(Texts texts, KindCount count)
    {
        var currency = count.Currency!;
        if (count.Compared == 0)
            return [Words(texts, currency, null, count.ActualMinor)!];
        var differences = new[] { count.TooMuchMinor, -count.TooLittleMinor }.Where(minor => minor != 0).DefaultIfEmpty(0);
        return differences.Select(minor => Words(texts, currency, 0, minor)!);
    }
}
