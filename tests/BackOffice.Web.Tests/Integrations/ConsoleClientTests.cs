using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Web.Tests.Nights;
using Microsoft.Extensions.Time.Testing;

namespace BackOffice.Web.Tests.Integrations;

/// <summary>What the console may do to us, and what we never do to it: repeat a create, lose a key, enable or delete a code, follow it elsewhere, tell a secret.</summary>
public sealed class ConsoleClientTests
{
    private const string Name = "B0417-03";
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    public static TheoryData<ConsoleFlavour, bool> Consoles => new() { { ConsoleFlavour.OneApi, false }, { ConsoleFlavour.NewApi, false }, { ConsoleFlavour.NewApi, true } };

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Consoles))]
    public async Task Each_console_is_known_by_what_it_answers_and_both_headers_go_with_every_call(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        using var client = console.Client();
        Assert.Equal(flavour, await client.FlavourAsync(None));
        Assert.Equal(flavour, await client.FlavourAsync(None));
        Assert.Single(console.Calls); // found out once
        var (status, look) = await client.LookAsync(None);
        Assert.Equal((flavour, "AiCredits", 500_000m), (look, status.SystemName, status.QuotaPerUnit!.Value));
        Assert.Equal(status, await client.StatusAsync(None));
        await client.CreateAsync(Name, 5, 1, null, None);
        await client.DisableAsync(1, None);
        Assert.All(console.Calls, call => Assert.Equal((StandInConsole.Token, "7"), (call.Token, call.User)));
        Assert.All(console.Calls.Where(call => call.Path.Contains("redemption", StringComparison.Ordinal)), call => Assert.StartsWith("/api/redemption/", call.Path));
    }

    [Theory, MemberData(nameof(Consoles))]
    public async Task A_hundred_codes_are_made_by_one_call_and_found_by_their_name(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        console.Make(Name + "x", 1, 30); // begins as the name does
        console.Make("b0417-03", 1, 2);
        using var client = console.Client();
        var made = await client.CreateAsync(Name, 5_000_000, 100, null, None);
        Assert.Equal((ConsoleCreationState.Created, null), (made.State, made.Why));
        var found = await client.FindByNameAsync(Name, None);
        Assert.Equal(made.Keys.Order(), found.Select(code => code.Key).Order());
        Assert.All(found, code => Assert.Equal((Name, 5_000_000, ConsoleCodeStatus.Enabled, null, null), (code.Name, code.Quota, code.Status, code.RedeemedAt, code.ExpiresAt)));
        Assert.Equal(1, console.Posts);
    }

    [Fact]
    public async Task A_name_may_have_twenty_bytes_of_Chinese()
    {
        await using var console = await StandInConsole.StartAsync(ConsoleFlavour.OneApi);
        using var client = console.Client();
        const string name = "春季批次甲乙-3"; // 7 signs, 20 bytes
        Assert.Equal(20, System.Text.Encoding.UTF8.GetByteCount(name));
        var made = await client.CreateAsync(name, 1, 2, null, None);
        Assert.Equal(2, made.Keys.Count);
        Assert.Equal(made.Keys, (await client.FindByNameAsync(name, None)).Select(code => code.Key));
    }

    [Theory]
    [InlineData("", 1, 1, "ConsoleNameUnusable")]
    [InlineData("春季批次甲乙丙", 1, 1, "ConsoleNameUnusable")] // 21 bytes
    [InlineData("123456789012345678901", 1, 1, "ConsoleNameUnusable")]
    [InlineData("a\nb", 1, 1, "ConsoleNameUnusable")]
    [InlineData(" a", 1, 1, "ConsoleNameUnfindable")]
    [InlineData("50%", 1, 1, "ConsoleNameUnfindable")]
    [InlineData("a\\b", 1, 1, "ConsoleNameUnfindable")]
    [InlineData("a", 0, 1, "ConsoleQuotaUnusable")]
    [InlineData("a", -5, 1, "ConsoleQuotaUnusable")]
    [InlineData("a", 1, 0, "ConsoleCountUnusable")]
    [InlineData("a", 1, 101, "ConsoleCountUnusable")]
    public async Task What_the_console_would_take_wrongly_is_not_sent(string name, long quota, int count, string code)
    {
        await using var console = await StandInConsole.StartAsync();
        using var client = console.Client();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => client.CreateAsync(name, quota, count, null, None));
        Assert.Equal(code, refused.Refusal.Code);
        Assert.Empty(console.Calls);
        Assert.NotEmpty(Texts.Chinese.WithField(refused.Refusal));
    }

    [Fact] // of its own: half a character does not survive being the name of a case
    public async Task Half_a_character_is_no_name()
    {
        await using var console = await StandInConsole.StartAsync();
        using var client = console.Client();
        Assert.Equal("ConsoleNameUnusable", (await Assert.ThrowsAsync<RefusedException>(() => client.CreateAsync("a" + (char)0xD800, 1, 1, null, None))).Refusal.Code);
    }

    [Fact]
    public async Task A_code_that_expires_is_made_where_the_console_knows_that_and_nowhere_else()
    {
        var at = new DateTime(2027, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        await using var newer = await StandInConsole.StartAsync();
        using var client = newer.Client();
        await client.CreateAsync(Name, 1, 1, at, None);
        Assert.Equal(at, Assert.Single(await client.FindByNameAsync(Name, None)).ExpiresAt);
        await using var older = await StandInConsole.StartAsync(ConsoleFlavour.OneApi);
        using var other = older.Client();
        Assert.Equal("ConsoleNoExpiry", (await Assert.ThrowsAsync<RefusedException>(() => other.CreateAsync(Name, 1, 1, at, None))).Refusal.Code);
        Assert.Equal(0, older.Posts);
    }

    [Theory, MemberData(nameof(Consoles))]
    public async Task Codes_made_before_the_console_stopped_in_the_middle_are_taken(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        console.Plan(ConsoleFault.StopInTheMiddle);
        using var client = console.Client();
        var made = await client.CreateAsync(Name, 5, 10, null, None);
        Assert.Equal(ConsoleCreationState.Partial, made.State);
        Assert.Equal(console.Codes.Select(code => code.Key), made.Keys);
        Assert.Equal(3, made.Keys.Count);
        AssertTellsNoSecret(console, made.ToString(), Texts.English.WithField(made.Why!), Texts.Chinese.WithField(made.Why!));
        Assert.Equal(1, console.Posts);
    }

    /// <summary>What happened, how it looks, how many keys came with it.</summary>
    public static TheoryData<ConsoleFlavour, string, ConsoleCreationState, int> Unclear
    {
        get
        {
            var data = new TheoryData<ConsoleFlavour, string, ConsoleCreationState, int>();
            foreach (var flavour in Enum.GetValues<ConsoleFlavour>())
            {
                data.Add(flavour, nameof(ConsoleFault.Silence), ConsoleCreationState.Unclear, 0);
                data.Add(flavour, nameof(ConsoleFault.HangUp), ConsoleCreationState.Unclear, 0);
                data.Add(flavour, nameof(ConsoleFault.Empty), ConsoleCreationState.Unclear, 0);
                data.Add(flavour, nameof(ConsoleFault.Html), ConsoleCreationState.Unclear, 0);
                data.Add(flavour, nameof(ConsoleFault.BadGateway), ConsoleCreationState.Unclear, 0);
                data.Add(flavour, nameof(ConsoleFault.HangUpInAnswer), ConsoleCreationState.Unclear, 6);
                data.Add(flavour, nameof(ConsoleFault.HalfJson), ConsoleCreationState.Unclear, 6);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Unclear))]
    public async Task After_an_unclear_end_one_call_was_made_its_keys_are_kept_and_the_rest_is_found_by_name(ConsoleFlavour flavour, string fault, ConsoleCreationState state, int keys)
    {
        await using var console = await StandInConsole.StartAsync(flavour);
        console.Plan(Enum.Parse<ConsoleFault>(fault));
        using var client = console.Client(patience: Short);
        var made = await client.CreateAsync(Name, 5, 10, null, None);
        Assert.Equal((state, keys), (made.State, made.Keys.Count));
        Assert.Equal(console.Codes.Take(keys).Select(code => code.Key), made.Keys);
        Assert.Equal(1, console.Posts);

        var found = await client.FindByNameAsync(Name, None);
        Assert.Equal(console.Codes.Select(code => code.Key).Order(), found.Select(code => code.Key).Order());
        Assert.Equal(10, found.Count);
        Assert.Equal(1, console.Posts);
        AssertTellsNoSecret(console, made.ToString(), Texts.English.WithField(made.Why!), string.Join(", ", found));
    }

    [Theory]
    [InlineData(nameof(ConsoleFault.Refuse), ConsoleCreationState.Refused, "ConsoleRefused")]
    [InlineData(nameof(ConsoleFault.Limit), ConsoleCreationState.Limited, "ConsoleLimited")]
    [InlineData(nameof(ConsoleFault.Move), ConsoleCreationState.Refused, "ConsoleMoved")]
    [InlineData(nameof(ConsoleFault.Ban), ConsoleCreationState.Unauthorised, "ConsoleUnauthorised")]
    [InlineData(nameof(ConsoleFault.Unauthorised), ConsoleCreationState.Unauthorised, "ConsoleUnauthorised")]
    [InlineData(nameof(ConsoleFault.Error), ConsoleCreationState.Unclear, "ConsoleAnswered")]
    public async Task An_end_without_codes_says_which_it_is(string fault, ConsoleCreationState state, string why)
    {
        foreach (var (flavour, isNewer) in new[] { (ConsoleFlavour.OneApi, false), (ConsoleFlavour.NewApi, false), (ConsoleFlavour.NewApi, true) })
        {
            await using var console = await StandInConsole.StartAsync(flavour, isNewer);
            console.Plan(Enum.Parse<ConsoleFault>(fault));
            using var client = console.Client();
            var made = await client.CreateAsync(Name, 5, 10, null, None);
            Assert.Equal((state, why, 0), (made.State, made.Why!.Code, made.Keys.Count));
            Assert.Equal(1, console.Posts);
            Assert.Empty(console.Codes);
            AssertTellsNoSecret(console, Texts.English.WithField(made.Why!), Texts.Chinese.WithField(made.Why!));
        }
    }

    [Fact]
    public async Task What_did_not_leave_this_machine_made_nothing()
    {
        string address;
        await using (var gone = await StandInConsole.StartAsync())
            address = gone.Address;
        using var client = new ConsoleClient(new ConsoleSettings(new Uri(address + "/"), "s3cret", 7, null, 1, 50, null), TimeProvider.System);
        var made = await client.CreateAsync(Name, 5, 10, null, None);
        Assert.Equal((ConsoleCreationState.Unreachable, "ConsoleUnreachable"), (made.State, made.Why!.Code));
    }

    [Fact]
    public async Task A_create_that_is_on_its_way_is_not_given_up_but_one_that_waits_is()
    {
        await using var console = await StandInConsole.StartAsync();
        using var stopping = new CancellationTokenSource();
        console.Meanwhile = _ => stopping.Cancel();
        using var client = console.Client();
        Assert.Equal(10, (await client.CreateAsync(Name, 5, 10, null, stopping.Token)).Keys.Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CreateAsync(Name, 5, 10, null, stopping.Token));
        Assert.Equal(1, console.Posts);
    }

    [Theory]
    [InlineData("https://new.example.com/api/redemption/?token=whisper", "https://new.example.com/")]
    [InlineData("https://mara:whisper@new.example.com/console/api/redemption/", "https://new.example.com/console/")]
    [InlineData("/elsewhere/api/redemption/", "/elsewhere/")]
    public async Task A_redirect_is_not_followed_and_names_the_address_to_set(string elsewhere, string says)
    {
        await using var other = await StandInConsole.StartAsync();
        await using var console = await StandInConsole.StartAsync();
        console.Elsewhere = elsewhere;
        console.Plan(ConsoleFault.Move).Plan(ConsoleFault.Move, "GET");
        using var client = console.Client();
        var said = Texts.English.WithField((await client.CreateAsync(Name, 5, 10, null, None)).Why!);
        Assert.EndsWith($"{says}.", said);
        Assert.DoesNotContain("whisper", said, StringComparison.Ordinal);
        Assert.Equal("ConsoleMoved", (await Assert.ThrowsAsync<ConsoleException>(() => client.FlavourAsync(None))).Refusal.Code);

        console.Elsewhere = other.Address + "/api/redemption/";
        console.Plan(ConsoleFault.Move);
        await client.CreateAsync(Name, 5, 10, null, None);
        Assert.Empty(other.Calls);
    }

    [Fact]
    public async Task A_console_below_a_path_is_called_there_and_one_that_is_none_says_so()
    {
        await using var console = await StandInConsole.StartAsync();
        using var client = console.Client(path: "/console");
        var made = await client.CreateAsync(Name, 5, 10, null, None);
        Assert.Equal("/console/api/redemption/", Assert.Single(console.Calls).Path);
        Assert.Equal((ConsoleCreationState.Refused, "ConsoleAnswered", "404"), (made.State, made.Why!.Code, Assert.Single(made.Why.Args)));
        await Assert.ThrowsAsync<ConsoleException>(() => client.StatusAsync(None));
        Assert.Equal(2, console.Calls.Count); // a path that is not there does not come by asking again
    }

    [Theory, MemberData(nameof(Consoles))]
    public async Task The_list_is_read_page_by_page_the_newest_first_and_left_when_enough_was_seen(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        var old = console.Make("old", 1, 205);
        console.Redeem(old[4], 42, DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        using var client = console.Client();
        var ids = new List<long>();
        await foreach (var code in client.ListAsync(None))
            ids.Add(code.Id);
        Assert.Equal(console.Codes.Select(code => code.Id).Reverse(), ids);

        var before = console.Calls.Count;
        await foreach (var code in client.ListAsync(None))
        {
            Assert.Equal(205, code.Id);
            break;
        }
        Assert.Equal(before + 1, console.Calls.Count);

        var found = await client.FindByKeysAsync([old[4], old[204], "unknown"], None);
        Assert.Equal([old[4], old[204]], found.Keys.OrderBy(key => found[key].Id));
        Assert.Equal((ConsoleCodeStatus.Used, DateTime.UnixEpoch.AddSeconds(1_790_000_000)), (found[old[4]].Status, found[old[4]].RedeemedAt));
        Assert.Equal(flavour == ConsoleFlavour.OneApi ? null : 42L, found[old[4]].UsedBy);
        Assert.DoesNotContain(console.Calls, call => old.Any(key => call.Path.Contains(key, StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Consoles))]
    public async Task Codes_that_are_made_while_the_list_is_read_bring_none_twice_and_hide_none(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        console.Make("old", 1, 230);
        console.Meanwhile = call =>
        {
            if (call.Method == "GET")
                console.Make("meanwhile", 1, 7);
        };
        using var client = console.Client();
        var codes = new List<ConsoleRedemption>();
        await foreach (var code in client.ListAsync(None))
            codes.Add(code);
        Assert.Equal(codes.Count, codes.Select(code => code.Id).Distinct().Count());
        Assert.Equal(230, codes.Count(code => code.Name == "old"));
    }

    [Theory, MemberData(nameof(Consoles))]
    public async Task A_name_of_more_than_one_page_is_found_whole(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        console.Make("1", 1, 130);
        console.Make("12", 1, 130);
        using var client = console.Client();
        Assert.Equal(130, (await client.FindByNameAsync("1", None)).Count);
        Assert.Empty(await client.FindByNameAsync("3", None)); // the number of a code
    }

    [Theory]
    [InlineData(ConsoleFlavour.OneApi, ConsoleFlavour.NewApi)]
    [InlineData(ConsoleFlavour.NewApi, ConsoleFlavour.OneApi)]
    public async Task A_console_of_the_other_flavour_is_not_misread(ConsoleFlavour set, ConsoleFlavour real)
    {
        await using var console = await StandInConsole.StartAsync(real);
        console.Make("old", 1, 25);
        using var client = console.Client(set: set);
        Assert.Equal("ConsoleOtherFlavour", (await Assert.ThrowsAsync<ConsoleException>(() => client.FindByNameAsync("old", None))).Refusal.Code);
    }

    [Theory, MemberData(nameof(Consoles))]
    public async Task A_code_that_nobody_used_is_disabled_once_and_a_used_one_is_left(ConsoleFlavour flavour, bool isNewer)
    {
        await using var console = await StandInConsole.StartAsync(flavour, isNewer);
        var keys = console.Make("old", 1, 3);
        console.Redeem(keys[1], 42, DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        using var client = console.Client();
        Assert.Equal(ConsoleDisabling.Disabled, await client.DisableAsync(1, None));
        Assert.Equal(ConsoleDisabling.WasDisabled, await client.DisableAsync(1, None));
        Assert.Equal(ConsoleDisabling.Used, await client.DisableAsync(2, None));
        Assert.Equal([2, 3, 1], console.Codes.Select(code => code.Status));
        Assert.Equal(1, console.Puts);
        Assert.Equal("ConsoleRefused", (await Assert.ThrowsAsync<ConsoleException>(() => client.DisableAsync(99, None))).Refusal.Code);
        Assert.All(console.Calls.Where(call => call.Method == "PUT"), call => Assert.Equal(("/api/redemption/?status_only=1", """{"id":1,"status":2}"""), (call.Path, call.Body)));
        Assert.DoesNotContain(console.Calls, call => call.Method == "DELETE");
    }

    [Fact]
    public async Task A_code_that_is_redeemed_while_it_is_disabled_is_told_as_used()
    {
        await using var console = await StandInConsole.StartAsync();
        var key = console.Make("old", 1, 1)[0];
        console.Meanwhile = call =>
        {
            if (call.Method == "PUT")
                console.Redeem(key, 42, DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        };
        using var client = console.Client();
        Assert.Equal(ConsoleDisabling.Used, await client.DisableAsync(1, None));
    }

    [Theory]
    [InlineData(nameof(ConsoleFault.Silence))]
    [InlineData(nameof(ConsoleFault.HangUp))]
    [InlineData(nameof(ConsoleFault.BadGateway))]
    [InlineData(nameof(ConsoleFault.Html))]
    public async Task Disabling_and_reading_are_tried_again(string fault)
    {
        await using var console = await StandInConsole.StartAsync();
        console.Make("old", 1, 1);
        console.Plan(Enum.Parse<ConsoleFault>(fault), "PUT").Plan(Enum.Parse<ConsoleFault>(fault), "GET");
        using var client = console.Client(patience: Short);
        Assert.Equal(ConsoleDisabling.Disabled, await client.DisableAsync(1, None));
        Assert.Equal((2, 2), (console.Puts, console.Codes[0].Status));
    }

    [Fact]
    public async Task Asking_again_ends()
    {
        await using var console = await StandInConsole.StartAsync();
        console.Plan(ConsoleFault.Error, "GET", 100);
        using var client = console.Client(new Hurried());
        var failure = await Assert.ThrowsAsync<ConsoleException>(() => client.FlavourAsync(None));
        Assert.Equal(("ConsoleAnswered", true, ConsoleClient.Attempts), (failure.Refusal.Code, failure.IsPassing, console.Calls.Count));
        await Assert.ThrowsAsync<ConsoleException>(() => client.LookAsync(None));
        Assert.Equal(ConsoleClient.Attempts + 2, console.Calls.Count);
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData(null, 10)]
    public async Task After_a_429_nobody_calls_for_as_long_as_was_asked(string? retryAfter, int seconds)
    {
        await using var console = await StandInConsole.StartAsync();
        console.RetryAfter = retryAfter;
        console.Plan(ConsoleFault.Limit, "GET").Plan(ConsoleFault.Limit);
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        using var client = console.Client(clock);
        var reading = client.FlavourAsync(None);
        await UntilAsync(() => console.Calls.Count == 1);
        await AssertWaitsAsync(clock, reading, TimeSpan.FromSeconds(seconds), () => console.Calls.Count == 1);
        Assert.Equal(ConsoleFlavour.NewApi, await reading);

        var made = await client.CreateAsync(Name, 5, 10, null, None);
        Assert.Equal((ConsoleCreationState.Limited, retryAfter is null ? null : TimeSpan.FromSeconds(seconds)), (made.State, made.RetryAfter));
        var next = client.CreateAsync(Name, 5, 10, null, None);
        await AssertWaitsAsync(clock, next, TimeSpan.FromSeconds(seconds), () => console.Posts == 1);
        Assert.Equal(ConsoleCreationState.Created, (await next).State);
        Assert.Equal(2, console.Posts); // of two calls
    }

    [Fact]
    public async Task A_console_that_asks_for_a_day_is_not_waited_for()
    {
        await using var console = await StandInConsole.StartAsync();
        console.RetryAfter = "86400";
        console.Plan(ConsoleFault.Limit, "GET");
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        using var client = console.Client(clock);
        var failure = await Assert.ThrowsAsync<ConsoleException>(() => client.FlavourAsync(None));
        Assert.Equal(("ConsoleLimited", true, 1), (failure.Refusal.Code, failure.IsPassing, console.Calls.Count));
        var next = client.FlavourAsync(None);
        await AssertWaitsAsync(clock, next, TimeSpan.FromMinutes(5), () => console.Calls.Count == 1); // later calls wait, though not for a day
        Assert.Equal(ConsoleFlavour.NewApi, await next);
    }

    [Fact]
    public async Task A_console_whose_certificate_nobody_vouches_for_is_told_nothing()
    {
        var taken = 0;
        using var certificate = AlarmTests.SelfMade();
        await using var stranger = await StandIn.StartAsync(_ => { taken++; return Task.CompletedTask; }, certificate);
        using var client = new ConsoleClient(new ConsoleSettings(new Uri($"https://localhost:{new Uri(stranger.Address).Port}/"), "s3cret", 7, null, 1, 50, null), TimeProvider.System);
        var made = await client.CreateAsync(Name, 5, 10, null, None);
        Assert.Equal((ConsoleCreationState.Unreachable, "SecureConnectionError"), (made.State, Assert.Single(made.Why!.Args)));
        Assert.Equal(0, taken);
    }

    [Fact]
    public async Task No_minute_has_more_calls_than_are_allowed()
    {
        await using var console = await StandInConsole.StartAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        using var client = console.Client(clock, perMinute: 3);
        for (var call = 0; call < 3; call++)
        {
            await client.StatusAsync(None);
            clock.Advance(TimeSpan.FromSeconds(10));
        }
        var fourth = client.StatusAsync(None); // the first was 30 seconds ago
        await AssertWaitsAsync(clock, fourth, TimeSpan.FromSeconds(30), () => console.Calls.Count == 3);
        await fourth;
        Assert.Equal(4, console.Calls.Count);
    }

    [Fact]
    public async Task A_bad_token_is_told_without_the_token()
    {
        foreach (var (flavour, isNewer) in new[] { (ConsoleFlavour.OneApi, false), (ConsoleFlavour.NewApi, false), (ConsoleFlavour.NewApi, true) })
        {
            await using var console = await StandInConsole.StartAsync(flavour, isNewer);
            using var client = console.Client(token: "s3cret");
            var failure = await Assert.ThrowsAsync<ConsoleException>(() => client.FindByNameAsync(Name, None));
            Assert.Equal("ConsoleUnauthorised", failure.Refusal.Code);
            Assert.Equal(ConsoleCreationState.Unauthorised, (await client.CreateAsync(Name, 5, 10, null, None)).State);
            Assert.DoesNotContain("s3cret", failure.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.False(failure.IsPassing);
        }
    }

    [Fact]
    public async Task Without_a_console_every_call_says_so()
    {
        using var client = new ConsoleClient(new ConsoleSettings(null, null, null, null, 1, 50, null), TimeProvider.System);
        Assert.False(client.IsOn);
        Assert.Equal("ConsoleNotSet", (await Assert.ThrowsAsync<RefusedException>(() => client.StatusAsync(None))).Refusal.Code);
        Assert.Equal("ConsoleNotSet", (await Assert.ThrowsAsync<RefusedException>(() => client.CreateAsync(Name, 1, 1, null, None))).Refusal.Code);
    }

    [Theory]
    [InlineData("""{"success":true,"data":["a","b"]}""", ConsoleCreationState.Created, 2)]
    [InlineData("""{"success":true,"data":["a"]}""", ConsoleCreationState.Unclear, 1)]
    [InlineData("""{"success":true,"data":["a","b","c"]}""", ConsoleCreationState.Unclear, 3)]
    [InlineData("""{"data":["a","b"]}""", ConsoleCreationState.Unclear, 2)]
    [InlineData("""{"success":true,"message":"","data":null}""", ConsoleCreationState.Unclear, 0)]
    [InlineData("""{"success":false,"message":"x","data":{"version":"1"}}""", ConsoleCreationState.Refused, 0)]
    [InlineData("""{"success":"false","message":"x"}""", ConsoleCreationState.Unclear, 0)]
    [InlineData("""["a","b"]""", ConsoleCreationState.Unclear, 0)]
    [InlineData("""{"success":true,"data":["a","b"]}x""", ConsoleCreationState.Unclear, 2)]
    [InlineData("null", ConsoleCreationState.Unclear, 0)]
    [InlineData("   ", ConsoleCreationState.Unclear, 0)]
    public async Task Every_answer_to_a_create_is_one_of_a_few_things(string body, ConsoleCreationState state, int keys)
    {
        foreach (var mark in new[] { "", "\uFEFF" })
        {
            await using var server = await StandIn.StartAsync(context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, mark + body));
            using var client = new ConsoleClient(new ConsoleSettings(new Uri(server.Address + "/"), "s3cret", 7, null, 1, 1000, null), TimeProvider.System);
            var made = await client.CreateAsync(Name, 5, 2, null, None);
            Assert.Equal((state, keys), (made.State == ConsoleCreationState.Unauthorised ? ConsoleCreationState.Refused : made.State, made.Keys.Count));
        }
    }

    [Fact]
    public void There_is_no_way_to_enable_or_delete_a_code()
    {
        var ways = typeof(ConsoleClient).GetMethods().Concat(typeof(ConsoleDatabase).GetMethods()).Select(method => method.Name);
        Assert.DoesNotContain(ways, name => name.Contains("Enable", StringComparison.Ordinal) || name.Contains("Delete", StringComparison.Ordinal) || name.Contains("Update", StringComparison.Ordinal));
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src", "BackOffice.Jobs", "Integrations", "OneApi", "ConsoleClient.cs"));
        Assert.DoesNotContain("HttpMethod.Delete", source, StringComparison.Ordinal);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(source, "HttpMethod.Put"));
    }

    private static void AssertTellsNoSecret(StandInConsole console, params string[] said) => Assert.All(said, text =>
    {
        Assert.DoesNotContain(StandInConsole.Token, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(console.Codes, code => text.Contains(code.Key, StringComparison.OrdinalIgnoreCase));
    });

    private static async Task AssertWaitsAsync(FakeTimeProvider clock, Task work, TimeSpan wait, Func<bool> isStill)
    {
        await Task.Delay(100); // until it waits
        clock.Advance(wait - TimeSpan.FromSeconds(1));
        await Task.Delay(100);
        Assert.True(isStill());
        Assert.False(work.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));
        await work.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task UntilAsync(Func<bool> done)
    {
        for (var tries = 0; !done(); tries++)
        {
            Assert.True(tries < 3000);
            await Task.Delay(10);
        }
    }

    /// <summary>Whose timers ring a hundred times too early.</summary>
    private sealed class Hurried : TimeProvider
    {
        public override long GetTimestamp() => System.GetTimestamp() * 100;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime > TimeSpan.FromSeconds(20) ? dueTime : dueTime / 100, period);
    }
}
