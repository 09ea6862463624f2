using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Settlement;

/// <summary>
/// Takes an upstream's invoice of a month in (settlement rules 7). Each import is an invoice of its own, which counts once it is whole; the newest counts. The file that
/// counts already repeats line by line, and changes nothing.
/// </summary>
/// <param name="import">The import.</param>
/// <param name="invoice">Whose invoice it is, of which month.</param>
public sealed class InvoiceIntake(ImportRow import, NewInvoice invoice) : Intake<ImportedInvoiceLine>
{
    private bool? _isCurrent;
    private long? _number;

    /// <inheritdoc/>
    public override async Task<Outcome[]> JudgeAsync(Session session, IReadOnlyList<ImportedInvoiceLine> records, CancellationToken token)
    {
        _isCurrent ??= await session.GetAsync<int>(CountSame, new SameFile(invoice.Upstream, invoice.Period, import.Sha256, import.Options ?? ""), token).ConfigureAwait(false) > 0;
        var outcomes = new Outcome[records.Count];
        Array.Fill(outcomes, _isCurrent.Value ? Outcome.Repeated : Outcome.New);
        return outcomes;
    }

    /// <inheritdoc/>
    public override void Forget() => (_isCurrent, _number) = (null, null);

    /// <inheritdoc/>
    protected override async Task StoreAsync(WriteSession session, IReadOnlyList<ImportedInvoiceLine> records, Outcome[] outcomes, string by, CancellationToken token)
    {
        var lines = records.Where((_, i) => outcomes[i].Kind == OutcomeKind.New).ToList();
        if (lines.Count == 0)
            return;
        _number ??= await session.FindAsync<long?>(FindNumber, new OfImport(import.Id), token).ConfigureAwait(false) ?? await AddAsync(session, by, token).ConfigureAwait(false);
        await session.BulkInsertAsync(Lines, lines.ConvertAll(line => new NewLine(_number.Value, line)), token).ConfigureAwait(false);
    }

    private async Task<long> AddAsync(WriteSession session, string by, CancellationToken token)
    {
        var number = await session.NextNumberAsync("UpstreamInvoices", token).ConfigureAwait(false);
        await session.ExecuteAsync(Insert, new InvoiceArgs(number, invoice.Upstream, invoice.Period, invoice.Currency, invoice.StatedNano, import.Id, session.At, by), token).ConfigureAwait(false);
        return number;
    }

    /// <summary>The same file, said to be of the same month.</summary>
    public sealed record SameFile(string Upstream, string Period, byte[] Sha256, string Options);

    /// <summary>Which import.</summary>
    public sealed record OfImport(Guid ImportId);

    /// <summary>An invoice.</summary>
    public sealed record InvoiceArgs(long Number, string Upstream, string Period, string Currency, long? StatedNano, Guid ImportId, DateTime RecordedAt, string RecordedBy);

    /// <summary>A line of an invoice.</summary>
    public sealed record NewLine(long Invoice, ImportedInvoiceLine Line);

    /// <summary>Whether the invoice that counts is of that file: whole, and no newer one is.</summary>
    public static readonly Sql<SameFile> CountSame = new("""
        SELECT COUNT(*)
        FROM UpstreamInvoices v
        JOIN Imports m ON m.Id = v.ImportId
        WHERE v.Upstream = @Upstream AND v.Period = @Period AND m.Status = 'done' AND m.Sha256 = @Sha256 AND m.Options = @Options
            AND NOT EXISTS (
                SELECT 1 FROM UpstreamInvoices newer JOIN Imports n ON n.Id = newer.ImportId
                WHERE newer.Upstream = @Upstream AND newer.Period = @Period AND newer.Number > v.Number AND n.Status = 'done')
        """);

    /// <summary>The invoice of an import that was begun.</summary>
    public static readonly Sql<OfImport> FindNumber = new("SELECT Number FROM UpstreamInvoices WHERE ImportId = @ImportId");

    /// <summary>A new invoice.</summary>
    public static readonly Sql<InvoiceArgs> Insert = new("""
        INSERT INTO UpstreamInvoices (Number, Upstream, Period, Currency, StatedNano, ImportId, RecordedAt, RecordedBy)
        VALUES (@Number, @Upstream, @Period, @Currency, @StatedNano, @ImportId, @RecordedAt, @RecordedBy)
        """);

    /// <summary>How its lines go in.</summary>
    public static readonly BulkTable<NewLine> Lines = new(
        "InvoiceLines",
        ("Invoice", typeof(long), row => row.Invoice),
        ("Line", typeof(long), row => row.Line.Line),
        ("Day", typeof(DateOnly), row => row.Line.Row.Day),
        ("Model", typeof(string), row => row.Line.Row.Model),
        ("Part", typeof(string), row => row.Line.Row.Part is { } part ? TokenParts.NameOf(part) : InvoiceRules.Input),
        ("Tokens", typeof(long), row => row.Line.Row.Tokens),
        ("AmountNano", typeof(long), row => row.Line.Row.AmountNano));
}

/// <summary>Whose invoice it is.</summary>
/// <param name="Upstream">The upstream, canonical.</param>
/// <param name="Period">The month, <c>2026-09</c>.</param>
/// <param name="Currency">What the upstream bills in.</param>
/// <param name="StatedNano">The total it states, 10^-9 of the unit; null when none was told.</param>
public sealed record NewInvoice(string Upstream, string Period, string Currency, long? StatedNano);
