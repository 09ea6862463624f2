using BackOffice.Domain.Usage;
using CsCheck;

namespace BackOffice.Domain.Tests.Usage;

public sealed class NewApiFiguresTests
{
    private static NewApiFigures Nothing => default;

    [Fact]
    public void Hits_are_taken_out_of_the_prompt_they_are_inside_of_and_not_counted_twice()
    {
        var tokens = (Nothing with { Prompt = 100_000, CacheTokens = 80_000, Completion = 5_000 }).Normalise(out var flags);
        Assert.Equal(new TokenCounts(20_000, 80_000, 0, 0, 5_000), tokens);
        Assert.Equal(100_000, tokens.Input);
        Assert.Equal(UsageFlags.None, flags);
    }

    [Fact]
    public void Hits_that_an_Anthropic_row_counts_outside_of_the_prompt_are_not_taken_out_of_it()
    {
        var tokens = (Nothing with { Prompt = 100_000, CacheTokens = 80_000, IsAnthropic = true }).Normalise(out var flags);
        Assert.Equal(new TokenCounts(100_000, 80_000, 0, 0, 0), tokens);
        Assert.Equal(UsageFlags.None, flags);
    }

    [Fact]
    public void An_Anthropic_row_with_huge_reads_and_a_tiny_prompt_keeps_both_and_its_writes()
    {
        var tokens = (Nothing with { Prompt = 2, CacheTokens = 589_733, CacheCreation = 0, CacheWrite = 1_088, IsAnthropic = true }).Normalise(out var flags);
        Assert.Equal(new TokenCounts(2, 589_733, 1_088, 0, 0), tokens);
        Assert.Equal(UsageFlags.WriteSplitMissing, flags);
    }

    [Fact]
    public void More_hits_than_prompt_leave_nothing_uncached_and_are_flagged()
    {
        var tokens = (Nothing with { Prompt = 10, CacheTokens = 25 }).Normalise(out var flags);
        Assert.Equal(new TokenCounts(0, 25, 0, 0, 0), tokens);
        Assert.Equal(UsageFlags.CacheExceedsPrompt, flags);
    }

    // Writes: 5m, 1h, creation, write; what they come to, and whether the split is missing.
    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, false)]
    [InlineData(0, 0, 70, 0, 70, 0, true)]
    [InlineData(0, 0, 70, 90, 90, 0, true)]
    [InlineData(0, 0, 90, 70, 90, 0, true)]
    [InlineData(30, 40, 70, 0, 30, 40, false)]
    [InlineData(30, 40, 100, 0, 60, 40, false)]
    [InlineData(30, 40, 0, 0, 30, 40, false)]
    [InlineData(0, 40, 70, 0, 30, 40, false)]
    [InlineData(30, 0, 20, 10, 30, 0, false)]
    public void Written_tokens_are_never_dropped(long write5m, long write1h, long creation, long write, long expected5m, long expected1h, bool missing)
    {
        var figures = new NewApiFigures(1_000, 7, 100, write5m, write1h, creation, write, null, false);
        var tokens = figures.Normalise(out var flags);
        Assert.Equal(new TokenCounts(1_000 - 100 - expected5m - expected1h, 100, expected5m, expected1h, 7), tokens);
        Assert.Equal(missing ? UsageFlags.WriteSplitMissing : UsageFlags.None, flags);

        var outside = (figures with { IsAnthropic = true }).Normalise(out _);
        Assert.Equal(new TokenCounts(1_000, 100, expected5m, expected1h, 7), outside);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_stated_total_counts_before_the_kind_of_row(bool isAnthropic)
    {
        var tokens = new NewApiFigures(26, 1_646, 97_811, 0, 0, 0, 3, 97_840, isAnthropic).Normalise(out var flags);
        Assert.Equal(new TokenCounts(26, 97_811, 3, 0, 1_646), tokens);
        Assert.Equal(UsageFlags.WriteSplitMissing, flags);
    }

    [Fact]
    public void A_stated_total_of_less_than_its_parts_is_flagged()
    {
        var tokens = (Nothing with { Prompt = 50, CacheTokens = 30, InputTotal = 0 }).Normalise(out var flags);
        Assert.Equal(new TokenCounts(0, 30, 0, 0, 0), tokens);
        Assert.Equal(UsageFlags.CacheExceedsPrompt, flags);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(100, 0)]
    public void All_or_none_may_be_hits(long hits, long uncached) =>
        Assert.Equal(new TokenCounts(uncached, hits, 0, 0, 0), (Nothing with { Prompt = 100, CacheTokens = hits }).Normalise(out _));

    [Fact]
    public void No_part_is_ever_negative_and_the_parts_of_a_row_make_up_its_input()
    {
        var figure = Gen.Long[0, UsageRules.MostTokens];
        Gen.Select(figure, figure, figure, Gen.Select(figure, figure, figure, figure), Gen.Bool).Sample((prompt, completion, hits, writes, isAnthropic) =>
        {
            var tokens = new NewApiFigures(prompt, completion, hits, writes.Item1, writes.Item2, writes.Item3, writes.Item4, null, isAnthropic).Normalise(out var flags);
            Assert.All(TokenParts.All, part => Assert.True(tokens[part] >= 0));
            var written = Math.Max(Math.Max(writes.Item3, writes.Item4), writes.Item1 + writes.Item2);
            Assert.Equal(written, tokens.CacheWrite5m + tokens.CacheWrite1h);
            if (!flags.HasFlag(UsageFlags.CacheExceedsPrompt))
                Assert.Equal(isAnthropic ? prompt + hits + written : prompt, tokens.Input);
        });
    }
}
