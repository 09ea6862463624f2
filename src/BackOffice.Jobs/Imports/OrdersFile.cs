using System.Buffers;
using System.Text;
using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads orders.csv (DESIGN 6).</summary>
public sealed class OrdersFile(Stream stream) : CsvFile<ImportedOrder>(stream, Columns)
{
    private static readonly SearchValues<byte> SlugCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-"u8);

    private static readonly string[] Columns =
    [
        "order_no", "package", "units", "customer_email", "list_currency", "list_amount", "charge_currency", "charge_amount", "tax_mode",
        "creem_order_id", "created_at",
    ];

    /// <summary>Names of the columns, all of which the header must have, in any order.</summary>
    public static IReadOnlyList<string> Header => Columns;

    private protected override ImportedOrder ReadColumns() => new()
    {
        Line = Line,
        OrderNo = Id(0, 64),
        Package = Package(1),
        Units = (int)WholeNumber(2, 1, 100_000),
        CustomerEmail = Email(3),
        List = Amount(5, Currency(4)),
        Charge = Amount(7, Currency(6)),
        TaxInclusive = Word(8, "inclusive", "exclusive") == "inclusive",
        CreemOrderId = IdOrNull(9, 80),
        CreatedAt = Instant(10),
    };

    private string Package(int column)
    {
        var text = Trimmed(column);
        if (text.IsEmpty)
            Refuse(column, "FieldBlank");
        else if (text.Length > 40 || text.ContainsAnyExcept(SlugCharacters))
            Refuse(column, "PackageNotASlug", Shown(text));
        return Encoding.UTF8.GetString(text);
    }

    private string Email(int column)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        var at = text.IndexOf('@');
        var isAddress = text.Length <= 320 && at > 0 && at < text.Length - 1 && at == text.LastIndexOf('@')
            && !text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character));
        if (text.Length == 0)
            Refuse(column, "FieldBlank");
        else if (!isAddress)
            Refuse(column, "EmailNotAnAddress");
        return text.ToLowerInvariant();
    }
}
