using System.Text;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads prices.csv (DESIGN 6): what an upstream asks for a part of a million tokens, from when and until when.</summary>
public sealed class PricesFile(Stream stream) : CsvFile<ImportedPrice>(stream, Columns)
{
    private static readonly string[] Columns = ["upstream", "model", "part", "band", "currency", "price_per_million", "valid_from", "valid_until"];

    /// <summary>Names of the columns, all of which the header must have, in any order.</summary>
    public static IReadOnlyList<string> Header => Columns;

    private protected override ImportedPrice ReadColumns()
    {
        var row = new PriceRow(0, Upstream(0), Model(1), Part(2), Band(3), Currency(4), Price(5), ExactInstantOrNull(6), ExactInstantOrNull(7));
        Require(RateRules.Validity(row.ValidFrom, row.ValidUntil));
        return new ImportedPrice { Line = Line, Row = row };
    }

    private string Model(int column)
    {
        var model = ModelNames.Canonical(TextOrNull(column, UsageRow.LongestName) ?? "");
        if (model.Length == 0)
            Refuse(column, "FieldBlank");
        else if (model == "-")
            Refuse(column, "PriceOfNoModel");
        return model;
    }

    private TokenPart Part(int column)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        if (TokenParts.Parse(text) is { } part)
            return part;
        RefuseWord(column, text, string.Join(", ", TokenParts.All.Select(TokenParts.NameOf)));
        return default;
    }

    private PriceBand Band(int column)
    {
        var text = Encoding.UTF8.GetString(Trimmed(column));
        if (PriceBands.Parse(text) is { } band)
            return band;
        RefuseWord(column, text, string.Join(", ", Enum.GetValues<PriceBand>().Select(PriceBands.NameOf)));
        return default;
    }

    private void RefuseWord(int column, string text, string words)
    {
        if (text.Length == 0)
            Refuse(column, "FieldBlank");
        else
            Refuse(column, "WordNotOneOf", Quoted.Text(text), words);
    }

    private long Price(int column)
    {
        if (RateRules.ReadPrice(Encoding.UTF8.GetString(Trimmed(column)), Columns[column], out var micro) is { } refusal)
            Refuse(column, refusal.Code, [.. refusal.Args.Select(Quoted.Text)]);
        return micro;
    }
}
