using System.Globalization;
using System.Text;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads invoice.csv (DESIGN 6): what an upstream asks for a part of a model, on a day or, with a blank one, in the month.</summary>
public sealed class InvoiceFile(Stream stream, NewInvoice invoice) : CsvFile<ImportedInvoiceLine>(stream, Columns)
{
    private static readonly string[] Columns = ["day", "model", "part", "tokens", "amount", "currency"];

    private bool _hasOurs;

    /// <summary>Names of the columns, all of which the header must have, in any order.</summary>
    public static IReadOnlyList<string> Header => Columns;

    // Nothing is stored before the first line in the right currency: an invoice in another one is refused as a whole, one line among others is put aside.
    private protected override ImportedInvoiceLine ReadColumns()
    {
        var line = new InvoiceLine(Day(0), Model(1), Part(2), WholeNumber(3, 0, InvoiceRules.MostTokens), Amount(4));
        var currency = Currency(5);
        if (currency == invoice.Currency)
            _hasOurs = true;
        else if (!_hasOurs && Currencies.IsKnown(currency))
            throw new RefusedException(new Refusal("InvoiceOtherCurrency", Columns[5], currency, invoice.Currency, invoice.Upstream));
        else
            Refuse(5, "InvoiceOtherCurrency", currency, invoice.Currency, invoice.Upstream);
        return new ImportedInvoiceLine { Line = Line, Row = line };
    }

    private DateOnly? Day(int column)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        if (text.Length == 0)
            return null;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            Refuse(column, "DayUnreadable", Quoted.Text(text));
        else if (SettlementPeriod.NameOf(day) != invoice.Period)
            Refuse(column, "InvoiceDayOfOtherMonth", text, invoice.Period);
        return day;
    }

    private string Model(int column)
    {
        var model = ModelNames.Canonical(TextOrNull(column, UsageRow.LongestName) ?? "");
        if (model.Length == 0)
            Refuse(column, "FieldBlank");
        return model;
    }

    private TokenPart? Part(int column)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        if (text == InvoiceRules.Input)
            return null;
        if (TokenParts.Parse(text) is not { } part)
        {
            Refuse(column, "WordNotOneOf", Quoted.Text(text), string.Join(", ", TokenParts.All.Select(TokenParts.NameOf).Append(InvoiceRules.Input)));
            return null;
        }
        return part;
    }

    private long Amount(int column)
    {
        if (InvoiceRules.ReadAmount(Encoding.UTF8.GetString(Trimmed(column)), Columns[column], out var nano) is { } refusal)
            Refuse(column, refusal.Code, [.. refusal.Args.Select(Quoted.Text)]);
        return nano;
    }
}
