using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using CsCheck;

namespace BackOffice.Data.Tests;

public sealed class ValuesTests
{
    private static readonly DateTime Noon = new(2026, 10, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory, EachEngine]
    public async Task An_instant_comes_back_in_UTC_cut_to_whole_milliseconds(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        await samples.AddAsync(new Sample { Id = Samples.Id(1), Number = 1, At = Noon.AddTicks(1_239_999) });

        var at = Assert.Single(await samples.AllAsync()).At!.Value;

        Assert.Equal(Noon.AddMilliseconds(123), at);
        Assert.Equal(DateTimeKind.Utc, at.Kind);
    }

    [Theory, EachEngine]
    public async Task An_instant_that_is_not_in_UTC_is_refused(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        var local = DateTime.SpecifyKind(Noon, DateTimeKind.Local);
        var unspecified = DateTime.SpecifyKind(Noon, DateTimeKind.Unspecified);

        await Assert.ThrowsAsync<ArgumentException>(() => samples.AddAsync(new Sample { Id = Samples.Id(1), At = local }));
        await Assert.ThrowsAsync<ArgumentException>(() => samples.AddAsync(new Sample { Id = Samples.Id(1), At = unspecified }));
        await Assert.ThrowsAsync<ArgumentException>(() => home.Database.WriteAsync(
            WriteRank.Job, session => session.BulkInsertAsync(samples.Table, [new Sample { Id = Samples.Id(1), At = local }])));
    }

    [Theory, EachEngine]
    public async Task Every_kind_of_value_comes_back_as_it_went_in(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        var full = Full(1);
        var empty = new Sample { Id = Samples.Id(2) };
        await samples.AddAsync(full, empty);

        var rows = await samples.AllAsync();

        Same(full, rows[0]);
        Assert.Equal(empty, rows[1]);
    }

    [Theory, EachEngine]
    public async Task Text_of_any_length_comes_back_as_it_went_in(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        var (one, many) = (new string('长', 4_001), new string('短', 4_002));
        await samples.AddAsync(new Sample { Id = Samples.Id(1), Number = 1, Words = "one", LongWords = one });
        await home.Database.WriteAsync(
            WriteRank.Job, session => session.BulkInsertAsync(samples.Table, [new Sample { Id = Samples.Id(2), Number = 2, Words = "many", LongWords = many }]));

        Assert.Equal(one, await home.Database.ReadAsync(session => session.GetAsync<string>(samples.LongWordsOf, new Samples.Word("one"))));
        Assert.Equal(many, await home.Database.ReadAsync(session => session.GetAsync<string>(samples.LongWordsOf, new Samples.Word("many"))));
    }

    [Theory, EachEngine]
    public async Task Ids_order_by_the_instant_they_were_made_at(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        // Steps that change every byte of the instant in turn.
        var ids = Enumerable.Range(0, 40).Select(step => Ids.New(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(Math.Pow(2, step)))).ToList();
        await samples.AddAsync([.. ids.Select((id, i) => new Sample { Id = id, Number = i }).OrderBy(sample => sample.Number % 7)]);

        Assert.Equal(ids, await home.Database.ReadAsync(session => session.ListAsync<Guid>(samples.Ids)));
    }

    [Theory, EachEngine]
    public async Task Instants_order_and_compare_as_time_whatever_their_fraction(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        int[] milliseconds = [0, 1, 9, 10, 11, 99, 100, 101, 110, 900, 990, 999, 1000, 1001];
        var rows = milliseconds.Select(ms => new Sample { Id = Samples.Id(ms), Number = ms, At = Noon.AddMilliseconds(ms) }).ToList();
        await samples.AddAsync([.. rows.OrderBy(row => row.Number % 10)]);
        await using var session = await home.Database.OpenAsync();

        Assert.Equal(rows.Select(row => row.Id), await session.ListAsync<Guid>(samples.IdsByInstant));
        foreach (var from in milliseconds)
        {
            foreach (var until in milliseconds)
            {
                var between = await session.ListAsync<Guid>(samples.IdsBetween, new Samples.Span(Noon.AddMilliseconds(from), Noon.AddMilliseconds(until)));
                Assert.Equal(rows.Where(row => row.Number >= from && row.Number < until).Select(row => row.Id), between);
            }
        }
    }

    [Theory, EachEngine]
    public async Task A_list_stands_for_its_values_and_an_empty_one_for_none(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        var rows = Enumerable.Range(1, 12).Select(i => new Sample { Id = Samples.Id(i), Number = i, Words = $"w{i}", Other = Samples.Id(i) }).ToArray();
        await samples.AddAsync(rows);
        await using var session = await home.Database.OpenAsync();

        Assert.Equal([2, 3, 5, 7, 11], await session.ListAsync<long>(samples.NumbersOfWords, new Samples.WordList(["w2", "w3", "w5", "w7", "w11", "w99"])));
        Assert.Equal([4], await session.ListAsync<long>(samples.NumbersOfWords, new Samples.WordList(["w4"])));
        Assert.Equal([1, 12], await session.ListAsync<long>(samples.NumbersOfNumbers, new Samples.NumberList([12, 1])));
        Assert.Equal([6, 8], await session.ListAsync<long>(samples.NumbersOfBytes, new Samples.IdList([Ids.Bytes(rows[7].Other!.Value), Ids.Bytes(rows[5].Other!.Value)])));
        Assert.Empty(await session.ListAsync<long>(samples.NumbersOfWords, new Samples.WordList([])));
        Assert.Empty(await session.ListAsync<long>(samples.NumbersOfNumbers, new Samples.NumberList([])));
    }

    [Theory, EachEngine]
    public async Task Ordinal_columns_tell_capitals_apart(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        await samples.AddAsync(new Sample { Id = Samples.Id(1), Number = 1, Words = "Aster" }, new Sample { Id = Samples.Id(2), Number = 2, Words = "aster" });
        await using var session = await home.Database.OpenAsync();

        Assert.Equal(2, await session.GetAsync<long>(samples.NumberOf, new Samples.Word("aster")));
    }

    [Fact]
    public void Cutting_an_instant_is_never_later_and_less_than_a_millisecond_off()
    {
        Gen.DateTime.Sample(any =>
        {
            var instant = DateTime.SpecifyKind(any, DateTimeKind.Utc);
            var stored = Instants.Stored(instant);
            return stored <= instant && instant - stored < TimeSpan.FromMilliseconds(1) && stored.Ticks % TimeSpan.TicksPerMillisecond == 0
                && Instants.Stored(stored) == stored && stored.Kind == DateTimeKind.Utc;
        });
    }

    [Fact]
    public void What_SQLite_keeps_of_an_instant_is_read_as_it_was()
    {
        Gen.DateTime.Sample(any =>
        {
            var text = any.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
            var read = Instants.Read(text);
            return read.Ticks == any.Ticks && read.Kind == DateTimeKind.Utc;
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-10-01")]
    [InlineData("2026-10-01T10:00:00")]
    [InlineData("2026-10-01 10:00:00Z")]
    [InlineData("2026-10-01 10:00:00.12345678")]
    [InlineData("2026-10-01 10:00:0x")]
    [InlineData("2026-10-01 10:00:00.1-3")]
    [InlineData("2026-10-01 10.00.00")]
    public void What_is_no_instant_is_not_read_as_one(string text) => Assert.Throws<FormatException>(() => Instants.Read(text));

    [Fact]
    public void The_bytes_of_an_id_give_the_id_back_and_order_like_its_instant()
    {
        Gen.Select(Gen.DateTime[DateTime.UnixEpoch, new DateTime(2500, 1, 1, 0, 0, 0, DateTimeKind.Utc)], Gen.Int[1, 1_000_000_000]).Sample((first, later) =>
        {
            var at = DateTime.SpecifyKind(first, DateTimeKind.Utc);
            var one = Ids.New(at);
            var two = Ids.New(at.AddMilliseconds(later));
            return Ids.Of(Ids.Bytes(one)) == one && Ids.Bytes(one).AsSpan().SequenceCompareTo(Ids.Bytes(two)) < 0;
        });
    }

    /// <summary>A sample with values everywhere, the text as long as its column may be.</summary>
    internal static Sample Full(int number) => new()
    {
        Id = Samples.Id(number),
        At = Noon.AddMilliseconds(number),
        Day = new DateOnly(2028, 2, 29),
        Other = Samples.Id(number + 1),
        Number = long.MaxValue - number,
        Small = 100,
        Flag = true,
        Words = string.Concat(Enumerable.Repeat("专业包", 1332)) + "🪙é",
        Bytes = [.. Enumerable.Range(0, 9000).Select(i => unchecked((byte)i))],
    };

    internal static void Same(Sample expected, Sample actual)
    {
        Assert.Equal(expected.Bytes, actual.Bytes);
        Assert.Equal(expected with { Bytes = null }, actual with { Bytes = null });
    }
}
