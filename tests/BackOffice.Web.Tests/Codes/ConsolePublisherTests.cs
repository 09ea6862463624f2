using System.Globalization;
using System.Text;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Reconciliation;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using BackOffice.Domain.Reconciliation;
using BackOffice.Jobs.Codes;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Jobs.Reconciliation;
using BackOffice.Web.Tests.Integrations;

namespace BackOffice.Web.Tests.Codes;

/// <summary>Codes that we make reach the console once, what is void is disabled there, and what it says was redeemed comes back.</summary>
public sealed class ConsolePublisherTests(PostgresServer postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ConsoleEngine.Sqlite)]
    [InlineData(ConsoleEngine.PostgreSql)]
    public async Task Over_the_database_all_arrive_once_and_void_ones_are_disabled(ConsoleEngine engine)
    {
        await using var tables = await Integrations.ConsoleTables.MakeAsync(engine, ConsoleMake.NewApi, postgres);
        await using var office = Office(engine, tables);
        var batch = await office.MakeAsync(CodeOffice.Wanted(4_500, PublishWay.Database, CodeFormat.Friendly));
        var task = await office.Get<CodeTaskStore>().PublishAsync(batch.Number, "mara@example.com");
        Assert.Equal(task.Number, (await office.Get<CodeTaskStore>().PublishAsync(batch.Number, "ilya@example.com")).Number); // pressed twice
        // As if a worker had died right after the console had taken the first slice.
        await tables.Database.InsertAsync([.. (await office.OpenAsync(batch)).Take(2_000).Select((code, at) => new ConsoleCode(code, $"B1-{at / 100 + 1}", batch.Quota, batch.RequestedAt))], Token);
        await office.DoTasksAsync();
        var codes = await office.OpenAsync(batch);
        Assert.Equal(codes.Order(StringComparer.Ordinal), (await tables.RowsAsync("""SELECT "key" FROM redemptions WHERE status = 1 AND quota = 5000000""")).Order(StringComparer.Ordinal));
        Assert.NotNull((await office.Get<BatchQueries>().FindAsync(batch.Number))!.PublishedAt);

        await tables.ExecuteAsync($"UPDATE redemptions SET status = 3, redeemed_time = 1790000000, used_user_id = 42 WHERE \"key\" = '{codes[7]}'");
        await office.Get<VoidDesk>().VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "Leaked"), Token);
        await office.DoTasksAsync();
        Assert.Equal(["2|4499", "3|1"], await tables.RowsAsync("SELECT status, COUNT(*) FROM redemptions GROUP BY status ORDER BY status"));
    }

    [Fact]
    public async Task A_list_that_is_made_void_is_disabled_too()
    {
        await using var tables = await Integrations.ConsoleTables.MakeAsync(ConsoleEngine.Sqlite, ConsoleMake.OneApi, postgres);
        await using var office = Office(ConsoleEngine.Sqlite, tables);
        var batch = await office.MakeAsync(CodeOffice.Wanted(300, PublishWay.Database, CodeFormat.Friendly));
        await office.Get<CodeTaskStore>().PublishAsync(batch.Number, "mara@example.com");
        await office.DoTasksAsync();
        var codes = await office.OpenAsync(batch);
        var list = await office.Get<VoidDesk>().LookUpAsync(
            [codes[0].ToLowerInvariant(), $" {codes[1].Replace("-", " ", StringComparison.Ordinal)} ", "", codes[1], codes[2].Replace('0', 'O').Replace('1', 'l'), Mistyped(codes[3]), "nonsense", "deadbeefdeadbeefdeadbeefdeadbeef"],
            "mara@example.com", Token);
        Assert.Equal((7, 1, 3), (list.Lines, list.Repeated, list.Task!.Total));
        Assert.Equal([(6, CodeReading.Mistyped), (7, CodeReading.NoCode), (8, CodeReading.Whole)], list.Unknown.Select(line => (line.Line, line.Reading)));
        Assert.Null(await office.Get<VoidDesk>().VoidListAsync(list.Task, false, "mara@example.com", "Stolen", Token));
        await office.DoTasksAsync();
        Assert.Equal(codes.Take(3).Order(StringComparer.Ordinal), (await tables.RowsAsync("""SELECT "key" FROM redemptions WHERE status = 2""")).Order(StringComparer.Ordinal));
        Assert.Equal((297, 3), ((await office.Get<BatchQueries>().FindAsync(batch.Number))!.Available, (await office.Get<BatchQueries>().FindAsync(batch.Number))!.Voided));
    }

    [Fact]
    public async Task Over_the_api_codes_of_a_script_are_disabled_by_their_names()
    {
        await using var console = await StandInConsole.StartAsync();
        await using var office = new CodeOffice(console.Settings);
        var batch = await office.MakeAsync(CodeOffice.Wanted(5, PublishWay.Api));
        var list = await office.Get<VoidDesk>().LookUpAsync((await office.OpenAsync(batch)).Take(2), "mara@example.com", Token);
        await office.Get<VoidDesk>().VoidListAsync(list.Task!, false, "mara@example.com", "Stolen", Token);
        await office.DoTasksAsync();
        Assert.Equal((2, 3), (console.Codes.Count(code => code.Status == 2), console.Codes.Count(code => code.Status == 1)));
    }

    [Theory]
    [InlineData(ConsoleEngine.Sqlite)]
    [InlineData(ConsoleEngine.PostgreSql)]
    public async Task The_script_brings_every_code_there_once_and_another_disables_the_void_ones(ConsoleEngine engine)
    {
        await using var tables = await Integrations.ConsoleTables.MakeAsync(engine, ConsoleMake.OneApi, postgres);
        await using var office = new CodeOffice();
        var batch = await office.MakeAsync(CodeOffice.Wanted(1_200));
        for (var times = 0; times < 2; times++)
            await tables.ExecuteAsync(await ScriptAsync(to => office.Get<ConsolePublisher>().WriteScriptAsync(batch, engine, to, Token)));
        Assert.Equal((await office.OpenAsync(batch)).Order(StringComparer.Ordinal), (await tables.RowsAsync("""SELECT "key" FROM redemptions WHERE status = 1""")).Order(StringComparer.Ordinal));
        await office.Get<CodeVoids>().VoidAsync(new BatchVoid(batch.Number, false, "mara@example.com", "Leaked"));
        batch = (await office.Get<BatchQueries>().FindAsync(batch.Number))!;
        await tables.ExecuteAsync(await ScriptAsync(to => office.Get<ConsolePublisher>().WriteDisableScriptAsync(batch, engine, to, Token)));
        Assert.Equal(["2|1200"], await tables.RowsAsync("SELECT status, COUNT(*) FROM redemptions GROUP BY status"));
    }

    [Fact]
    public async Task What_was_redeemed_comes_back_and_what_nobody_was_handed_raises_a_finding_that_holds()
    {
        await using var tables = await Integrations.ConsoleTables.MakeAsync(ConsoleEngine.Sqlite, ConsoleMake.NewApi, postgres);
        await using var office = Office(ConsoleEngine.Sqlite, tables);
        var batch = await office.MakeAsync(CodeOffice.Wanted(50, PublishWay.Database));
        await office.Get<CodeTaskStore>().PublishAsync(batch.Number, "mara@example.com");
        await office.DoTasksAsync();
        var codes = await office.OpenAsync(batch);
        var delivered = (await office.Get<CodeStock>().TakeAsync("order-1", "trial", 1, "system"))!;
        await office.Get<Database>().WriteAsync(WriteRank.Request, session => CodeStock.DeliverAsync(session, delivered, "system", CancellationToken.None));
        var odd = Enumerable.Range(1, 50).First(sequence => sequence != delivered.Sequence);
        var now = TimeProvider.System.UtcNow();
        foreach (var sequence in new[] { delivered.Sequence, odd })
            await tables.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE redemptions SET status = 3, redeemed_time = {ConsoleRules.Seconds(now)}, used_user_id = 42 WHERE \"key\" = '{codes[sequence - 1]}'"));
        for (var times = 0; times < 2; times++)
            await office.Get<RedemptionJob>().RunHourlyAsync(Token);
        var row = (await office.Get<BatchQueries>().FindAsync(batch.Number))!;
        Assert.Equal((48, 0, 0, 2), (row.Available, row.Allocated, row.Delivered, row.Redeemed));
        var told = (await office.Get<CodeQueries>().EventsAsync(batch.Number, odd)).Single();
        Assert.Equal(("redeemed", "available", "42"), (told.Kind, told.StatusBefore, told.ConsoleUser));

        var subject = FormattableString.Invariant($"{batch.Number}-{odd}");
        Assert.Equal([$"{subject}|open"], ShopRows.Of(office.Folder, "SELECT Subject, State FROM Findings"));
        var today = new BusinessTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")).DayOf(now);
        // Runs go on seeing it, also when it is long past their window, until a person has judged it.
        await RunAsync(office, today, today.AddDays(1), seen: [subject]);
        await RunAsync(office, today.AddDays(1), today.AddDays(2), seen: [subject]);
        var finding = (await office.Get<FindingQueries>().FindAsync(Ids.Of(Convert.FromHexString(ShopRows.Of(office.Folder, "SELECT Id FROM Findings").Single()))))!;
        Assert.True((await office.Get<FindingDesk>().ReadAsync(finding, Token)).Holds);
        await office.Get<FindingDesk>().ResolveAsync(new FindingAct(finding.Id, finding.Version, "ilya@example.com", "A colleague tried it"), Token);
        await RunAsync(office, today, today.AddDays(1), seen: []);
        Assert.Equal([$"{subject}|resolved"], ShopRows.Of(office.Folder, "SELECT Subject, State FROM Findings"));
    }

    private static async Task RunAsync(CodeOffice office, DateOnly from, DateOnly until, string[] seen)
    {
        var run = await office.Get<RunDesk>().AddAsync(from, until, null, null, "ilya@example.com", Token);
        await office.Get<ReconcileJob>().RunToEndAsync(run.Id, Token);
        Assert.Equal(seen.Select(subject => $"{FindingKinds.RedeemedUnexpectedly}|{subject}"), ShopRows.Of(office.Folder, $"SELECT f.Kind, f.Subject FROM RunFindings f JOIN ReconciliationRuns r ON r.Id = f.RunId WHERE r.Number = {run.Number}"));
    }

    private static async Task<string> ScriptAsync(Func<Stream, Task<long>> write)
    {
        using var stream = new MemoryStream();
        await write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Mistyped(string code) => code[..^1] + (code[^1] == '7' ? '8' : '7');

    private static CodeOffice Office(ConsoleEngine engine, Integrations.ConsoleTables tables) =>
        new(("Console:Database", engine.ToString()), ("Console:ConnectionString", tables.ConnectionString), ("Console:UserId", Integrations.ConsoleTables.UserId.ToString(CultureInfo.InvariantCulture)));
}
