using System.Globalization;
using BackOffice.Data.Codes;
using BackOffice.Domain;
using BackOffice.Jobs.Reports.Pdf;

namespace BackOffice.Jobs.Reports;

/// <summary>What a batch's certificate tells.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="PackageEnglish">Its package in English.</param>
/// <param name="PackageChinese">Its package in Chinese.</param>
/// <param name="Exports">Its exports, the newest first.</param>
/// <param name="Events">What happened to it as a whole, the oldest first.</param>
public sealed record BatchFacts(BatchRow Batch, string PackageEnglish, string PackageChinese, IReadOnlyList<CodeExportRow> Exports, IReadOnlyList<CodeEventRow> Events);

/// <summary>
/// The certificate of a batch as a PDF for people to sign and keep: what it is, its numbers, who asked and who approved, whether it is void, and the SHA-256 of its export.
/// No code stands in it.
/// </summary>
public sealed class BatchCertificate(BatchFacts facts, Texts texts, BusinessTime time)
{
    private readonly BatchRow batch = facts.Batch;

    /// <summary>Writes it.</summary>
    /// <param name="output">Empty; a file or memory, not a response.</param>
    /// <param name="who">Who has it made.</param>
    /// <param name="asOf">The instant of whose state the figures are, UTC.</param>
    /// <param name="token">To stop.</param>
    /// <returns>Its pages.</returns>
    public Task<int> WriteAsync(Stream output, string who, DateTime asOf, CancellationToken token) => new PdfReport(texts, time)
    {
        Title = texts["Certificate.Title", batch.Number],
        Subtitle = Answer(),
        Who = who,
        AsOf = asOf,
        Sections = [.. Sections()],
    }.WriteAsync(output, token);

    private string Answer() => batch.Status switch
    {
        "void" => texts["Certificate.IsVoid", Count(batch.Voided), Count(batch.Redeemed), Count(batch.Delivered)],
        "ready" => texts["Certificate.IsReady", Count(batch.Made)],
        _ => texts["Certificate.IsNotReady", Count(batch.Made), Count(batch.Wanted)],
    };

    private IEnumerable<PdfSection> Sections()
    {
        yield return new PdfParameters([.. Parameters()]);
        yield return new PdfHeading(texts["Certificate.Numbers"]);
        yield return Numbers();
        yield return new PdfHeading(texts["Certificate.People"]);
        yield return new PdfTable<CodeEventRow>(
            [
                new PdfColumn<CodeEventRow>(texts["Certificate.When", time.OffsetName(batch.RequestedAt)], 32, PdfCells.Words, one => Instant(one.HappenedAt)),
                new PdfColumn<CodeEventRow>(texts["Certificate.What"], 18, PdfCells.Words, one => texts["CodeEvent." + one.Kind]),
                new PdfColumn<CodeEventRow>(texts["Certificate.Who"], 28, PdfCells.Words, one => one.RecordedBy),
                new PdfColumn<CodeEventRow>(texts["Certificate.Codes"], 14, PdfCells.Number, one => Count(one.Codes)),
                new PdfColumn<CodeEventRow>(texts["Certificate.Why"], 26, PdfCells.Words, one => one.Reason ?? ""),
            ],
            facts.Events);
        yield return new PdfHeading(texts["Certificate.Export"]);
        if (facts.Exports.FirstOrDefault(export => export.Sha256 is not null) is { } export)
        {
            yield return new PdfText(texts["Certificate.Exported", export.Number, Count(export.RowsDone), export.RequestedBy, Instant(export.RequestedAt)]);
            yield return new PdfHash("SHA-256", Convert.ToHexStringLower(export.Sha256!));
        }
        else
        {
            yield return new PdfText(texts["Certificate.NotExported"]);
        }
        yield return new PdfSignatures(texts["Certificate.Asked"], texts["Certificate.Approved"]);
    }

    private IEnumerable<PdfParameter> Parameters()
    {
        yield return new(texts["Certificate.Package"], texts["Certificate.PackageUnits", texts.IsChinese ? facts.PackageChinese : facts.PackageEnglish, Count(batch.Units)]);
        yield return new(texts["Certificate.Each"], texts["Certificate.EachWorth", Count(batch.Tokens), Count(batch.Quota)]);
        yield return new(texts["Certificate.Format"], texts["CodeFormat." + batch.Format] + (batch.Prefix.Length > 0 ? $", {batch.Prefix}" : ""));
        yield return new(texts["Certificate.PublishBy"], texts["PublishWay." + batch.PublishBy]);
        yield return new(texts["Certificate.Expires"], batch.ExpiresAt is { } ends ? Zoned(ends) : texts["Certificate.Never"]);
        yield return new(texts["Certificate.RequestedBy"], $"{batch.RequestedBy}, {Zoned(batch.RequestedAt)}");
        yield return new(texts["Certificate.ApprovedBy"], batch.ApprovedBy is { } second ? $"{second}, {Zoned(batch.ApprovedAt!.Value)}" : texts["Certificate.Nobody"]);
        yield return new(texts["Certificate.Published"], batch.PublishedAt is { } published ? Zoned(published) : texts["Certificate.NotPublished"]);
        if (batch is { VoidedAt: { } at, VoidedBy: { } by })
            yield return new(texts["Certificate.VoidedBy"], $"{by}, {Zoned(at)}{(batch.VoidReason is { Length: > 0 } why ? $": {why}" : "")}");
        if (batch.Note.Length > 0)
            yield return new(texts["Certificate.Note"], batch.Note);
    }

    private PdfTable<(string State, int Codes)> Numbers()
    {
        (string State, int Codes)[] rows = [("available", batch.Available), ("allocated", batch.Allocated), ("delivered", batch.Delivered), ("redeemed", batch.Redeemed), ("void", batch.Voided)];
        return new PdfTable<(string State, int Codes)>(
            [
                new(texts["Certificate.State"], 30, PdfCells.Words, row => texts["State." + row.State]),
                new(texts["Certificate.Codes"], 20, PdfCells.Number, row => Count(row.Codes)),
                new(texts["Certificate.Tokens"], 30, PdfCells.Number, row => Tokens(row.Codes)),
                new(texts["Certificate.ListWorth"], 30, PdfCells.Number, row => Worth(row.Codes)),
            ],
            rows,
            [texts["Report.Total"], Count(rows.Sum(row => row.Codes)), Tokens(rows.Sum(row => row.Codes)), Worth(rows.Sum(row => row.Codes))]);
    }

    // 128 bits: ten million codes of the largest package.
    private string Tokens(long codes) => ((Int128)codes * batch.Tokens).ToString("#,##0", CultureInfo.InvariantCulture);

    private string Worth(long codes)
    {
        if (batch is not { ListMinor: { } minor, ListCurrency: { } currency })
            return "—";
        var decimals = Currencies.Decimals(currency);
        var text = ((Int128)codes * minor).ToString("D" + (decimals + 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var major = Int128.Parse(text[..^decimals], CultureInfo.InvariantCulture).ToString("#,##0", CultureInfo.InvariantCulture);
        return $"{currency} {major}{(decimals > 0 ? "." : "")}{text[^decimals..]}";
    }

    private string Instant(DateTime at) => time.ToLocal(at).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private string Zoned(DateTime at) => $"{Instant(at)} ({time.OffsetName(at)})";

    private static string Count(long number) => number.ToString("#,##0", CultureInfo.InvariantCulture);
}
