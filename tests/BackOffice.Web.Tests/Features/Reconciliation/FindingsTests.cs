using System.Net;
using BackOffice.Domain.Access;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Web.Tests.Features.Reconciliation;

public sealed class FindingsTests(ReconciledShop shop) : IClassFixture<ReconciledShop>
{
    [Fact]
    public async Task The_queue_shows_what_is_open_the_most_urgent_first()
    {
        var rows = Html.Rows(await ReadAsync("/findings"));
        Assert.Equal(16, rows.Count);
        Assert.Equal(rows.Select(cells => cells[0]).Order(StringComparer.Ordinal), rows.Select(cells => cells[0]));
        Assert.Equal(["P2", "Amount differs", "tran_other_amount", "difference USD −1.00", "2026-11-03 10:00", "today", "Open", ""], rows.Single(cells => cells[1] == "Amount differs"));
        Assert.Equal(["P2", "Payment without order", ReconciledShop.Orphan, "paid CNY 36.00", "2026-11-03 10:00", "today", "Open", ""], rows.Single(cells => cells[1] == "Payment without order"));
    }

    [Fact]
    public async Task The_same_queue_in_Chinese()
    {
        var rows = Html.Rows(await ReadAsync("/findings", "zh-CN"));
        Assert.Equal(["P2", "金额不符", "tran_other_amount", "差额 USD −1.00", "2026-11-03 10:00", "今天", "待处理", ""], rows.Single(cells => cells[1] == "金额不符"));
    }

    [Theory]
    [InlineData("?priority=P1", 7)]
    [InlineData("?priority=P3", 2)]
    [InlineData("?kind=wrong_quota", 1)]
    [InlineData("?kind=wrong_quota&priority=P2", 1)]
    [InlineData("?text=" + ReconciledShop.PaidTwice, 1)]
    [InlineData("?text=%20" + ReconciledShop.OtherAmount + "%20", 1)] // the order of a transaction
    [InlineData("?text=" + ReconciledShop.Orphan, 1)]
    [InlineData("?text=tran_other_amount&kind=amount_mismatch&priority=P2&state=any&age=0-1", 1)]
    [InlineData("?state=any", 16)]
    [InlineData("?age=0-1", 16)]
    [InlineData("?assignee=nobody&priority=P1", 7)]
    public async Task Each_filter_leaves_the_rows_that_fit(string query, int rows) => Assert.Equal(rows, Html.Rows(await ReadAsync("/findings" + query)).Count);

    [Theory]
    [InlineData("?kind=wrong_quota&priority=P1")]
    [InlineData("?text=AC-NONE")]
    [InlineData("?text=AC-2222")] // a part of a number
    [InlineData("?age=over-30")]
    [InlineData("?state=accepted")]
    [InlineData("?state=resolved")]
    [InlineData("?assignee=mine")]
    public async Task A_filter_that_nothing_fits_offers_to_clear_it(string query)
    {
        var page = await ReadAsync("/findings" + query);
        Assert.Contains("No findings in this filter.", page);
        Assert.Equal("/findings", Html.Link(page, "Clear filters"));
    }

    [Theory]
    [InlineData("?state=closed&priority=P9&kind=nonsense&age=yesterday")]
    [InlineData("?after=nonsense")]
    [InlineData("?before=00000000000000000000000000000001")]
    [InlineData("?text=")]
    [InlineData("?assignee=mara@example.com")]
    public async Task A_filter_that_does_not_exist_is_left_out(string query)
    {
        var page = await ReadAsync("/findings" + query);
        Assert.Equal(16, Html.Rows(page).Count);
        Assert.DoesNotContain("<title>Error", page);
    }

    [Fact]
    public async Task Each_active_filter_is_a_chip_that_takes_it_away_alone()
    {
        var page = await ReadAsync("/findings?priority=P2&kind=wrong_quota&age=0-1&text=" + ReconciledShop.OtherQuota);
        Assert.Equal($"/findings?state=any&priority=P2&kind=wrong_quota&age=0-1&text={ReconciledShop.OtherQuota}", Html.Link(page, "State: Open"));
        Assert.Equal($"/findings?kind=wrong_quota&age=0-1&text={ReconciledShop.OtherQuota}", Html.Link(page, "P2"));
        Assert.Equal($"/findings?priority=P2&age=0-1&text={ReconciledShop.OtherQuota}", Html.Links(page).Single(link => !link.Contains("kind=", StringComparison.Ordinal) && link.Contains("priority=P2", StringComparison.Ordinal)));
        Assert.Equal($"/findings?priority=P2&kind=wrong_quota&text={ReconciledShop.OtherQuota}", Html.Link(page, "Age: 0 to 1 day"));
        Assert.Equal("/findings?priority=P2&kind=wrong_quota&age=0-1", Html.Link(page, ReconciledShop.OtherQuota));
        Assert.Contains("aria-label=\"Remove filter: P2\"", page);
    }

    [Fact]
    public async Task What_settles_leaves_the_queue_and_can_still_be_found()
    {
        await using var other = new ReconciledShop();
        await other.InitializeAsync();
        await new Facts().Deliver(ReconciledShop.Undelivered, "2026-11-02", "sk-delivered-after-all-QQQQ").ImportAsync(other.Site);
        await other.RunAsync("2026-11-01", "2026-11-02");
        using var visitor = other.Site.Visitor();

        Assert.DoesNotContain(ReconciledShop.Undelivered, await visitor.GetStringAsync("/findings", TestContext.Current.CancellationToken));
        var rows = Html.Rows(await visitor.GetStringAsync("/findings?state=resolved_by_itself", TestContext.Current.CancellationToken));
        Assert.Equal(("Paid, not delivered", ReconciledShop.Undelivered, "Resolved by itself"), (rows.Single()[1], rows.Single()[2], rows.Single()[6]));
        Assert.Equal(16, Html.Rows(await visitor.GetStringAsync("/findings?state=any", TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task Age_is_counted_in_days_of_the_shop_and_filtered_by_its_buckets()
    {
        await using var other = new ReconciledShop();
        var days = new[] { "2026-11-03", "2026-11-20", "2026-11-26", "2026-12-02", "2026-12-03", "2026-12-04" };
        for (var i = 0; i < days.Length; i++)
        {
            other.ItIs(days[i]);
            await new Facts().Pay($"tran_{i}", null, days[i], time: "00:10:00").ImportAsync(other.Site);
            await other.RunAsync(days[i], days[i]);
        }
        using var visitor = other.Site.Visitor();

        Assert.Equal(["31 days", "14 days", "8 days", "2 days", "1 day", "today"], Html.Rows(await visitor.GetStringAsync("/findings", TestContext.Current.CancellationToken)).Select(cells => cells[5]));
        foreach (var (bucket, expected) in new[] { ("over-30", "tran_0"), ("8-30", "tran_1 tran_2"), ("2-7", "tran_3"), ("0-1", "tran_4 tran_5") })
        {
            var rows = Html.Rows(await visitor.GetStringAsync("/findings?age=" + bucket, TestContext.Current.CancellationToken));
            Assert.Equal(expected, string.Join(' ', rows.Select(cells => cells[2])));
        }

        // The shop's midnight, not that of UTC, makes a finding a day older.
        other.ItIs("2026-12-05");
        using var nextDay = other.Site.Visitor(Role.Finance);
        Assert.Equal("32 days", Html.Rows(await nextDay.GetStringAsync("/findings", TestContext.Current.CancellationToken))[0][5]);
    }

    [Fact]
    public async Task The_queue_is_paged_by_priority_then_age_and_back()
    {
        await using var other = new ReconciledShop();
        var facts = new Facts();
        for (var i = 0; i < 60; i++)
            facts.Order($"AC-{i:000}", "2026-11-01").Deliver($"AC-{i:000}", "2026-11-01", $"sk-number-{i:000}-of-many").Pay($"tran_{i:000}", null, "2026-11-01");
        await facts.ImportAsync(other.Site);
        await other.RunAsync("2026-11-01", "2026-11-01");
        other.ItIs("2026-11-04");
        await new Facts().Order("AC-LAST", "2026-11-02").Deliver("AC-LAST", "2026-11-02", "sk-the-last-of-many").Pay("tran_last", null, "2026-11-02").ImportAsync(other.Site);
        await other.RunAsync("2026-11-02", "2026-11-02");

        // Those that one run saw first come in any order, each once; those of the next run follow.
        var orders = Enumerable.Range(0, 60).Select(i => $"AC-{i:000}").ToList();
        var payments = Enumerable.Range(0, 60).Select(i => $"tran_{i:000}").ToList();
        foreach (var query in new[] { "", "?state=any" })
        {
            var rows = await RunPagesTests.WalkAsync(other.Site, "/findings" + query, "After", "Before", cells => cells[2]);
            Assert.Equal(orders, rows[..60].Order(StringComparer.Ordinal));
            Assert.Equal("AC-LAST", rows[60]);
            Assert.Equal(payments, rows[61..121].Order(StringComparer.Ordinal));
            Assert.Equal("tran_last", rows[121]);
            Assert.Equal(122, rows.Count);
        }
        var ofKind = await RunPagesTests.WalkAsync(other.Site, "/findings?kind=delivered_not_paid", "After", "Before", cells => cells[2]);
        Assert.Equal(orders.Append("AC-LAST"), ofKind[..60].Order(StringComparer.Ordinal).Append(ofKind[60]));
    }

    public static TheoryData<string, string, string, string> Sentences => new()
    {
        { FindingKinds.SecretDeliveredTwice, ReconciledShop.SharesOne, $"The same secret, API key ending in 9QXT, is live on 2 orders: {ReconciledShop.SharesOne}, {ReconciledShop.SharesOther}.", $"同一凭证（API Key（末四位 9QXT））在 2 笔订单上同时有效：{ReconciledShop.SharesOne}、{ReconciledShop.SharesOther}。" },
        { FindingKinds.DeliveredNotPaid, ReconciledShop.Unpaid, "API key ending in BBBB was delivered and is live, but none of the USD 8.99 due has come in.", "已交付且仍有效：API Key（末四位 BBBB）；应收 USD 8.99，未见任何到账款项。" },
        { FindingKinds.RefundedStillLive, ReconciledShop.Refunded, "USD 8.99 was refunded, but API key ending in CCCC is still live.", "USD 8.99 已退款，但交付仍有效：API Key（末四位 CCCC）。" },
        { FindingKinds.ChargedBackStillLive, ReconciledShop.ChargedBack, "USD 8.99 was charged back, but API key ending in DDDD is still live.", "USD 8.99 已被拒付，但交付仍有效：API Key（末四位 DDDD）。" },
        { FindingKinds.PaidNotDelivered, ReconciledShop.Undelivered, "USD 8.99 was paid on 12 October 2026, and nothing was delivered.", "USD 8.99 已于 2026 年 10 月 12 日付款，但没有任何交付。" },
        { FindingKinds.RevokedButPaid, ReconciledShop.Revoked, "USD 8.99 is paid and stands, but everything that was delivered is revoked.", "USD 8.99 已付款且仍有效，但交付已全部撤销。" },
        { FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice, "The order was paid 2 times: USD 8.99, USD 8.99 stand.", "这笔订单有 2 笔付款同时有效：USD 8.99、USD 8.99。" },
        { FindingKinds.DuplicateDelivery, ReconciledShop.DeliveredTwice, "2 deliveries of the order are live: API key ending in FFFF, API key ending in GGGG.", "这笔订单有 2 项交付同时有效：API Key（末四位 FFFF）、API Key（末四位 GGGG）。" },
        { FindingKinds.PaymentWithoutOrder, ReconciledShop.Orphan, "CNY 36.00 came in, and no order of ours is known to belong to it.", "收到 CNY 36.00，但找不到对应的订单。" },
        { FindingKinds.CurrencyMismatch, "tran_other_currency", "EUR 8.99 was paid, but the order is charged in USD.", "已付 EUR 8.99，但订单以 USD 收款。" },
        { FindingKinds.AmountMismatch, "tran_other_amount", "USD 7.99 was paid where USD 8.99 was due: USD −1.00.", "实付 USD 7.99，应收 USD 8.99，差额 USD −1.00。" },
        { FindingKinds.WrongQuota, ReconciledShop.OtherQuota, "9,000,000 tokens were delivered where 5,000,000 were sold: +4,000,000.", "已交付 9,000,000 个 token，应为 5,000,000 个，相差 +4,000,000。" },
        { FindingKinds.ConflictingRecord, "tran_conflicting", "The records of this transaction contradict each other in: Price, Paid in all.", "这笔交易的各条来源记录互相矛盾：价格、实付总额。" },
        { FindingKinds.PartiallyRefundedLive, "tran_part_refunded", "USD 3.00 of USD 8.99 was refunded, and API key ending in MMMM is still live.", "USD 8.99 中已退款 USD 3.00，交付仍有效：API Key（末四位 MMMM）。" },
        { FindingKinds.UnknownStatus, "tran_odd_status", "Creem gives the status “on_hold”, whose meaning is not known here.", "Creem 返回的状态为“on_hold”，本系统不认识其含义。" },
    };

    [Theory, MemberData(nameof(Sentences))]
    public async Task A_finding_says_in_one_sentence_what_disagrees(string kind, string subject, string english, string chinese)
    {
        var address = await shop.FindingAsync(kind, subject);
        var page = Html.Text(await ReadAsync(address));
        Assert.Contains(english, page);
        Assert.Contains(Jobs.Texts.English[$"Finding.Settles.{kind}"], page);
        Assert.Contains(chinese, Html.Text(await ReadAsync(address, "zh-CN")));
    }

    [Theory]
    [InlineData(FindingKinds.SecretDeliveredTwice, ReconciledShop.SharesOne, "Last four: …9QXT same secret | …9QXT same secret")]
    [InlineData(FindingKinds.DeliveredNotPaid, ReconciledShop.Unpaid, "Status: none missing | Delivered still live")]
    [InlineData(FindingKinds.RefundedStillLive, ReconciledShop.Refunded, "Status: Refunded money went back | Delivered still live")]
    [InlineData(FindingKinds.ChargedBackStillLive, ReconciledShop.ChargedBack, "Status: Charged back money went back | Delivered still live")]
    [InlineData(FindingKinds.PaidNotDelivered, ReconciledShop.Undelivered, "Status: Paid money is here | none missing")]
    [InlineData(FindingKinds.RevokedButPaid, ReconciledShop.Revoked, "Status: Paid money is here | Revoked no longer live")]
    [InlineData(FindingKinds.DuplicatePayment, ReconciledShop.PaidTwice, "Price: USD 8.99 more than one | USD 8.99 more than one")]
    [InlineData(FindingKinds.DuplicateDelivery, ReconciledShop.DeliveredTwice, "Status: Delivered more than one | Delivered more than one")]
    [InlineData(FindingKinds.PaymentWithoutOrder, ReconciledShop.Orphan, "Order at Creem: none no order of ours; Status: none missing")]
    [InlineData(FindingKinds.CurrencyMismatch, "tran_other_currency", "Currency: USD differs | EUR differs")]
    [InlineData(FindingKinds.AmountMismatch, "tran_other_amount", "Price: USD 8.99 differs | USD 7.99 differs")]
    [InlineData(FindingKinds.WrongQuota, ReconciledShop.OtherQuota, "Tokens: 5,000,000 differs | 9,000,000 differs")]
    [InlineData(FindingKinds.ConflictingRecord, "tran_conflicting", "Price: USD 8.99 differs | USD 18.99 differs; Paid in all: USD 8.99 differs | USD 18.99 differs")]
    [InlineData(FindingKinds.PartiallyRefundedLive, "tran_part_refunded", "Status: Partially refunded money went back | Delivered still live")]
    [InlineData(FindingKinds.UnknownStatus, "tran_odd_status", "Status: Unknown status Creem says “on_hold” meaning not known")]
    public async Task The_facts_that_disagree_are_marked_and_no_others(string kind, string subject, string marked)
    {
        var table = Html.Table(await ReadAsync(await shop.FindingAsync(kind, subject)), "The facts side by side");
        Assert.Equal(marked, string.Join("; ", Html.Marked(table)));
    }

    [Fact]
    public async Task No_page_of_a_finding_shows_a_secret()
    {
        foreach (var finding in Html.Links(await ReadAsync("/findings")).Where(link => link.StartsWith("/findings/", StringComparison.Ordinal)))
            Assert.DoesNotContain("sk-", await ReadAsync(finding));
    }

    [Fact]
    public async Task A_finding_tells_its_history_and_leads_to_its_order_and_runs()
    {
        await using var other = new ReconciledShop();
        await other.InitializeAsync();
        var address = await other.FindingAsync(FindingKinds.RefundedStillLive, ReconciledShop.Refunded);
        using var visitor = other.Site.Visitor();
        var open = await visitor.GetStringAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal($"/orders/{ReconciledShop.Refunded}", Html.Link(open, "Open the order"));
        Assert.Contains("<title>Refunded, still live " + ReconciledShop.Refunded, open);

        await new Facts().Deliver(ReconciledShop.Refunded, "2026-10-12", "sk-refunded-CCCC", revoked: "2026-11-03").ImportAsync(other.Site);
        var known = Html.Text(await visitor.GetStringAsync(address, TestContext.Current.CancellationToken));
        Assert.Contains("What is known by now no longer shows it; the next run resolves it by itself.", known);
        Assert.Empty(Html.Marked(Html.Table(await visitor.GetStringAsync(address, TestContext.Current.CancellationToken), "The facts side by side")));

        other.ItIs("2026-11-04");
        await other.RunAsync("2026-11-03", "2026-11-03");
        using var nextDay = other.Site.Visitor(Role.Finance);
        var cleared = await nextDay.GetStringAsync(address, TestContext.Current.CancellationToken);
        Assert.Contains("Resolved by itself: run 2 no longer saw it.", Html.Text(cleared));
        Assert.Contains("Opened Run 1 mara@example.com", Html.Text(cleared));
        Assert.Contains("Resolved by itself Run 2 mara@example.com", Html.Text(cleared));
        Assert.Equal("/reconciliation/2", Html.Link(cleared, "Run 2"));
    }

    [Theory]
    [InlineData("/findings/00000000000000000000000000000001")]
    [InlineData("/findings/nonsense")]
    public async Task An_unknown_finding_is_not_found(string address)
    {
        using var answer = await shop.Site.Visitor().GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_shop_without_findings_says_so()
    {
        await using var empty = new Site();
        Assert.Contains("No open findings.", await empty.Visitor().GetStringAsync("/findings", TestContext.Current.CancellationToken));
        Assert.Contains("没有未处理的差异。", await empty.Visitor("zh-CN").GetStringAsync("/findings", TestContext.Current.CancellationToken));
    }

    private Task<string> ReadAsync(string address, string? language = null) => shop.Site.Visitor(language).GetStringAsync(address, TestContext.Current.CancellationToken);
}
