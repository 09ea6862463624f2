using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reports.Workbooks;
using ClosedXML.Excel;

namespace BackOffice.Jobs.Reports;

public sealed partial class ReconciliationWorkbook
{
    private static readonly string[] BridgeClosing = ["BucketSum", "GrossOfStatement", "Unexplained", "Check"];

    private readonly Dictionary<string, IXLCell> unexplainedCells = [];

    /// <summary>Two columns a currency: the buckets, their sum, the statement's gross, and what is left between them.</summary>
    private void AddBridge(IXLWorksheet sheet)
    {
        var currencies = CurrenciesInOrder();
        var buckets = ReconciliationReport.Buckets.Where(bucket => bridge.Any(line => line.Bucket == bucket)).ToList();
        var width = 2 + 2 * currencies.Count;
        SheetLook.Title(sheet, texts["RunReport.Bridge"], texts["RunReport.BridgeNote"]);
        var names = currencies.SelectMany<string, string>(currency => [texts["RunReport.TransactionsIn", currency], texts["RunReport.AmountIn", currency]]);
        SheetLook.Header(sheet.Range(HeaderRow, 1, HeaderRow, width), [texts["RunReport.Bucket"], texts["Report.Code"], .. names], column => column > 2);
        foreach (var (index, bucket) in buckets.Index())
        {
            SheetLook.Put(sheet.Cell(HeaderRow + 1 + index, 1), BucketName(bucket));
            SheetLook.Code(SheetLook.Put(sheet.Cell(HeaderRow + 1 + index, 2), bucket).Style);
        }
        var sum = HeaderRow + 1 + buckets.Count;
        if (buckets.Count > 0)
            SheetLook.Body(sheet.Range(HeaderRow + 1, 1, sum - 1, width));
        if (currencies.Count == 0)
            SheetLook.Note(sheet.Cell(sum, 1), texts["RunReport.NoTransactions"]);
        else
            AddBridgeClosing(sheet, sum, width);
        foreach (var (index, currency) in currencies.Index())
            AddBridgeColumns(sheet, 3 + 2 * index, currency, buckets, sum);
        SheetLook.Widths(sheet, [34, 28, .. currencies.SelectMany<string, double>(_ => [16, 18])]);
        look.Page(sheet, sheet.Range(1, 1, sum + 3, width), Foot, HeaderRow);
    }

    private void AddBridgeClosing(IXLWorksheet sheet, int sum, int width)
    {
        foreach (var (index, line) in BridgeClosing.Index())
            SheetLook.Put(sheet.Cell(sum + index, 1), texts["RunReport." + line]);
        SheetLook.Total(sheet.Range(sum, 1, sum, width));
        SheetLook.Body(sheet.Range(sum + 1, 1, sum + 1, width));
        SheetLook.Total(sheet.Range(sum + 2, 1, sum + 2, width));
    }

    private void AddBridgeColumns(IXLWorksheet sheet, int column, string currency, List<string> buckets, int sum)
    {
        var decimals = Currencies.Decimals(currency);
        var money = SheetLook.Money(decimals);
        var lines = bridge.Where(line => line.Currency == currency).ToDictionary(line => line.Bucket);
        foreach (var (index, bucket) in buckets.Index())
        {
            var line = lines.GetValueOrDefault(bucket);
            SheetLook.PutNumber(sheet.Cell(HeaderRow + 1 + index, column), line?.Transactions ?? 0, SheetLook.Count);
            SheetLook.PutNumber(sheet.Cell(HeaderRow + 1 + index, column + 1), SheetLook.Major(line?.AmountMinor ?? 0, currency), money);
        }
        var (count, amount) = (sheet.Cell(sum, column), sheet.Cell(sum, column + 1));
        var first = HeaderRow + (buckets.Count == 0 ? 0 : 1); // the header is no number: with no bucket the sum is 0
        SheetLook.PutFormula(count, $"SUM({sheet.Cell(first, column).Address}:{count.CellAbove().Address})", SheetLook.Count);
        SheetLook.PutFormula(amount, $"ROUND(SUM({sheet.Cell(first, column + 1).Address}:{amount.CellAbove().Address}),{decimals})", money);
        var gross = statementCells.GetValueOrDefault(currency);
        SheetLook.PutFormula(count.CellBelow(1), gross is null ? "0" : Reference(gross.Transactions), SheetLook.Count);
        SheetLook.PutFormula(amount.CellBelow(1), gross is null ? "0" : Reference(gross.GrossPaid), money);
        AddUnexplained(count, amount, currency);
    }

    private void AddUnexplained(IXLCell count, IXLCell amount, string currency)
    {
        var decimals = Currencies.Decimals(currency);
        var (countLeft, amountLeft) = (count.CellBelow(2), amount.CellBelow(2));
        SheetLook.PutFormula(countLeft, $"{count.CellBelow(1).Address}-{count.Address}", SheetLook.Count);
        SheetLook.PutFormula(amountLeft, $"ROUND({amount.CellBelow(1).Address}-{amount.Address},{decimals})", SheetLook.Money(decimals));
        SheetLook.PutFormula(amount.CellBelow(3), $"IF(AND({countLeft.Address}=0,{amountLeft.Address}=0),\"{texts["RunReport.Closes"]}\",\"{texts["RunReport.DoesNotClose"]}\")", "General");
        amount.CellBelow(3).Style.Alignment.Horizontal = XLAlignmentHorizontalValues.Right;
        SheetLook.State(amount.Worksheet.Range(countLeft, amountLeft), Unexplained(currency) == (0, 0));
        SheetLook.State(amount.CellBelow(3).AsRange(), Unexplained(currency) == (0, 0));
        unexplainedCells.Add(currency, amountLeft);
    }

    private List<string> CurrenciesInOrder() => [.. statement.Select(line => line.Currency).Union(bridge.Select(line => line.Currency)).Order(StringComparer.Ordinal)];

    private IEnumerable<string> NotClosing() => CurrenciesInOrder().Where(currency => Unexplained(currency) != (0, 0));

    /// <summary>What the statement has and the bridge has not.</summary>
    private (long Transactions, long Minor) Unexplained(string currency)
    {
        var gross = statement.Find(line => line.Currency == currency);
        var explained = bridge.Where(line => line.Currency == currency).ToList();
        return ((gross?.Transactions ?? 0) - explained.Sum(line => line.Transactions), (gross?.GrossPaidMinor ?? 0) - explained.Sum(line => line.AmountMinor));
    }

    private string BucketName(string bucket) => texts[FindingKinds.InOrder.Contains(bucket) ? "Kind." + bucket : "Bucket." + bucket];
}
