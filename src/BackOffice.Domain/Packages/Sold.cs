namespace BackOffice.Domain.Packages;

/// <summary>What the orders of one package came to in one currency, over some days. Currencies are never summed.</summary>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Orders">Number of orders.</param>
/// <param name="Units">Units in them.</param>
/// <param name="Minor">What they name, in minor units; in 128 bits, because millions of orders may each be as large as an order can be.</param>
public sealed record Sold(string Currency, long Orders, long Units, Int128 Minor)
{
    /// <summary>What the same units come to at another price.</summary>
    /// <param name="amountMinor">Price of one unit in minor units of the same currency.</param>
    public Int128 At(long amountMinor) => checked((Int128)Units * amountMinor);
}
