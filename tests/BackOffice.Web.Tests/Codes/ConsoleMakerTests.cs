using BackOffice.Data.Codes;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Codes;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Web.Tests.Integrations;

namespace BackOffice.Web.Tests.Codes;

/// <summary>The console makes the codes itself, with every fault it has: exactly the batch's codes, none twice, none lost.</summary>
public sealed class ConsoleMakerTests
{
    public static TheoryData<ConsoleFlavour, bool> Consoles => new() { { ConsoleFlavour.OneApi, false }, { ConsoleFlavour.NewApi, false }, { ConsoleFlavour.NewApi, true } };

    [Theory, MemberData(nameof(Consoles))]
    public async Task With_every_fault_on_the_batch_has_exactly_its_codes(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        await using var office = new CodeOffice(console.Settings);
        ConsoleFault[] passing =
        [
            ConsoleFault.StopInTheMiddle, ConsoleFault.HangUp, ConsoleFault.HalfJson, ConsoleFault.Silence, ConsoleFault.Limit, ConsoleFault.Html, ConsoleFault.BadGateway, ConsoleFault.Empty, ConsoleFault.HangUpInAnswer,
        ];
        foreach (var fault in passing)
            console.Plan(fault);
        console.Plan(ConsoleFault.StopInTheMiddle, times: 5);
        var batch = await office.MakeAsync(CodeOffice.Wanted(1_130, PublishWay.Api));
        Assert.Equal(("ready", 1_130, 1_130), (batch.Status, batch.Made, batch.Available));
        Assert.NotNull(batch.PublishedAt);
        await HasExactlyAsync(office, console, batch);
        // A call's name is its own, and no call was made twice.
        var names = console.Calls.Where(call => call.Method == "POST").Select(call => System.Text.Json.JsonDocument.Parse(call.Body).RootElement.GetProperty("name").GetString()).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name!.Length, 1, 20));
        Assert.All(console.Codes, code => Assert.Equal(5_000_000, code.Quota));
    }

    [Theory]
    [InlineData(nameof(ConsoleFault.Refuse))]
    [InlineData(nameof(ConsoleFault.Unauthorised))]
    [InlineData(nameof(ConsoleFault.Move))]
    public async Task What_a_person_has_to_mend_fails_the_batch_with_its_reason_and_can_be_taken_up_again(string fault)
    {
        await using var console = await StandInConsole.StartAsync();
        await using var office = new CodeOffice(console.Settings);
        console.Plan(ConsoleFault.StopInTheMiddle).Plan(Enum.Parse<ConsoleFault>(fault));
        var wanted = CodeOffice.Wanted(250, PublishWay.Api);
        await Assert.ThrowsAsync<RefusedException>(() => office.MakeAsync(wanted));
        var batch = await office.Get<BatchQueries>().GetAsync(wanted.Id);
        Assert.Equal(("failed", 3), (batch.Status, batch.Made));
        Assert.NotNull(batch.FailureReason);
        Assert.DoesNotContain(StandInConsole.Token, batch.Failure!, StringComparison.Ordinal);
        await office.Get<BatchStore>().ResumeAsync(batch.Number, "mara@example.com");
        await office.Get<BatchJob>().RunAsync(batch.Id, TestContext.Current.CancellationToken);
        await HasExactlyAsync(office, console, await office.Get<BatchQueries>().GetAsync(batch.Id));
    }

    [Fact]
    public async Task A_worker_that_dies_after_its_call_loses_nothing()
    {
        await using var console = await StandInConsole.StartAsync();
        await using var office = new CodeOffice(console.Settings);
        using var death = new CancellationTokenSource();
        console.Meanwhile = call =>
        {
            if (call.Method == "POST" && console.Posts == 2)
                death.Cancel();
        };
        var wanted = CodeOffice.Wanted(300, PublishWay.Api);
        var requested = await office.Get<BatchDesk>().RequestAsync(wanted, "mara@example.com", CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => office.Get<BatchJob>().RunAsync(requested.Id, death.Token));
        console.Meanwhile = null;
        Assert.Equal(200, console.Codes.Count);
        await office.Get<BatchJob>().RunAsync(requested.Id, TestContext.Current.CancellationToken);
        var batch = await office.Get<BatchQueries>().GetAsync(requested.Id);
        Assert.Equal(("ready", 300), (batch.Status, batch.Made));
        await HasExactlyAsync(office, console, batch);
        Assert.Equal(3, console.Posts);
    }

    [Fact]
    public async Task A_batch_made_void_on_the_way_is_disabled_at_the_console_with_what_was_still_coming()
    {
        await using var console = await StandInConsole.StartAsync();
        await using var office = new CodeOffice(console.Settings);
        var wanted = CodeOffice.Wanted(500, PublishWay.Api);
        var requested = await office.Get<BatchDesk>().RequestAsync(wanted, "mara@example.com", CancellationToken.None);
        console.Meanwhile = call =>
        {
            if (call.Method == "POST" && console.Posts == 3)
                office.Get<CodeVoids>().VoidAsync(new BatchVoid(requested.Number, false, "mara@example.com", "Too many")).GetAwaiter().GetResult();
        };
        await office.Get<BatchJob>().RunAsync(requested.Id, TestContext.Current.CancellationToken);
        console.Meanwhile = null;
        var batch = await office.Get<BatchQueries>().GetAsync(requested.Id);
        Assert.Equal(("void", 200, 200), (batch.Status, batch.Made, batch.Voided));
        Assert.Equal(300, console.Codes.Count);
        console.Redeem(console.Codes[5].Key, 42, DateTimeOffset.UnixEpoch.AddYears(56));
        await office.DoTasksAsync();
        Assert.Equal(299, console.Codes.Count(code => code.Status == 2));
        Assert.Equal(3, console.Codes[5].Status); // used: left as it is
    }

    [Fact]
    public async Task Without_a_console_it_says_what_to_set()
    {
        await using var office = new CodeOffice();
        var failure = await Assert.ThrowsAsync<RefusedException>(() => office.MakeAsync(CodeOffice.Wanted(10, PublishWay.Api)));
        Assert.Equal("ConsoleNotSet", failure.Refusal.Code);
    }

    private static async Task HasExactlyAsync(CodeOffice office, StandInConsole console, BatchRow batch)
    {
        var live = console.Codes.Where(code => code.Status == 1).Select(code => code.Key).Order(StringComparer.Ordinal);
        Assert.Equal(live, (await office.OpenAsync(batch)).Order(StringComparer.Ordinal));
        Assert.Equal(batch.Wanted, live.Count());
    }
}
