using System.Security.Cryptography;
using BackOffice.Domain;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports;

namespace BackOffice.Web.Tests.Reports;

/// <summary>One run that every report test knows: October 2026 in four currencies, two of them with other decimals than two.</summary>
internal static class ReportCast
{
    public static readonly DateTime October = new(2026, 9, 30, 16, 0, 0, DateTimeKind.Utc);
    public static readonly DateTime November = new(2026, 10, 31, 16, 0, 0, DateTimeKind.Utc);

    public static FindingLine[] Findings { get; } =
    [
        new() { Kind = "amount_mismatch", Subject = "tran_Jpy", OrderNo = "AC-ZM3J-J7T7-3Q1C", TransactionId = "tran_Jpy", Currency = "JPY", ExpectedMinor = 2200, ActualMinor = 2100, FactsHash = [] },
        new() { Kind = "amount_mismatch", Subject = "tran_Kwd", OrderNo = "AC-6Z6J-DN4W-HECY", TransactionId = "tran_Kwd", Currency = "KWD", ExpectedMinor = 12_345, ActualMinor = 12_350, FactsHash = [] },
        new() { Kind = "currency_mismatch", Subject = "tran_Eur", OrderNo = "AC-XJDF-55BD-FK9Q", TransactionId = "tran_Eur", Currency = "EUR", FactsHash = [] },
        new() { Kind = "duplicate_payment", Subject = "=1+1", OrderNo = "=1+1", FactsHash = [] },
        new() { Kind = "paid_not_delivered", Subject = "AC-TKV1-XV7K-BWFE", OrderNo = "AC-TKV1-XV7K-BWFE", FactsHash = [] },
        new() { Kind = "payment_without_order", Subject = "tran_,\"Usd", TransactionId = "tran_,\"Usd", Currency = "USD", ActualMinor = 899, FactsHash = [] },
    ];

    public static ReconciliationReport Report { get; } = new()
    {
        FromDay = new DateOnly(2026, 10, 1),
        UntilDay = new DateOnly(2026, 11, 1),
        From = October,
        Until = November,
        AsOf = November,
        KnownAsOf = new DateTime(2026, 11, 1, 18, 30, 7, 120, DateTimeKind.Utc),
        BusinessTime = new BusinessTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")),
        Grace = TimeSpan.FromMinutes(30),
        ToleranceMinor = 0,
        Balanced = true,
        Statement =
        [
            new StatementLine("USD", 3, 1_234_567, 98_765, 2_400, 1_899, 345, 61_728, 1_070_120),
            new StatementLine("CNY", 4, 30, 10, 0, 0, 0, 3, 17),
            new StatementLine("KWD", 1, 12_350, 0, 0, 0, 0, 1, 12_349),
            new StatementLine("JPY", 2, 4_300, 200, 0, 0, 0, null, null),
        ],
        Bridge =
        [
            new BridgeLine("USD", "matched", 2, 1_233_668),
            new BridgeLine("USD", "payment_without_order", 1, 899),
            new BridgeLine("JPY", "within_grace", 1, 2_200),
            new BridgeLine("JPY", "amount_mismatch", 1, 2_100),
            new BridgeLine("KWD", "amount_mismatch", 1, 12_350),
            new BridgeLine("CNY", "refunded_settled", 1, 10),
            new BridgeLine("CNY", "duplicate_payment", 3, 20),
        ],
        Packages = [new PackageLine("trial", 3, 15_000_000, 2, 10_000_000, 1, 5_000_000, 1, 5_000_000), new PackageLine("=2+2", 1, 9_000_000, 0, 0, 0, 0, 1, 9_000_000)],
        PackageNames = new Dictionary<string, PackageName> { ["trial"] = new("Trial", "体验包") },
        FindingCounts = Counts(Findings),
        Findings = Findings.ToAsyncEnumerable(),
    };

    /// <summary>The same window with nothing in it.</summary>
    public static ReconciliationReport Empty { get; } = Report with { Statement = [], Bridge = [], Packages = [], FindingCounts = Counts([]), Findings = AsyncEnumerable.Empty<FindingLine>() };

    /// <summary>The same run, but one payment of CNY 0.10 fell into no bucket.</summary>
    public static ReconciliationReport Broken { get; } = Report with { Balanced = false, Bridge = [.. Report.Bridge.Where(line => line.Bucket != "refunded_settled")] };

    public static ReconciliationReport With(this ReconciliationReport report, params FindingLine[] findings) =>
        report with { FindingCounts = Counts(findings), Findings = findings.ToAsyncEnumerable() };

    public static async Task<byte[]> WorkbookAsync(ReconciliationReport report, Texts texts)
    {
        using var output = new MemoryStream();
        await new ReconciliationWorkbook(report, texts).WriteAsync(output, TestContext.Current.CancellationToken);
        return output.ToArray();
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static Dictionary<string, long> Counts(IEnumerable<FindingLine> findings) => findings.CountBy(finding => finding.Kind).ToDictionary(count => count.Key, count => (long)count.Value);
}
