using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;
using CsCheck;

namespace BackOffice.Domain.Tests.Settlement;

public sealed class RateRulesTests
{
    private static readonly DateTime Start = new(2026, 9, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("0.15", 150_000, null)]
    [InlineData("4", 4_000_000, null)]
    [InlineData("0", 0, null)]
    [InlineData("0.000001", 1, null)]
    [InlineData("007.5", 7_500_000, null)]
    [InlineData("999999999.999999", 999_999_999_999_999, null)]
    [InlineData("", 0, "RateMissing")]
    [InlineData("-1", 0, "RateNegative")]
    [InlineData("1,5", 0, "RateHasComma")]
    [InlineData("1.", 0, "RateNotANumber")]
    [InlineData(".5", 0, "RateNotANumber")]
    [InlineData("1e3", 0, "RateNotANumber")]
    [InlineData("1.2.3", 0, "RateNotANumber")]
    [InlineData("１", 0, "RateNotANumber")]
    [InlineData("0.0000001", 0, "RateHasTooManyDecimals")]
    [InlineData("1.0000000", 0, "RateHasTooManyDecimals")]
    [InlineData("1000000000", 0, "RateTooLarge")]
    public void A_price_has_at_most_six_decimals_and_is_not_negative(string text, long micro, string? refused)
    {
        var refusal = RateRules.ReadPrice(text, "price_per_million", out var read);
        Assert.Equal((refused, micro), (refusal?.Code, read));
        Assert.True(refusal is null || refusal.Field == "price_per_million");
    }

    [Theory]
    [InlineData(4_000_000, "4")]
    [InlineData(50_000, "0.05")]
    [InlineData(507, "0.000507")]
    [InlineData(0, "0")]
    [InlineData(13_500_000, "13.5")]
    [InlineData(10_000_000, "10")]
    public void A_price_is_written_without_trailing_zeros(long micro, string text) => Assert.Equal(text, RateRules.PriceText(micro));

    [Fact]
    public void Every_price_is_read_back() => Gen.Long[0, 999_999_999_999_999].Sample(micro =>
        RateRules.ReadPrice(RateRules.PriceText(micro), "p", out var read) is null && read == micro);

    // Bands and hours of a stored price and of the wish; whether both would hold for some instant.
    [Theory]
    [InlineData(PriceBand.Peak, 0, 8, PriceBand.Peak, 8, null, false)]
    [InlineData(PriceBand.Peak, 0, 8, PriceBand.Peak, 7, null, true)]
    [InlineData(PriceBand.Peak, 0, null, PriceBand.OffPeak, 0, null, false)]
    [InlineData(PriceBand.All, 0, null, PriceBand.OffPeak, 0, null, true)]
    [InlineData(PriceBand.Peak, null, null, PriceBand.All, 5, 6, true)]
    [InlineData(PriceBand.All, null, 5, PriceBand.All, 5, null, false)]
    [InlineData(PriceBand.All, 5, null, PriceBand.All, null, 5, false)]
    [InlineData(PriceBand.All, 5, 6, PriceBand.Peak, 4, 7, true)]
    public void Two_prices_never_hold_for_one_instant(PriceBand band, int? from, int? until, PriceBand wished, int? wishedFrom, int? wishedUntil, bool refused)
    {
        var stored = Price(band, from, until);
        var wish = Price(wished, wishedFrom, wishedUntil);
        Assert.Equal(refused ? "PriceRowOverlaps" : null, RateRules.Conflict(wish, [stored])?.Code);
        Assert.Equal(refused ? "PriceRowOverlaps" : null, RateRules.Conflict(stored, [wish])?.Code);
        foreach (var apart in new[] { wish with { Part = TokenPart.Output }, wish with { Model = "other" }, wish with { Currency = "USD" }, wish with { Upstream = "other" } })
            Assert.Null(RateRules.Conflict(apart, [stored]));
    }

    [Fact]
    public void Two_mappings_of_a_name_and_upstream_never_hold_for_one_instant()
    {
        var stored = new MappingRow(1, "a", "deepseek", "flash", null, Hour(5));
        Assert.Equal("MappingRowOverlaps", RateRules.Conflict(new MappingRow(0, "a", "deepseek", "pro", Hour(4), null), [stored])?.Code);
        Assert.Null(RateRules.Conflict(new MappingRow(0, "a", "deepseek", "pro", Hour(5), null), [stored]));
        Assert.Null(RateRules.Conflict(new MappingRow(0, "a", "kimi", "pro", Hour(4), null), [stored]));
        Assert.Null(RateRules.Conflict(new MappingRow(0, "b", "deepseek", "pro", Hour(4), null), [stored]));
    }

    [Theory]
    [InlineData("2026-09-10T04:15:00Z", "2026-09-10T04:30:00Z", null, null)]
    [InlineData("2026-09-10T04:15:01Z", null, "RateNotOnQuarterHour", "valid_from")]
    [InlineData(null, "2026-09-10T04:10:00Z", "RateNotOnQuarterHour", "valid_until")]
    [InlineData("2026-09-10T04:15:00Z", "2026-09-10T04:15:00Z", "RateEndsBeforeStart", "valid_until")]
    [InlineData(null, null, null, null)]
    public void Rows_begin_and_end_on_whole_quarter_hours(string? from, string? until, string? refused, string? field)
    {
        var refusal = RateRules.Validity(Utc(from), Utc(until));
        Assert.Equal((refused, field), (refusal?.Code, refusal?.Field));
    }

    [Theory]
    [InlineData("09:00", "12:00", null)]
    [InlineData("22:00", "00:00", null)]
    [InlineData("09:05", "12:00", "RateNotOnQuarterHour")]
    [InlineData("09:00", "12:01", "RateNotOnQuarterHour")]
    [InlineData("12:00", "09:00", "WindowEndsBeforeStart")]
    public void Windows_lie_on_whole_quarter_hours(string from, string until, string? refused) =>
        Assert.Equal(refused, RateRules.Window(new LocalWindow(TimeOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), TimeOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture)))?.Code);

    [Theory]
    [InlineData("09:00-12:00,14:00-18:00", "09:00-12:00,14:00-18:00", null)]
    [InlineData(" 9:00 - 12:00 , 22:00-24:00", "09:00-12:00,22:00-24:00", null)]
    [InlineData("", "", null)]
    [InlineData("00:00-24:00", "00:00-24:00", null)]
    [InlineData("9-12", null, "WindowUnreadable")]
    [InlineData("09:00", null, "WindowUnreadable")]
    [InlineData("24:00-01:00", null, "WindowUnreadable")]
    [InlineData("09:00-25:00", null, "WindowUnreadable")]
    [InlineData("09:05-12:00", null, "RateNotOnQuarterHour")]
    [InlineData("22:00-00:00", null, "WindowEndsBeforeStart")]
    [InlineData("12:00-09:00", null, "WindowEndsBeforeStart")]
    public void Windows_are_read_as_they_are_written(string text, string? written, string? refused)
    {
        var refusal = CalendarWindows.Read(text, out var windows);
        Assert.Equal((refused, written), (refusal?.Code, refusal is null ? CalendarWindows.Text(windows) : null));
    }

    [Theory]
    [InlineData("7.123456789", 9, 7_123_456_789, null)]
    [InlineData("50", 6, 50_000_000, null)]
    [InlineData("", 6, 0, "FactorMissing")]
    [InlineData("-1", 6, 0, "FactorNegative")]
    [InlineData("1,5", 6, 0, "FactorHasComma")]
    [InlineData("x", 6, 0, "FactorNotANumber")]
    [InlineData("1.1234567", 6, 0, "FactorHasTooManyDecimals")]
    [InlineData("1000000000", 6, 0, "FactorTooLarge")]
    public void A_factor_has_no_more_decimals_than_are_kept(string text, int decimals, long scaled, string? refused)
    {
        var refusal = RateRules.ReadFactor(text, "rate", decimals, out var read);
        Assert.Equal((refused, scaled), (refusal?.Code, read));
    }

    [Fact]
    public void A_row_makes_room_when_it_has_no_end_began_before_and_is_about_the_same()
    {
        var wish = Price(PriceBand.All, 5, null);
        PriceRow[] stored = [Price(PriceBand.Peak, 0, null), Price(PriceBand.OffPeak, null, null), Price(PriceBand.Peak, 5, null), Price(PriceBand.Peak, 0, 8), Price(PriceBand.Peak, 0, null) with { Model = "other" }];
        Assert.Equal(stored[..2], RateRules.MakeRoom(wish, stored));
        Assert.Empty(RateRules.MakeRoom(Price(PriceBand.All, null, null), stored));
    }

    [Fact]
    public void The_starting_set_lies_on_quarter_hours_overlaps_nowhere_and_names_its_origin()
    {
        var rows = StartingRates.All.Select(row => row.Row).ToList();
        _ = new RateBook(rows.OfType<PriceRow>(), rows.OfType<MappingRow>(), [], [], []);
        Assert.All(rows, row => Assert.Null(RateRules.Conflict(row, rows.Where(other => !ReferenceEquals(other, row)))));
        Assert.All(StartingRates.All, row => Assert.True(row.Origin.Length <= 200 && row.Origin.Contains("as of 2026-", StringComparison.Ordinal), row.Origin));
        Assert.All(rows.OfType<MappingRow>(), mapping => Assert.Contains(rows.OfType<PriceRow>(), price => price.Model == mapping.Model));
    }

    [Theory]
    [InlineData("2026-11-20T09:59:59Z", BandReason.InWindow)]
    [InlineData("2026-11-20T10:00:00Z", BandReason.OutsideWindows)]
    [InlineData("2026-10-01T02:00:00Z", BandReason.Holiday)]
    [InlineData("2026-09-20T02:00:00Z", BandReason.OtherWeekday)]
    public void A_calendar_says_why(string instant, BandReason reason) => Assert.Equal(reason, BandCalendar.DeepSeek(1).ReasonAt(Utc(instant)!.Value));

    [Fact]
    public void A_window_to_midnight_holds_the_last_of_the_day()
    {
        Assert.True(new LocalWindow(new(22, 0), TimeOnly.MinValue).Holds(new TimeOnly(23, 59)));
        Assert.False(new LocalWindow(new(22, 0), TimeOnly.MinValue).Holds(TimeOnly.MinValue));
    }

    // The end a stored row has, the end of the line, the hour until which an approved settlement used it.
    [Theory]
    [InlineData(null, null, null, RowChange.Repeat, null)]
    [InlineData(null, 8, null, RowChange.Close, null)]
    [InlineData(null, 8, 8, RowChange.Close, null)]
    [InlineData(null, 8, 9, RowChange.Close, "RateUsedAfterEnd")]
    [InlineData(8, 8, 20, RowChange.Repeat, null)]
    [InlineData(8, null, null, RowChange.Repeat, null)]
    [InlineData(8, 9, null, RowChange.Close, "RateHasEnd")]
    [InlineData(null, 0, null, RowChange.Add, "RateEndsBeforeStart")]
    public void The_only_change_of_a_row_is_its_end_once(int? storedEnd, int? end, int? usedUntil, RowChange change, string? refused)
    {
        var refusal = RateRules.Judge(Price(PriceBand.All, 0, end), [Price(PriceBand.All, 0, storedEnd) with { Id = 7 }], _ => usedUntil is { } used ? Hour(used) : null, out var judged, out var id);
        Assert.Equal((refused, change, 7L), (refusal?.Code, judged, id));

        var mapping = RateRules.Judge(
            new MappingRow(0, "a", "deepseek", "m", Hour(0), end is { } hour ? Hour(hour) : null), [new MappingRow(7, "a", "deepseek", "m", Hour(0), storedEnd is { } stored ? Hour(stored) : null)],
            _ => usedUntil is { } used ? Hour(used) : null, out judged, out id);
        Assert.Equal((refused, change, 7L), (mapping?.Code, judged, id));
    }

    [Fact]
    public void A_line_with_another_price_is_a_new_row_and_is_put_aside_where_it_overlaps()
    {
        var stored = Price(PriceBand.All, 0, null) with { Id = 7 };
        Assert.Equal("PriceRowOverlaps", RateRules.Judge(Price(PriceBand.All, 0, null) with { PriceMicro = 2 }, [stored], _ => null, out _, out _)?.Code);
        Assert.Null(RateRules.Judge(Price(PriceBand.All, -3, 0), [stored], _ => null, out var change, out var id));
        Assert.Equal((RowChange.Add, (long?)null), (change, id));
        Assert.Equal(
            "MappingRowOverlaps",
            RateRules.Judge(new MappingRow(0, "a", "u", "x", null, null), [new MappingRow(1, "a", "u", "y", Hour(1), null)], _ => null, out _, out _)?.Code);
    }

    [Fact]
    public void A_row_that_ends_where_it_begins_never_held_and_another_may_take_its_place()
    {
        Assert.Null(RateRules.Withdraw(Hour(0), null, null));
        Assert.Equal("RateUsedAfterEnd", RateRules.Withdraw(Hour(0), null, Hour(1))?.Code);
        Assert.Equal("RateHasEnd", RateRules.Withdraw(Hour(0), Hour(3), null)?.Code);
        Assert.Equal("RateEndsBeforeStart", RateRules.Close(Hour(0), null, Hour(0), null)?.Code);

        var withdrawn = Price(PriceBand.All, 0, 0) with { Id = 7 };
        var right = Price(PriceBand.All, 0, null) with { PriceMicro = 2 };
        Assert.Null(RateRules.Judge(right, [withdrawn], _ => null, out var change, out _));
        Assert.Equal(RowChange.Add, change);
        Assert.Equal("RateWithdrawn", RateRules.Judge(Price(PriceBand.All, 0, null), [withdrawn], _ => null, out _, out _)?.Code);
        // A person added it once more: then the file repeats that one.
        Assert.Null(RateRules.Judge(Price(PriceBand.All, 0, null), [withdrawn, Price(PriceBand.All, 0, null) with { Id = 8 }], _ => null, out change, out var id));
        Assert.Equal((RowChange.Repeat, 8L), (change, id));

        var book = new RateBook([withdrawn, right with { Id = 8 }], [], [new("deepseek", "CNY", TimeZoneInfo.Utc, null, null)], [], []);
        Assert.Equal(2, book.PriceAt("deepseek", withdrawn.Model, withdrawn.Part, Quarters.Of(Hour(0)))!.PriceMicro);
    }

    // Whatever is imported in whatever order: the book takes what the rules let in, and at no instant two prices hold.
    [Fact]
    public void What_the_rules_let_in_the_book_takes() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 12], Gen.Int[0, 2]).Array[1, 30].Sample(lines =>
        {
            var stored = new List<PriceRow>();
            foreach (var (from, hours, band) in lines)
            {
                var wish = Price((PriceBand)band, from == 0 ? null : from, hours == 0 ? null : from + hours) with { Id = stored.Count + 1, PriceMicro = band };
                if (RateRules.Judge(wish, stored, _ => null, out var change, out var id) is not null || change is RowChange.Repeat)
                    continue;
                if (change is RowChange.Close)
                    stored[stored.FindIndex(row => row.Id == id)] = wish with { Id = id!.Value };
                else
                    stored.Add(wish);
            }
            _ = new RateBook(stored, [], [], [], []);
        });

    private static PriceRow Price(PriceBand band, int? from, int? until) =>
        new(0, "deepseek", "m", TokenPart.CacheRead, band, "CNY", 1, from is { } first ? Hour(first) : null, until is { } end ? Hour(end) : null);

    private static DateTime Hour(int hour) => Start.AddHours(hour);

    private static DateTime? Utc(string? text) => text is null ? null : DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime;
}
