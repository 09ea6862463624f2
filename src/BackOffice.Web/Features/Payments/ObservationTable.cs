using BackOffice.Data.Payments;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Payments;

/// <summary>One field of a payment in every record: its words are <c>Payment.Field.{Name}</c>.</summary>
/// <param name="Name">The field.</param>
/// <param name="Cells">As each record has it.</param>
/// <param name="Mark">What to say where it is not the same everywhere (<c>Mark.{mark}</c>): a status goes on, an amount contradicts. Null when it is the same.</param>
public sealed record ObservationField(string Name, IReadOnlyList<ObservationCell> Cells, string? Mark);

/// <summary>A field as one record has it.</summary>
/// <param name="Words">In words or figures; null when the source does not say it.</param>
/// <param name="At">An instant, UTC.</param>
/// <param name="IsId">Whether the words are an id.</param>
public sealed record ObservationCell(string? Words, DateTime? At = null, bool IsId = false)
{
    public bool IsNothing => Words is null && At is null;
}

/// <summary>What each source said of a payment, side by side, in the order in which we learnt it.</summary>
public sealed record ObservationTable(IReadOnlyList<ObservationRow> Records, IReadOnlyList<ObservationField> Fields)
{
    public static ObservationTable Of(IReadOnlyList<ObservationRow> records, Texts texts)
    {
        ObservationField[] fields =
        [
            Field("status", "changed", one => new(texts["Order.CreemSays", one.Status])),
            Field("mode", "differs", one => new(one.Mode)),
            Field("currency", "differs", one => new(one.Currency)),
            Field("amount", "differs", one => Money(one.AmountMinor, one.Currency)),
            Field("amount_paid", "differs", one => Money(one.AmountPaidMinor, one.Currency)),
            Field("amount_due", "differs", one => Money(one.AmountDueMinor, one.Currency)),
            Field("tax", "differs", one => Money(one.TaxMinor, one.Currency)),
            Field("discount", "differs", one => Money(one.DiscountMinor, one.Currency)),
            Field("refunded", "changed", one => Money(one.RefundedMinor, one.Currency)),
            Field("creem_order", "differs", one => new(one.CreemOrderId, IsId: true)),
            Field("request", "differs", one => new(one.RequestId, IsId: true)),
            Field("tax_country", "differs", one => new(one.TaxCountry)),
            Field("customer", "differs", one => new(one.CustomerId, IsId: true)),
            Field("created_at", "differs", one => new(null, one.CreatedAt)),
            Field("happened_at", "changed", one => new(null, one.HappenedAt)),
        ];
        return new ObservationTable(records, [.. fields.Where(field => field.Cells.Any(cell => !cell.IsNothing))]);

        ObservationField Field(string name, string mark, Func<ObservationRow, ObservationCell> cell)
        {
            List<ObservationCell> cells = [.. records.Select(cell)];
            return new ObservationField(name, cells, cells.Where(one => !one.IsNothing).Distinct().Count() > 1 ? mark : null);
        }
    }

    private static ObservationCell Money(long? minor, string? currency) =>
        new(minor is { } known ? Figures.Money(new Money(known, currency ?? Domain.Reconciliation.TransactionState.NoCurrency), MoneyStyle.Code) : null);
}
