using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

public sealed class SessionTests
{
    private static readonly Sql AllCounters = new("SELECT Name FROM Counters");

    [Theory, EachEngine]
    public async Task Arguments_of_another_type_are_refused(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        await using var session = await home.Database.OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => session.ListAsync<long>(WriteSession.ReadCounter, new { Name = "Imports" }));
        await Assert.ThrowsAsync<ArgumentException>(() => session.FindAsync<long>(WriteSession.ReadCounter));
        await Assert.ThrowsAsync<ArgumentException>(() => session.GetAsync<string>(AllCounters, new WriteSession.CounterName("Imports")));
        Assert.Throws<ArgumentException>(() => session.StreamAsync<long>(WriteSession.ReadCounter, "Imports"));
        await Assert.ThrowsAsync<ArgumentException>(() => home.Database.WriteAsync(
            WriteRank.Request, writer => writer.ExecuteAsync(WriteSession.AdvanceCounter, new { Name = "Imports" })));
    }

    [Theory, EachEngine]
    public async Task Finding_gives_one_row_or_none_and_complains_about_two(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        await samples.AddAsync(
            new Sample { Id = Samples.Id(1), Number = 1, Words = "one" },
            new Sample { Id = Samples.Id(2), Number = 2, Words = "two" },
            new Sample { Id = Samples.Id(3), Number = 3, Words = "two" });
        await using var session = await home.Database.OpenAsync();

        Assert.Equal(1, await session.FindAsync<long?>(samples.NumberOf, new Samples.Word("one")));
        Assert.Null(await session.FindAsync<long?>(samples.NumberOf, new Samples.Word("none")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.FindAsync<long?>(samples.NumberOf, new Samples.Word("two")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.GetAsync<long>(samples.NumberOf, new Samples.Word("none")));
    }

    [Theory, EachEngine]
    public async Task A_page_leaves_out_what_it_skips_and_takes_no_more_than_it_wants(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        await samples.AddAsync([.. Enumerable.Range(1, 7).Select(i => new Sample { Id = Samples.Id(i), Number = i })]);
        await using var session = await home.Database.OpenAsync();

        Assert.Equal([1, 2, 3], await session.ListAsync<long>(samples.NumbersPaged, new Samples.PageOf(0, 3)));
        Assert.Equal([4, 5, 6], await session.ListAsync<long>(samples.NumbersPaged, new Samples.PageOf(3, 3)));
        Assert.Equal([7], await session.ListAsync<long>(samples.NumbersPaged, new Samples.PageOf(6, 3)));
    }

    [Theory, EachEngine]
    public async Task A_stream_can_be_left_early_and_the_session_used_again(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OnAsync(engine);
        var samples = await Samples.CreateAsync(home);
        await samples.AddAsync([.. Enumerable.Range(1, 5).Select(i => new Sample { Id = Samples.Id(i), Number = i })]);
        await using var session = await home.Database.OpenAsync();
        var seen = new List<Guid>();

        await foreach (var id in session.StreamAsync<Guid>(samples.Ids))
        {
            seen.Add(id);
            if (seen.Count == 2)
                break;
        }

        Assert.Equal(2, seen.Count);
        Assert.Equal(5, await session.GetAsync<long>(samples.Count));
    }

    [Fact]
    public void A_filtered_statement_has_every_combination_of_its_fragments()
    {
        var filtered = new FilteredSql<Samples.Span>("SELECT 1\nWHERE 1 = 1\n{filters}", "AND a", "AND b");

        Assert.Equal("SELECT 1\nWHERE 1 = 1\nAND b", filtered.With(false, true).Text);
        Assert.Same(filtered.With(true, true), filtered.With(true, true));
        Assert.Equal(4, filtered.All().Select(sql => sql.Text).Distinct().Count());
        Assert.Throws<ArgumentException>(() => filtered.With(true));
    }
}
