using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports.Tables;
using BackOffice.Web.Features.Reports;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace BackOffice.Web.Shared;

/// <summary>The columns of a list as a file, in order: each a title, and how a row fills it. Declared once for every format.</summary>
/// <param name="texts">The reader's language.</param>
/// <param name="shop">The clock times are shown on; its zone stands in their titles.</param>
/// <param name="now">The present, UTC.</param>
public sealed class RowColumns<TRow>(Texts texts, BusinessTime shop, DateTime now)
{
    private const int ShortWidth = 14;
    private const int TextWidth = 24;
    private const int TimeWidth = 20;

    private static readonly decimal[] Units = [1m, 0.1m, 0.01m, 0.001m];

    private readonly List<(string Title, int Width)> _titles = [];
    private readonly List<Action<TRow, TableWriter>> _cells = [];

    public IReadOnlyList<(string Title, int Width)> Titles => _titles;

    public RowColumns<TRow> Text(string title, Func<TRow, string?> value, int width = TextWidth) => Add(title, width, (row, table) => table.Text(value(row)));

    public RowColumns<TRow> Number(string title, Func<TRow, long?> value) => Add(title, ShortWidth, (row, table) => table.Number(value(row)));

    /// <summary>Instants in UTC, shown on the shop's clock.</summary>
    public RowColumns<TRow> Time(string title, Func<TRow, DateTime?> value) =>
        Add($"{title} ({shop.OffsetName(now)})", TimeWidth, (row, table) => table.Time(value(row) is { } instant ? shop.ToLocal(instant) : null));

    public RowColumns<TRow> Day(string title, Func<TRow, DateOnly?> value) => Add(title, ShortWidth, (row, table) => table.Day(value(row)));

    /// <summary>An amount in major units, with all decimals of its currency; the currency has a column of its own.</summary>
    public RowColumns<TRow> Money(string title, Func<TRow, long?> minor, Func<TRow, string?> currency) => Add(title, ShortWidth, (row, table) =>
    {
        var decimals = currency(row) is { } code ? Currencies.Decimals(code) : 0;
        table.Number(minor(row) * Units[decimals], decimals);
    });

    public RowColumns<TRow> Currency(Func<TRow, string?> currency) => Text(texts["Report.Currency"], currency, ShortWidth);

    public void Fill(TRow row, TableWriter table)
    {
        foreach (var cell in _cells)
            cell(row, table);
    }

    private RowColumns<TRow> Add(string title, int width, Action<TRow, TableWriter> cell)
    {
        _titles.Add((title, width));
        _cells.Add(cell);
        return this;
    }
}

/// <summary>
/// Exactly the rows of a list's filter as a file, of any size: read portion by portion, written as they come. When reading fails half-way, the connection is
/// broken off, so that a half file does not pass for a whole one.
/// </summary>
/// <param name="name">The file's name without its ending, and the sheet's.</param>
/// <param name="format">One of <see cref="RowsFile.Formats"/>.</param>
/// <param name="columns">What of each row.</param>
/// <param name="rows">Which rows.</param>
public sealed class RowsFile<TRow>(string name, string format, RowColumns<TRow> columns, IAsyncEnumerable<TRow> rows) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var (http, token) = (context.HttpContext, context.HttpContext.RequestAborted);
        if (!RowsFile.Formats.Contains(format))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        http.Response.ContentType = ReportFiles.ContentType(format);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.{format}\"";
        // The framework's zip does not write all of its own parts asynchronously.
        if (http.Features.Get<IHttpBodyControlFeature>() is { } control)
            control.AllowSynchronousIO = format == "xlsx";
        try
        {
            await WriteAsync(format == "csv" ? new CsvTable(http.Response.Body) : new XlsxTable(http.Response.Body, name), token);
        }
        catch when (http.Response.HasStarted)
        {
            http.Abort();
            throw;
        }
    }

    private async Task WriteAsync(TableWriter table, CancellationToken token)
    {
        await table.BeginAsync(columns.Titles, token);
        await foreach (var row in rows.WithCancellation(token))
        {
            await table.BeginRowAsync(token);
            columns.Fill(row, table);
            await table.EndRowAsync(token);
        }
        await table.FinishAsync(token);
    }
}

public static class RowsFile
{
    public static readonly IReadOnlyList<string> Formats = ["xlsx", "csv"];

    /// <summary>Rows read at once; of those that need their facts looked up, fewer.</summary>
    public const int Portion = 1_000;

    /// <summary>Rows read at once whose facts are looked up by their keys: a statement of SQL Server takes 2,100 arguments.</summary>
    public const int PortionWithFacts = 500;
}
