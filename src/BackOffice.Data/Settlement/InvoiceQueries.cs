using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Engine;
using BackOffice.Data.Rates;
using BackOffice.Domain;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>Reads upstreams' invoices and holds them against settlements (settlement rules 7).</summary>
public sealed class InvoiceQueries(Database database)
{
    /// <summary>All whole invoices of a month, the newest first: that one counts.</summary>
    public Task<List<InvoiceRow>> OfMonthAsync(string upstream, string period, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<InvoiceRow>(ReadOfMonth, new SettlementQueries.OfMonth(upstream, period), token), token);

    /// <summary>An invoice held against the month as it is now, or as it was approved; null when there is none.</summary>
    /// <param name="upstream">The upstream, canonical.</param>
    /// <param name="month">Any day of the month.</param>
    /// <param name="number">Which invoice of the month; null for the one that counts.</param>
    /// <param name="token">To stop waiting.</param>
    /// <exception cref="RefusedException">The upstream is not known, or a figure leaves 64 bits.</exception>
    public Task<InvoiceFigures?> CompareAsync(string upstream, DateOnly month, long? number, CancellationToken token = default) => database.ReadAsync(async session =>
    {
        var settlement = await SettlementReader.NowAsync(session, upstream, month, token).ConfigureAwait(false);
        return await CompareAsync(session, settlement, number, token).ConfigureAwait(false);
    }, token);

    /// <summary>The same with a settlement that was read already.</summary>
    internal static async Task<InvoiceFigures?> CompareAsync(Session session, SettlementDocument settlement, long? number, CancellationToken token)
    {
        var invoices = await session.ListAsync<InvoiceRow>(ReadOfMonth, new SettlementQueries.OfMonth(settlement.Upstream, settlement.Period), token).ConfigureAwait(false);
        if ((number is null ? invoices.FirstOrDefault() : invoices.Find(row => row.Number == number)) is not { } invoice)
            return null;
        var lines = (await session.ListAsync<LineRow>(ReadLines, new OfInvoice(invoice.Number), token).ConfigureAwait(false)).ConvertAll(row => row.Line);
        var book = await RateQueries.BookAsync(session, token).ConfigureAwait(false);
        var period = new SettlementPeriod(settlement.Period, settlement.From, settlement.Until);
        var models = lines.Distinct().ToDictionary(line => line, line => book.ModelOfInvoice(settlement.Upstream, period, line));
        return new InvoiceFigures(
            invoice, invoices[0].Number == invoice.Number,
            InvoiceComparison.Compare(lines, invoice.StatedNano, settlement.Lines, invoice.Currency, line => models[line]),
            InvoiceComparison.Parts(lines, settlement.Lines, invoice.Currency, line => models[line]));
    }

    /// <summary>Which invoice.</summary>
    public sealed record OfInvoice(long Number);

    /// <summary>The whole invoices of a month.</summary>
    public static readonly Sql<SettlementQueries.OfMonth> ReadOfMonth = new("""
        SELECT v.Number, v.Upstream, v.Period, v.Currency, v.StatedNano, v.RecordedAt, v.RecordedBy, v.AcceptedBy, v.AcceptedAt, v.AcceptReason, v.AcceptedHash,
            m.Number AS Import, m.FileName, m.RecordsPutAside AS PutAside
        FROM UpstreamInvoices v
        JOIN Imports m ON m.Id = v.ImportId
        WHERE v.Upstream = @Upstream AND v.Period = @Period AND m.Status = 'done'
        ORDER BY v.Number DESC
        """);

    /// <summary>Its lines.</summary>
    public static readonly Sql<OfInvoice> ReadLines = new("SELECT Day, Model, Part, Tokens, AmountNano FROM InvoiceLines WHERE Invoice = @Number ORDER BY Line");

    private sealed class LineRow
    {
        public DateOnly? Day { get; init; }

        public string Model { get; init; } = "";

        public string Part { get; init; } = "";

        public long Tokens { get; init; }

        public long AmountNano { get; init; }

        public InvoiceLine Line => new(Day, Model, TokenParts.Parse(Part), Tokens, AmountNano);
    }
}

/// <summary>An invoice, as far as it is one whole. Instants are UTC, amounts 10^-9 of the unit of <see cref="Currency"/>.</summary>
public sealed class InvoiceRow
{
    /// <summary>The number people see.</summary>
    public long Number { get; init; }

    /// <summary>Whose it is.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>Of which month, <c>2026-09</c>.</summary>
    public string Period { get; init; } = "";

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; init; } = "";

    /// <summary>The total it states; null when none was told.</summary>
    public long? StatedNano { get; init; }

    /// <summary>When its first lines came in.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>Who imported it.</summary>
    public string RecordedBy { get; init; } = "";

    /// <summary>Who accepted it; null when nobody has.</summary>
    public string? AcceptedBy { get; init; }

    /// <summary>When it was accepted last.</summary>
    public DateTime? AcceptedAt { get; init; }

    /// <summary>Why.</summary>
    public string? AcceptReason { get; init; }

    /// <summary>SHA-256 of the figures that were accepted.</summary>
    public byte[]? AcceptedHash { get; init; }

    /// <summary>Number of the import.</summary>
    public long Import { get; init; }

    /// <summary>Its file.</summary>
    public string FileName { get; init; } = "";

    /// <summary>Lines of the file that are not in it.</summary>
    public long PutAside { get; init; }
}

/// <summary>An invoice held against a settlement.</summary>
/// <param name="Invoice">The invoice.</param>
/// <param name="IsCurrent">Whether it is the one of the month that counts.</param>
/// <param name="Difference">Where the difference comes from, in sum and by model.</param>
/// <param name="Parts">Both sides by model and part.</param>
public sealed record InvoiceFigures(InvoiceRow Invoice, bool IsCurrent, InvoiceDifference Difference, IReadOnlyList<PartDifference> Parts)
{
    /// <summary>SHA-256 of the figures: what somebody accepts is what was seen.</summary>
    public byte[] Hash => SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Invoice.Number}|{Invoice.Currency}|{Difference.InvoiceNano}|{Difference.OursNano}|{Difference.Variance}|{string.Join('\n', Parts)}")));

    /// <summary>The same as forms carry it.</summary>
    public string HashText => Convert.ToHexStringLower(Hash);

    /// <summary>Whether exactly these figures were accepted.</summary>
    public bool IsAccepted => Invoice.AcceptedHash is { } accepted && accepted.AsSpan().SequenceEqual(Hash);
}
