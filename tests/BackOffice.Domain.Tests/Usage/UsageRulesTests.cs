using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Tests.Usage;

public sealed class UsageRulesTests
{
    [Theory]
    [InlineData(97L, "k036", "id:97")]
    [InlineData(0L, "k036", "name:k036")]
    [InlineData(null, "k036", "name:k036")]
    [InlineData(null, "", null)]
    [InlineData(null, null, null)]
    [InlineData(5L, null, "id:5")]
    public void A_key_is_known_by_its_id_else_by_its_name(long? id, string? name, string? reference) => Assert.Equal(reference, UsageRules.KeyReference(id, name));

    [Theory]
    [InlineData(-500, -500)]
    [InlineData(500, -500)]
    [InlineData(0, 0)]
    public void A_refund_gives_back_whatever_the_sign_of_its_quota(long quota, long charged) => Assert.Equal(charged, UsageRules.ChargedByRefund(quota));

    [Theory]
    [InlineData("2019-12-31T23:59:59Z", false)]
    [InlineData("2020-01-01T00:00:00Z", true)]
    [InlineData("2026-11-28T00:00:00Z", true)]
    [InlineData("2026-11-28T00:00:01Z", false)]
    public void A_record_is_of_2020_or_later_and_at_most_a_day_ahead(string at, bool plausible) =>
        Assert.Equal(plausible, UsageRules.IsPlausible(Utc(at), Utc("2026-11-27T00:00:00Z")));

    [Fact]
    public void A_console_without_caches_says_so_instead_of_billing_hits_as_a_guess()
    {
        Assert.Equal(new TokenCounts(100, 0, 0, 0, 5), UsageRules.OfOneApi(100, 5, out var flags));
        Assert.Equal(UsageFlags.CacheUnknown, flags);
    }

    [Fact]
    public void Words_of_parts_and_flags_are_read_back()
    {
        Assert.All(TokenParts.All, part => Assert.Equal(part, TokenParts.Parse(TokenParts.NameOf(part))));
        Assert.Equal(["uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output"], TokenParts.All.Select(TokenParts.NameOf));
        Assert.Null(TokenParts.Parse("input"));
        Assert.Equal(4, TokenParts.All.Count(TokenParts.IsInput));
        var all = UsageFlags.WriteSplitMissing | UsageFlags.CacheExceedsPrompt | UsageFlags.CacheUnknown | UsageFlags.Refund;
        Assert.Equal(["write_split_missing", "cache_exceeds_prompt", "cache_unknown", "refund"], UsageFlagNames.NamesOf(all));
        Assert.Equal(all, UsageFlagNames.NamesOf(all).Select(name => UsageFlagNames.Parse(name)!.Value).Aggregate((one, other) => one | other));
        Assert.Empty(UsageFlagNames.NamesOf(UsageFlags.None));
        Assert.Null(UsageFlagNames.Parse("none"));
    }

    [Fact]
    public void Tokens_add_and_subtract_part_by_part_and_never_wrap()
    {
        var one = new TokenCounts(1, 2, 3, 4, 5);
        Assert.Equal(new TokenCounts(2, 4, 6, 8, 10), one + one);
        Assert.True((one - one).IsNone);
        Assert.False(TokenCounts.Of(TokenPart.Output, -1).IsNone);
        Assert.Equal(10, one.Input);
        Assert.Equal(one, TokenParts.All.Aggregate(TokenCounts.None, (sum, part) => sum + TokenCounts.Of(part, one[part])));
        Assert.Throws<OverflowException>(() => new TokenCounts(long.MaxValue, 0, 0, 0, 0) + one);
        Assert.Throws<OverflowException>(() => new TokenCounts(long.MaxValue, 1, 0, 0, 0).Input);
        Assert.Throws<ArgumentOutOfRangeException>(() => one[(TokenPart)9]);
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenCounts.Of((TokenPart)9, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenParts.NameOf((TokenPart)9));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0, true)]
    [InlineData("1970-01-01T00:14:59Z", 0, false)]
    [InlineData("1970-01-01T00:15:00Z", 1, true)]
    [InlineData("1969-12-31T23:59:59Z", -1, false)]
    [InlineData("1969-12-31T23:45:00Z", -1, true)]
    [InlineData("2026-09-10T04:00:00Z", 1_987_792, true)]
    public void A_quarter_hour_holds_its_first_instant_and_not_its_end(string at, long quarter, bool whole)
    {
        Assert.Equal(quarter, Quarters.Of(Utc(at)));
        Assert.Equal(whole, Quarters.IsWhole(Utc(at)));
        Assert.Equal(whole, Quarters.Start(quarter) == Utc(at));
        Assert.Equal(DateTimeKind.Utc, Quarters.Start(quarter).Kind);
    }

    private static DateTime Utc(string text) => DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal);
}
