using System.Text;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reports;

namespace BackOffice.Web.Tests.Reports;

public class ReconciliationCsvTests
{
    [Fact]
    public async Task Findings_are_written_to_the_byte_as_the_format_says() =>
        Assert.Equal(
            "kind,subject,order_no,transaction_id,currency,expected_minor,actual_minor,priority\r\n" +
            "amount_mismatch,tran_Jpy,AC-ZM3J-J7T7-3Q1C,tran_Jpy,JPY,2200,2100,P2\r\n" +
            "amount_mismatch,tran_Kwd,AC-6Z6J-DN4W-HECY,tran_Kwd,KWD,12345,12350,P2\r\n" +
            "currency_mismatch,tran_Eur,AC-XJDF-55BD-FK9Q,tran_Eur,EUR,,,P2\r\n" +
            "duplicate_payment,=1+1,=1+1,,,,,P2\r\n" +
            "paid_not_delivered,AC-TKV1-XV7K-BWFE,AC-TKV1-XV7K-BWFE,,,,,P1\r\n" +
            "payment_without_order,\"tran_,\"\"Usd\",,\"tran_,\"\"Usd\",USD,,899,P2\r\n",
            await WriteAsync(ReportCast.Report));

    [Fact]
    public async Task A_run_without_findings_has_the_header_alone() =>
        Assert.Equal("kind,subject,order_no,transaction_id,currency,expected_minor,actual_minor,priority\r\n", await WriteAsync(ReportCast.Empty));

    [Fact]
    public async Task Text_beyond_ascii_is_utf8_without_a_mark_in_front()
    {
        var text = await WriteAsync(ReportCast.Report.With(new FindingLine { Kind = "duplicate_payment", Subject = "订单\r\n1", FactsHash = [] }));
        Assert.StartsWith("kind,", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\nduplicate_payment,\"订单\r\n1\",,,,,,P2\r\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("duplicate_payment", "b", "duplicate_payment", "a")]
    [InlineData("duplicate_payment", "a", "duplicate_payment", "B")] // ordinal: capitals come first
    [InlineData("duplicate_payment", "a", "amount_mismatch", "b")]
    [InlineData("duplicate_payment", "a", "duplicate_payment", "a")]
    public async Task Findings_out_of_order_or_repeated_are_refused(string kind, string subject, string nextKind, string nextSubject)
    {
        var report = ReportCast.Report.With(
            new FindingLine { Kind = kind, Subject = subject, FactsHash = [] }, new FindingLine { Kind = nextKind, Subject = nextSubject, FactsHash = [] });
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(report));
        Assert.Equal($"Findings must come by kind, then subject: {nextKind} {nextSubject} came after {kind} {subject}.", refusal.Message);
    }

    [Theory]
    [InlineData(2, "duplicate_payment: 2 findings were counted, 1 came.")]
    [InlineData(0, "duplicate_payment: 0 findings were counted, 1 came.")]
    public async Task Findings_that_are_not_as_many_as_were_counted_are_refused(long counted, string message)
    {
        var report = ReportCast.Report.With(new FindingLine { Kind = "duplicate_payment", Subject = "AC-1", FactsHash = [] }) with
        {
            FindingCounts = new Dictionary<string, long> { ["duplicate_payment"] = counted },
        };
        Assert.Equal(message, (await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(report))).Message);
    }

    private static async Task<string> WriteAsync(ReconciliationReport report)
    {
        using var output = new MemoryStream();
        await ReconciliationCsv.WriteAsync(report, output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
