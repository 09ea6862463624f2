using System.Text;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Orders;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads deliveries.csv (DESIGN 6).</summary>
public sealed class DeliveriesFile(Stream stream) : CsvFile<ImportedDelivery>(stream, Columns)
{
    private const long MostTokens = 9_000_000_000_000_000;

    private static readonly string[] Columns = ["order_no", "kind", "tokens", "secret", "reference", "delivered_at", "revoked_at"];

    /// <summary>Names of the columns, all of which the header must have, in any order.</summary>
    public static IReadOnlyList<string> Header => Columns;

    private protected override ImportedDelivery ReadColumns()
    {
        var delivery = new ImportedDelivery
        {
            Line = Line,
            OrderNo = Id(0, 64),
            Kind = Word(1, DeliveryKinds.ApiKey, DeliveryKinds.RedemptionCode),
            Tokens = WholeNumber(2, 0, MostTokens),
            Secret = Secret(3),
            Reference = TextOrNull(4, 200),
            DeliveredAt = Instant(5),
            RevokedAt = InstantOrNull(6),
        };
        if (delivery.RevokedAt < delivery.DeliveredAt)
            Refuse(6, "RevokedBeforeDelivered");
        return delivery;
    }

    /// <summary>Nothing that could be a secret in a wrong column.</summary>
    private protected override string Shown(ReadOnlySpan<byte> value) => Quoted.Figures(value);

    // Kept as it stands, spaces too: an API key is compared byte for byte.
    private string Secret(int column)
    {
        var text = Encoding.UTF8.GetString(Untrimmed(column));
        // A dash in the place of a secret is none: every order that has it would seem to share it.
        if (!text.Any(char.IsLetterOrDigit))
            Refuse(column, "FieldBlank");
        else if (text.Length > 500)
            Refuse(column, "TextTooLong", "500");
        return text;
    }
}
