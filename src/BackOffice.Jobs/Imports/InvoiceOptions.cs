using System.Text.Json;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>Whose invoice a file is, and of which month; part of what the same import is.</summary>
/// <param name="Upstream">The upstream, canonical.</param>
/// <param name="Month">The month, <c>2026-09</c>.</param>
/// <param name="TotalNano">The total the invoice states, 10^-9 of the unit; null when none was told.</param>
public sealed record InvoiceOptions(string Upstream, string Month, long? TotalNano)
{
    private const int LongestUpstream = 40;

    /// <summary>What a person said of the file.</summary>
    /// <exception cref="RefusedException">A field is blank or cannot be read; it is named.</exception>
    public static InvoiceOptions Of(string? upstream, string? month, string? total)
    {
        var name = ModelNames.Canonical(upstream ?? "");
        if (name.Length is 0 or > LongestUpstream)
            throw new RefusedException(new Refusal(name.Length == 0 ? "FieldBlank" : "UpstreamUnknown", "upstream", Quoted.Text(name)));
        var period = month?.Trim() ?? "";
        if (SettlementPeriod.Parse(period) is null)
            throw new RefusedException(period.Length == 0 ? new Refusal("FieldBlank", "month") : new Refusal("MonthUnreadable", "month", Quoted.Text(period)));
        if (string.IsNullOrWhiteSpace(total))
            return new InvoiceOptions(name, period, null);
        if (InvoiceRules.ReadAmount(total.Trim(), "total", out var nano) is { } refusal)
            throw new RefusedException(refusal with { Args = [.. refusal.Args.Select(Quoted.Text)] });
        return new InvoiceOptions(name, period, nano);
    }

    /// <summary>What was said of the file.</summary>
    /// <exception cref="RefusedException">Nothing was.</exception>
    public static InvoiceOptions Read(string? json) =>
        json is not null && JsonSerializer.Deserialize<InvoiceOptions>(json) is { Upstream: not null, Month: not null } said ? said : throw new RefusedException(new Refusal("InvoiceUnsaid", ""));

    /// <summary>The invoice as it is stored.</summary>
    /// <param name="book">The rates.</param>
    /// <exception cref="RefusedException">The upstream is not known.</exception>
    public NewInvoice Invoice(RateBook book)
    {
        var period = book.Period(Upstream, SettlementPeriod.Parse(Month)!.Value);
        var terms = book.TermsAt(Upstream, Quarters.Of(period.From)) ?? throw new RefusedException(new Refusal("UpstreamUnknown", "upstream", Upstream));
        return new NewInvoice(Upstream, Month, terms.Currency, TotalNano);
    }

    public string Text() => JsonSerializer.Serialize(this);
}
