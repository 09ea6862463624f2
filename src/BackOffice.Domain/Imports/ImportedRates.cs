using BackOffice.Domain.Settlement;

namespace BackOffice.Domain.Imports;

/// <summary>One line of a file of rates.</summary>
public abstract record ImportedRate
{
    /// <summary>Line of the file on which the record begins, from 1 (the header).</summary>
    public required long Line { get; init; }
}

/// <summary>One line of prices.csv, read and checked for itself; whether it overlaps another row is known only to the store.</summary>
public sealed record ImportedPrice : ImportedRate
{
    /// <summary>The row; its number is given when it is stored.</summary>
    public required PriceRow Row { get; init; }
}

/// <summary>One line of mappings.csv.</summary>
public sealed record ImportedMapping : ImportedRate
{
    /// <summary>The row; its number is given when it is stored.</summary>
    public required MappingRow Row { get; init; }
}

/// <summary>One line of invoice.csv.</summary>
public sealed record ImportedInvoiceLine : ImportedRate
{
    /// <summary>The line as it counts.</summary>
    public required InvoiceLine Row { get; init; }
}
