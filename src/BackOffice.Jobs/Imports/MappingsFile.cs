using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads mappings.csv (DESIGN 6): which model of which upstream a name stands for, from when and until when.</summary>
public sealed class MappingsFile(Stream stream) : CsvFile<ImportedMapping>(stream, Columns)
{
    private static readonly string[] Columns = ["name", "upstream", "model", "valid_from", "valid_until"];

    /// <summary>Names of the columns, all of which the header must have, in any order.</summary>
    public static IReadOnlyList<string> Header => Columns;

    private protected override ImportedMapping ReadColumns()
    {
        var row = new MappingRow(0, Model(0), Upstream(1), Model(2), ExactInstantOrNull(3), ExactInstantOrNull(4));
        Require(RateRules.Validity(row.ValidFrom, row.ValidUntil));
        return new ImportedMapping { Line = Line, Row = row };
    }

    private string Model(int column)
    {
        var model = ModelNames.Canonical(TextOrNull(column, UsageRow.LongestName) ?? "");
        if (model.Length == 0)
            Refuse(column, "FieldBlank");
        return model;
    }
}
