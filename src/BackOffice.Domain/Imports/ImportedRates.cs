using BackOffice.Domain.Settlement;

namespace BackOffice.Domain.Imports;

/// <summary>One line of a file of rates, read and checked for itself; whether it overlaps another row is known only to the store.</summary>
public abstract record ImportedRate
{
    /// <summary>Line of the file on which the record begins, from 1 (the header).</summary>
    public required long Line { get; init; }
}

/// <summary>The same with its row.</summary>
public abstract record ImportedRate<TRow> : ImportedRate where TRow : DatedRow
{
    /// <summary>The row; its number is given when it is stored.</summary>
    public required TRow Row { get; init; }
}

/// <summary>One line of prices.csv.</summary>
public sealed record ImportedPrice : ImportedRate<PriceRow>;

/// <summary>One line of mappings.csv.</summary>
public sealed record ImportedMapping : ImportedRate<MappingRow>;

/// <summary>One line of invoice.csv.</summary>
public sealed record ImportedInvoiceLine : ImportedRate
{
    /// <summary>The line as it counts.</summary>
    public required InvoiceLine Row { get; init; }
}
