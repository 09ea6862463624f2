using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using static BackOffice.Domain.Tests.Settlement.Shelf;

namespace BackOffice.Domain.Tests.Settlement;

public sealed class RateBookTests
{
    private static readonly long Noon = Quarters.Of(At("2026-09-20 12:00"));

    // Two upstreams know "chat"; "flash" is DeepSeek's alone. Names upstream, console name, upstream's name, channel.
    [Theory]
    [InlineData(null, "flash", null, null, MappingKind.Mapped, "deepseek", "deepseek-flash")]
    [InlineData(null, "chat", null, null, MappingKind.Unmapped, null, null)]
    [InlineData("kimi", "chat", null, null, MappingKind.Mapped, "kimi", "k3")]
    [InlineData(" Kimi ", " CHAT ", null, null, MappingKind.Mapped, "kimi", "k3")]
    [InlineData(null, "chat", null, "5", MappingKind.Mapped, "deepseek", "deepseek-flash")]
    [InlineData(null, "chat", null, "6", MappingKind.Unmapped, null, null)]
    [InlineData("kimi", "chat", null, "5", MappingKind.Mapped, "kimi", "k3")]
    [InlineData("kimi", "flash", null, "5", MappingKind.Unmapped, "kimi", null)]
    [InlineData(null, "nobody", null, "5", MappingKind.Unmapped, "deepseek", null)]
    [InlineData(null, "nobody", null, null, MappingKind.Unmapped, null, null)]
    [InlineData(null, "chat", "flash", null, MappingKind.Mapped, "deepseek", "deepseek-flash")]
    [InlineData(null, "flash", "never-heard-of", null, MappingKind.Mapped, "deepseek", "deepseek-flash")]
    [InlineData(null, "flash", "chat", null, MappingKind.Unmapped, null, null)]
    [InlineData(null, "flash", " ", null, MappingKind.Mapped, "deepseek", "deepseek-flash")]
    [InlineData(null, "audio", null, null, MappingKind.NotTokens, "deepseek", "-")]
    public void A_name_is_looked_up_by_the_upstreams_name_first_among_the_rows_of_its_upstream(
        string? upstream, string consoleName, string? upstreamName, string? channel, MappingKind kind, string? shownOn, string? model)
    {
        var shelf = new Shelf().Mapping("chat", "deepseek-flash").Mapping("chat", "k3", upstream: "kimi").Mapping("flash", "deepseek-flash").Mapping("audio", "-");
        shelf.Channels["console/5"] = "DeepSeek";
        shelf.Channels["other/6"] = "deepseek";
        var mapping = shelf.Book.Map("console", upstream, consoleName, upstreamName, channel, Noon);
        Assert.Equal((kind, shownOn, model), (mapping.Kind, mapping.Upstream, mapping.Model));
        Assert.Equal(kind is MappingKind.Unmapped, mapping.MappingId is null);
    }

    [Fact]
    public void A_channel_that_changes_hands_is_of_whom_it_was_then()
    {
        var shelf = new Shelf().Mapping("chat", "deepseek-flash").Mapping("chat", "k3", upstream: "kimi");
        shelf.DatedChannels.AddRange([new("console", "5", "kimi", At("2026-09-10 12:00")), new("console", "5", "deepseek", null), new("console", "5", null, At("2026-09-20 12:00"))]);
        var book = shelf.Book;
        var quarters = new[] { "2026-09-10 11:45", "2026-09-10 12:00", "2026-09-20 11:45", "2026-09-20 12:00" }.Select(at => Quarters.Of(At(at))).ToList();
        Assert.Equal(["deepseek", "kimi", "kimi", null], quarters.Select(quarter => book.Map("console", null, "chat", null, " 5 ", quarter).Upstream));
        // Sums of usage are mapped stretch by stretch: none may reach over the change.
        Assert.Equal([false, true, false], quarters.Zip(quarters.Skip(1), (left, right) => book.SegmentOf(left) == book.SegmentOf(right)));
    }

    [Fact]
    public void A_mapping_holds_from_its_start_to_before_its_end()
    {
        var book = new Shelf().Mapping("chat", "m", "2026-09-10 12:00", "2026-09-20 12:00").Book;
        Assert.Equal(
            [MappingKind.Unmapped, MappingKind.Mapped, MappingKind.Mapped, MappingKind.Unmapped],
            new[] { "2026-09-10 11:59", "2026-09-10 12:00", "2026-09-20 11:59", "2026-09-20 12:00" }.Select(at => book.Map("console", null, "chat", null, null, Quarters.Of(At(at))).Kind));
    }

    [Fact]
    public void Rows_in_another_currency_than_the_billing_one_are_not_used()
    {
        var shelf = new Shelf().Price("m", TokenPart.Output, "0.6", currency: "USD");
        Assert.Null(shelf.Book.PriceAt("deepseek", "m", TokenPart.Output, Noon));
        shelf.Price("m", TokenPart.Output, "4");
        Assert.Equal("CNY", shelf.Book.PriceAt("deepseek", "m", TokenPart.Output, Noon)!.Currency);
        shelf.Terms[0] = shelf.Terms[0] with { ValidUntil = At("2026-09-10 00:00") };
        shelf.Terms.Add(new UpstreamTerms("deepseek", "USD", Beijing, At("2026-09-10 00:00"), null));
        Assert.Equal("USD", shelf.Book.PriceAt("deepseek", "m", TokenPart.Output, Noon)!.Currency);
        Assert.Null(shelf.Book.PriceAt("kimi", "m", TokenPart.Output, Noon));
    }

    [Fact]
    public void Without_a_calendar_only_prices_for_all_times_apply()
    {
        var shelf = new Shelf().Price("m", TokenPart.Output, "8", PriceBand.Peak).Price("m", TokenPart.Output, "4", PriceBand.OffPeak).Price("m", TokenPart.CacheRead, "1");
        shelf.Calendars.Clear();
        Assert.Null(shelf.Book.PriceAt("deepseek", "m", TokenPart.Output, Noon));
        Assert.NotNull(shelf.Book.PriceAt("deepseek", "m", TokenPart.CacheRead, Noon));
        Assert.Equal(PriceBand.All, shelf.Book.BandAt("deepseek", Noon));
    }

    [Fact]
    public void A_calendar_holds_for_its_time()
    {
        var shelf = new Shelf();
        shelf.Calendars[0] = shelf.Calendars[0] with { ValidFrom = At("2026-09-15 00:00") };
        Assert.Equal(
            [PriceBand.All, PriceBand.Peak], new[] { "2026-09-14 10:00", "2026-09-15 10:00" }.Select(at => shelf.Book.BandAt("deepseek", Quarters.Of(At(at)))));
    }

    [Fact]
    public void Rows_that_exclude_each_other_or_lie_inside_of_a_quarter_hour_are_not_taken()
    {
        Assert.Throws<ArgumentException>(() => new Shelf().Price("m", TokenPart.Output, "1").Price("m", TokenPart.Output, "2", PriceBand.Peak).Book);
        Assert.Throws<ArgumentException>(() => new Shelf().Mapping("a", "x").Mapping("a", "y").Book);
        Assert.Throws<ArgumentException>(() => new Shelf().Mapping("a", "x", "2026-09-10 12:01").Book);
        _ = new Shelf().Mapping("a", "x").Mapping("a", "y", upstream: "kimi").Price("m", TokenPart.Output, "1", PriceBand.OffPeak).Price("m", TokenPart.Output, "2", PriceBand.Peak).Book;
    }

    [Fact]
    public void A_month_is_the_billing_zones()
    {
        var period = new Shelf().Book.Period("deepseek", new DateOnly(2026, 9, 30));
        Assert.Equal(new SettlementPeriod("2026-09", At("2026-09-01 00:00"), At("2026-10-01 00:00")), period);
        Assert.Equal(period, September);
        Assert.Equal("UpstreamUnknown", Assert.Throws<RefusedException>(() => new Shelf().Book.Period("kimi", new DateOnly(2026, 9, 1))).Refusal.Code);
    }

    // From UTC to Beijing in the middle of September: its October begins by the new clock, and no instant is in two months or in none.
    [Fact]
    public void Months_meet_where_the_zone_changes()
    {
        var shelf = new Shelf();
        shelf.Terms[0] = new UpstreamTerms("deepseek", "CNY", TimeZoneInfo.Utc, null, At("2026-09-15 00:00"));
        shelf.Terms.Add(new UpstreamTerms("deepseek", "CNY", Beijing, At("2026-09-15 00:00"), null));
        var months = new[] { 8, 9, 10 }.Select(month => shelf.Book.Period("deepseek", new DateOnly(2026, month, 1))).ToList();
        Assert.Equal(months[0].Until, months[1].From);
        Assert.Equal(months[1].Until, months[2].From);
        Assert.Equal(At("2026-09-01 08:00"), months[1].From);
        Assert.Equal(At("2026-10-01 00:00"), months[1].Until);
        Assert.Equal("2026-08", shelf.Book.PeriodOf("deepseek", Quarters.Of(At("2026-09-01 07:59"))).Name);
        Assert.Equal("2026-09", shelf.Book.PeriodOf("deepseek", Quarters.Of(At("2026-09-30 23:59"))).Name);
        Assert.Equal("2026-10", shelf.Book.PeriodOf("deepseek", Quarters.Of(At("2026-10-01 00:00"))).Name);
    }

    [Theory]
    [InlineData("2026-09", true)]
    [InlineData("2026-13", false)]
    [InlineData("2026-9", false)]
    [InlineData("1926-09", false)]
    [InlineData("2026-09-01", false)]
    public void A_month_has_one_way_to_be_written(string text, bool isOne) => Assert.Equal(isOne ? new DateOnly(2026, 9, 1) : null, SettlementPeriod.Parse(text));

    [Fact]
    public void An_invoices_model_goes_through_the_upstreams_mappings_at_its_day()
    {
        var book = new Shelf().Mapping("r", "flash", until: "2026-09-10 12:00").Mapping("r", "pro", from: "2026-09-10 12:00").Mapping("k", "k3", upstream: "kimi").Mapping("voice", "-").Book;
        string ModelOf(string model, int? day) => book.ModelOfInvoice("deepseek", September, new InvoiceLine(day is { } of ? new DateOnly(2026, 9, of) : null, model, null, 1, 1));
        Assert.Equal(["flash", "flash", "pro", "pro", "k", "voice"], new[] { ModelOf(" R ", 1), ModelOf("r", 10), ModelOf("r", 11), ModelOf("r", null), ModelOf("k", null), ModelOf("voice", 3) });
    }
}
