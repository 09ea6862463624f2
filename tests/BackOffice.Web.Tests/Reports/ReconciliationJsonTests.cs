using System.Text;
using System.Text.Json;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Reports;

namespace BackOffice.Web.Tests.Reports;

public class ReconciliationJsonTests
{
    [Fact]
    public async Task A_run_is_written_to_the_byte_as_the_format_says()
    {
        var report = ReportCast.Report.With(ReportCast.Findings[0], ReportCast.Findings[4]) with
        {
            AsOfGiven = true,
            KnownAsOfGiven = true,
            Statement = [.. ReportCast.Report.Statement.Where(line => line.Currency is "JPY" or "CNY")],
            Bridge = [.. ReportCast.Report.Bridge.Where(line => line.Currency is "JPY" or "CNY")],
        };
        Assert.Equal(
            """
            {
              "from": "2026-10-01",
              "until": "2026-11-01",
              "as_of": "2026-10-31T16:00:00Z",
              "known_as_of": "2026-11-01T18:30:07.12Z",
              "findings": [
                {
                  "kind": "amount_mismatch",
                  "subject": "tran_Jpy",
                  "order_no": "AC-ZM3J-J7T7-3Q1C",
                  "transaction_id": "tran_Jpy",
                  "currency": "JPY",
                  "expected_minor": 2200,
                  "actual_minor": 2100,
                  "priority": "P2"
                },
                {
                  "kind": "paid_not_delivered",
                  "subject": "AC-TKV1-XV7K-BWFE",
                  "order_no": "AC-TKV1-XV7K-BWFE",
                  "transaction_id": null,
                  "currency": null,
                  "expected_minor": null,
                  "actual_minor": null,
                  "priority": "P1"
                }
              ],
              "statement": [
                {
                  "currency": "CNY",
                  "transactions": 4,
                  "gross_paid": 30,
                  "tax": 10,
                  "refunded": 0,
                  "charged_back": 0,
                  "tax_returned": 0,
                  "fees": 3,
                  "net": 17
                },
                {
                  "currency": "JPY",
                  "transactions": 2,
                  "gross_paid": 4300,
                  "tax": 200,
                  "refunded": 0,
                  "charged_back": 0,
                  "tax_returned": 0,
                  "fees": null,
                  "net": null
                }
              ],
              "bridge": [
                {
                  "currency": "CNY",
                  "bucket": "duplicate_payment",
                  "transactions": 3,
                  "amount_minor": 20
                },
                {
                  "currency": "CNY",
                  "bucket": "refunded_settled",
                  "transactions": 1,
                  "amount_minor": 10
                },
                {
                  "currency": "JPY",
                  "bucket": "amount_mismatch",
                  "transactions": 1,
                  "amount_minor": 2100
                },
                {
                  "currency": "JPY",
                  "bucket": "within_grace",
                  "transactions": 1,
                  "amount_minor": 2200
                }
              ]
            }

            """.ReplaceLineEndings("\r\n"),
            await WriteAsync(report));
    }

    [Fact]
    public async Task Instants_that_were_not_given_are_not_named()
    {
        using var json = JsonDocument.Parse(await WriteAsync(ReportCast.Empty));
        Assert.Equal(["from", "until", "findings", "statement", "bridge"], json.RootElement.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Buckets_come_in_the_order_of_the_rules_within_a_currency()
    {
        var buckets = FindingKinds.InOrder.Concat(["charged_back_settled", "refunded_settled", "within_grace", "matched"]).ToList();
        var report = ReportCast.Report with { Bridge = [.. buckets.Order(StringComparer.Ordinal).Select(bucket => new BridgeLine("CNY", bucket, 1, 1))] };
        using var json = JsonDocument.Parse(await WriteAsync(report));
        Assert.Equal(buckets, json.RootElement.GetProperty("bridge").EnumerateArray().Select(line => line.GetProperty("bucket").GetString()!));
    }

    [Fact]
    public async Task A_bucket_that_no_rule_knows_is_refused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(ReportCast.Report with { Bridge = [new BridgeLine("CNY", "elsewhere", 1, 1)] }));

    [Fact]
    public async Task Fifty_thousand_findings_are_all_there()
    {
        var findings = Enumerable.Range(0, 50_000).Select(number => new FindingLine { Kind = "duplicate_payment", Subject = $"AC-{number:D6}", FactsHash = [] }).ToArray();
        using var json = JsonDocument.Parse(await WriteAsync(ReportCast.Report.With(findings)));
        Assert.Equal(findings.Select(finding => finding.Subject), json.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("subject").GetString()!));
    }

    private static async Task<string> WriteAsync(ReconciliationReport report)
    {
        using var output = new MemoryStream();
        await ReconciliationJson.WriteAsync(report, output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
