using BackOffice.Data.Jobs;
using BackOffice.Data.Settlement;
using BackOffice.Domain;
using BackOffice.Jobs.Imports;
using BackOffice.Jobs.Nights;
using BackOffice.Jobs.Settlement;
using BackOffice.Jobs.Usage;
using BackOffice.Web.Tests.CommandLine;

namespace BackOffice.Web.Tests.Usage;

/// <summary>What the nights do with usage: drafts of two months, what blocks them told once; and sums proved, with a difference told and never mended.</summary>
public sealed class UsageNightsTests : IAsyncDisposable
{
    private readonly UsageOffice _office = new(("Alarm:Webhook", "http://127.0.0.1:9/x"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task The_running_and_the_last_month_of_every_upstream_with_usage_are_drafted_and_what_blocks_them_is_told_once()
    {
        await ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-1,output,all,USD,2,,\nidle,m-1,output,all,USD,2,,\n");
        await ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\nchat,acme,m-1,,\n");
        await UsageAsync("1,2026-10-03T00:00:00Z,acme,chat,k1,,,,,1000000,\n2,2026-11-03T00:00:00Z,acme,chat,k1,5,,,,2000000,\n3,2026-08-03T00:00:00Z,acme,chat,k1,,,,,7,\n");
        Assert.Equal(2, await NightAsync(SettlementNight.JobName, "2026-11-22"));
        const string drafts = "SELECT Upstream, Period, Status, PayableMinor, Blockers FROM Settlements";
        Assert.Equal(["acme|2026-10|draft|200|0", "acme|2026-11|draft|400|1"], ShopRows.Of(_office.Folder, drafts));
        const string told = "SELECT Cause FROM OutboxMessages WHERE Cause LIKE 'blocked:%'";
        Assert.Equal(["blocked:acme:2026-11:unpriced_part"], ShopRows.Of(_office.Folder, told));
        Assert.Contains("Models with a part that has no price: 1.", ShopRows.Of(_office.Folder, "SELECT Body FROM OutboxMessages WHERE Cause LIKE 'blocked:%'").Single());

        await UsageAsync("4,2026-10-04T00:00:00Z,acme,chat,k1,,,,,500000,\n");
        _office.Clock.MoveTo(UsageOffice.Now.AddDays(1));
        Assert.Equal(2, await NightAsync(SettlementNight.JobName, "2026-11-23"));
        Assert.Equal(["acme|2026-10|draft|300|0", "acme|2026-11|draft|400|1"], ShopRows.Of(_office.Folder, drafts));
        Assert.Single(ShopRows.Of(_office.Folder, told));
    }

    [Fact]
    public async Task An_approved_month_stays_as_it_is_and_a_night_that_was_missed_is_made_up_for()
    {
        await ImportAsync("prices", "upstream,model,part,band,currency,price_per_million,valid_from,valid_until\nacme,m-1,output,all,USD,2,,\n");
        await ImportAsync("mappings", "name,upstream,model,valid_from,valid_until\nchat,acme,m-1,,\n");
        await UsageAsync("1,2026-10-03T00:00:00Z,acme,chat,k1,,,,,1000000,\n");
        await _office.Get<SettlementStore>().DraftAsync("acme", new DateOnly(2026, 10, 1), Token);
        var document = await _office.Get<SettlementStore>().SeeAsync("acme", new DateOnly(2026, 10, 1), Token);
        var wanted = new SettlementWanted("acme", "2026-10", SettlementStore.HashOf(document), "mara@example.com");
        await _office.Get<Data.Engine.Database>().WriteAsync(Data.Engine.WriteRank.Request, session => SettlementStore.ApproveAsync(session, wanted, "ilya@example.com", Token), Token);
        await UsageAsync("2,2026-10-04T00:00:00Z,acme,chat,k1,,,,,1000000,\n");
        await _office.Get<JobRunStore>().AddAsync(SettlementNight.JobName, "2026-11-18", Token);
        var due = await _office.Get<NightSchedule>().AddDueAsync(SettlementNight.JobName, Token);
        Assert.Equal("2026-11-23", (await _office.Get<JobRunStore>().GetAsync(Assert.Single(due), Token)).Argument);
        await _office.Get<NightlyJob>().RunAsync(due[0], Token);
        Assert.Equal(["acme|2026-10|approved|200", "acme|2026-11|draft|200"], ShopRows.Of(_office.Folder, "SELECT Upstream, Period, Status, PayableMinor FROM Settlements"));
    }

    [Fact]
    public async Task A_difference_fails_the_night_reaches_a_person_and_is_not_mended()
    {
        await UsageAsync("1,2026-10-03T00:00:00Z,acme,chat,k1,,,,,1000000,\n2,2026-11-03T00:00:00Z,acme,chat,k1,5,,,,2000000,\n");
        Assert.Equal(2, await NightAsync(UsageProofNight.JobName, "2026-11-21"));
        Assert.Equal(2, ShopRows.Count(_office.Folder, "SELECT COUNT(*) FROM UsageDays WHERE ProvedAt IS NOT NULL"));
        ShopRows.Change(_office.Folder, "UPDATE KeyRollups SET OutputTokens = OutputTokens - 1 WHERE Day = '2026-10-03'");
        // Nothing changed in the eyes of the program: the day comes up in its turn.
        var refused = await Assert.ThrowsAsync<RefusedException>(() => NightAsync(UsageProofNight.JobName, "2026-11-22"));
        Assert.Equal(("UsageSumsDiffer", "1"), (refused.Refusal.Code, refused.Refusal.Args[0]));
        await _office.Get<NightWatch>().LookAsync(Token);
        Assert.Contains("output +1", ShopRows.Of(_office.Folder, $"SELECT Body FROM OutboxMessages WHERE Cause = 'night:{UsageProofNight.JobName}:2026-11-22'").Single());
        Assert.Equal(999_999, ShopRows.Count(_office.Folder, "SELECT OutputTokens FROM KeyRollups WHERE Day = '2026-10-03'"));
    }

    [Fact]
    public async Task The_verb_proves_what_there_is_and_names_each_difference()
    {
        await UsageAsync("1,2026-10-03T00:00:00Z,acme,chat,k1,,,,,1000000,\n2,2026-11-03T00:00:00Z,acme,chat,k1,5,,,,2000000,\n");
        var proved = await Worker.RunAsync(_office.Folder, "usage", "prove");
        proved.IsDone();
        Assert.Equal("The sums of 32 days equal their 2 records.", proved.Output.Trim());
        ShopRows.Change(_office.Folder, "UPDATE UsageRollups SET Records = 2 WHERE OutputTokens = 1000000");
        Assert.Equal(0, (await Worker.RunAsync(_office.Folder, "usage", "prove", "--month", "2026-11")).Status);
        var differs = await Worker.RunAsync(_office.Folder, "usage", "prove", "--month", "2026-10");
        Assert.Equal(1, differs.Status);
        Assert.Equal("UsageRollups 2026-10-03T00:00Z neutral chat (names 1): records less roll-up: records -1", differs.Output.Trim());
        Assert.Contains("1 sums differ from their records.", differs.Error, StringComparison.Ordinal);
        (await Worker.RunAsync(_office.Folder, "usage", "pull")).IsRefused("Usage is not read from a console here");
    }

    private async Task<long> NightAsync(string job, string day)
    {
        var id = (await _office.Get<JobRunStore>().AddAsync(job, day, Token))!.Value;
        await _office.Get<NightlyJob>().RunAsync(id, Token);
        await _office.Get<NightlyJob>().RunAsync(id, Token);
        return (await _office.Get<JobRunStore>().GetAsync(id, Token)).RowsDone;
    }

    private Task UsageAsync(string lines) => ImportAsync("usage", "id,occurred_at,upstream,model,key,uncached_input,cache_read,cache_write_5m,cache_write_1h,output,charged_quota\n" + lines);

    private async Task ImportAsync(string kind, string content)
    {
        var file = Path.Combine(_office.Folder.Path, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, content, Token);
        var import = await _office.Get<ImportDesk>().TakeFileAsync(kind, file, "take", false, "system", kind == "usage" ? UsageOptions.Of("neutral", null).Text() : null, Token);
        await _office.Get<ImportJob>().RunAsync(import.Id, Token);
    }
}
