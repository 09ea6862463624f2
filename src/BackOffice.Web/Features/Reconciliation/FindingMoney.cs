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
}
