using BackOffice.Data.Engine;

namespace BackOffice.Data.Tests;

public sealed class ReadAheadTests
{
    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Parts_come_in_the_order_in_which_they_were_begun(int parts)
    {
        var begun = 0;
        var seen = new List<string>();

        await foreach (var part in ReadAhead.PartsAsync(parts, BeginNext))
            seen.Add(part);

        Assert.Equal(["1", "2", "3", "4", "5"], seen);

        // The earlier, the slower: only the order in which they were begun can bring them back into line.
        async Task<string?> BeginNext()
        {
            var number = ++begun;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, 30 - (5 * number))), TestContext.Current.CancellationToken);
            return number <= 5 ? $"{number}" : null;
        }
    }

    [Fact]
    public async Task A_part_is_made_while_the_caller_has_the_one_before()
    {
        var begun = 0;

        await foreach (var part in ReadAhead.PartsAsync(2, () => Task.FromResult(++begun <= 4 ? $"{begun}" : null)))
            Assert.Equal(int.Parse(part, System.Globalization.CultureInfo.InvariantCulture) + 2, begun);
    }

    [Fact]
    public async Task A_part_that_fails_fails_the_caller_in_its_turn()
    {
        var begun = 0;
        var seen = new List<string>();

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var part in ReadAhead.PartsAsync(2, () => ++begun < 3 ? Task.FromResult<string?>($"{begun}") : Task.FromException<string?>(new InvalidDataException())))
                seen.Add(part);
        });

        Assert.Equal(["1", "2"], seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_caller_that_leaves_early_goes_on_when_nobody_reads_any_more()
    {
        var release = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = 0;

        var leaving = LeaveAfterTheFirstAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        Assert.False(leaving.IsCompleted);
        release.SetException(new InvalidDataException("What nobody waits for may fail."));

        await leaving;

        async Task LeaveAfterTheFirstAsync()
        {
            await foreach (var _ in ReadAhead.PartsAsync(1, () => ++begun == 1 ? Task.FromResult<string?>("1") : release.Task))
                break;
        }
    }
}
