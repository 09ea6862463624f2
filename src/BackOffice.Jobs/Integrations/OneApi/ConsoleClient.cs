using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackOffice.Domain;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>Speaks to the console's API about redemption codes and its log. It can make codes, find them and disable them; there is no way here to enable or delete one.</summary>
/// <remarks>
/// A create is sent once, whatever happens: the caller writes down the name before, and after an unclear end finds by it what was made. What only reads, and disabling, is tried
/// again for as long as makes sense. Token, keys and bodies are in no log and no failure.
/// </remarks>
public sealed class ConsoleClient : IDisposable
{
    /// <summary>How often what may be tried again is tried.</summary>
    public const int Attempts = 4;

    private const string Redemptions = "api/redemption/"; // without the slash the console answers a redirect
    private const string Status = "api/status";
    private const string Logs = "api/log/";
    private const int PageSize = 100; // newer ones give no more
    private const int MostBarrenPages = 20;
    private const int LargestBody = 32 << 20;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly ConsoleSettings _settings;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private readonly ConsolePace _pace;
    private readonly HttpClient _client;
    private ConsoleFlavour? _found;

    /// <param name="settings">Which console.</param>
    /// <param name="clock">Counts the calls of a minute.</param>
    /// <param name="patience">How long an answer is waited for; half a minute when it is not given.</param>
    public ConsoleClient(ConsoleSettings settings, TimeProvider clock, TimeSpan? patience = null)
    {
        (_settings, _clock, _patience) = (settings, clock, patience ?? TimeSpan.FromSeconds(30));
        _pace = new(settings.RequestsPerMinute, clock);
        // Not from the factory, whose clients log what they call. A redirect would take the token elsewhere. A kept connection may have died unnoticed,
        // and then nobody knows whether a create arrived: each call has one of its own, of which there are few a minute.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.Zero };
        _client = new(handler) { BaseAddress = settings.BaseUrl, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Whether there is a console to speak to.</summary>
    public bool IsOn => _settings.IsOn;

    public void Dispose()
    {
        _client.Dispose();
        _pace.Dispose();
    }

    /// <summary>What the console tells everybody.</summary>
    /// <exception cref="ConsoleException">It did not answer as a console does.</exception>
    public async Task<ConsoleStatus> StatusAsync(CancellationToken token)
    {
        using var answer = await AskAsync(HttpMethod.Get, Status, null, Attempts, token).ConfigureAwait(false);
        return ConsoleReading.Status(answer);
    }

    /// <summary>Which console it is: as it is set, otherwise found out once.</summary>
    /// <exception cref="ConsoleException">It did not answer as a console does, or not to us.</exception>
    public async Task<ConsoleFlavour> FlavourAsync(CancellationToken token) =>
        _settings.Flavour ?? _found ?? (_found = await DetectAsync(Attempts, token).ConfigureAwait(false)).Value;

    /// <summary>What it says of itself and which console it answers as, each asked once: for somebody who is waiting to know whether it takes our calls.</summary>
    /// <exception cref="ConsoleException">It did not answer as a console does, or not to us.</exception>
    public async Task<(ConsoleStatus Status, ConsoleFlavour Flavour)> LookAsync(CancellationToken token)
    {
        using var answer = await AskAsync(HttpMethod.Get, Status, null, 1, token).ConfigureAwait(false);
        return (ConsoleReading.Status(answer), await DetectAsync(1, token).ConfigureAwait(false));
    }

    /// <summary>Has the console make codes. Never sent twice; once it is on its way it is not given up before its answer or the end of patience, because the answer holds live keys.</summary>
    /// <param name="name">Unique for this call, and written down before it: by it is found what was made when the answer does not come. 1 to 20 bytes of UTF-8, no spaces at the ends, neither % nor \.</param>
    /// <param name="quota">What each is worth, above 0.</param>
    /// <param name="count">1 to 100.</param>
    /// <param name="expiresAt">UTC. One API knows no expiry and is refused; New API of early 2025 passes over it.</param>
    /// <param name="token">Heard until the call is sent.</param>
    /// <exception cref="RefusedException">The console would not take it, or there is no console: nothing was sent.</exception>
    /// <exception cref="ConsoleException">Whether the console knows an expiry could not be found out: nothing was made.</exception>
    public async Task<ConsoleCreation> CreateAsync(string name, long quota, int count, DateTime? expiresAt, CancellationToken token)
    {
        Require(name, quota, count);
        if (expiresAt is not null && await FlavourAsync(token).ConfigureAwait(false) == ConsoleFlavour.OneApi)
            throw new RefusedException(new Refusal("ConsoleNoExpiry", ""));
        var body = new Dictionary<string, object> { ["name"] = name, ["quota"] = quota, ["count"] = count };
        if (expiresAt is { } at)
            body["expired_time"] = ConsoleRules.Seconds(at);

        await _pace.WaitAsync(token).ConfigureAwait(false);
        var answer = await SendAsync(HttpMethod.Post, Redemptions, body, CancellationToken.None).ConfigureAwait(false);
        if (answer.IsLimited)
            _pace.Pause(Shorter(Pause(1, answer)));
        var creation = answer.Creation(count, _settings.AccessToken);
        return creation.State == ConsoleCreationState.Refused && creation.Why!.Code == "ConsoleRefused" ? await WhoseFaultAsync(creation, token).ConfigureAwait(false) : creation;
    }

    /// <summary>What was made under exactly this name.</summary>
    /// <exception cref="ConsoleException">The console could not be asked.</exception>
    public async Task<IReadOnlyList<ConsoleRedemption>> FindByNameAsync(string name, CancellationToken token)
    {
        var found = new List<ConsoleRedemption>();
        await foreach (var code in PagesAsync($"{Redemptions}search?keyword={Uri.EscapeDataString(name)}&", isPagedByBoth: false, ConsoleReading.Redemption, code => code.Id, token).ConfigureAwait(false))
        {
            if (code.Name == name)
                found.Add(code);
        }
        return found;
    }

    /// <summary>Every code there is, the newest first; stop when enough were seen, for each page is a call. A code is given once, also when others are made meanwhile. Large consoles are read in their database.</summary>
    /// <exception cref="ConsoleException">The console could not be asked.</exception>
    public IAsyncEnumerable<ConsoleRedemption> ListAsync(CancellationToken token) => PagesAsync(Redemptions + "?", isPagedByBoth: true, ConsoleReading.Redemption, code => code.Id, token);

    /// <summary>Every row of the log of one type and a stretch of time, the newest first, each once; all of them, or it fails.</summary>
    /// <param name="type">2 is consumption, 6 a refund of New API.</param>
    /// <param name="from">First instant, UTC, whole seconds.</param>
    /// <param name="until">First instant that is not included, UTC, whole seconds: it must have passed, or rows would move from page to page.</param>
    /// <param name="token">To stop.</param>
    /// <exception cref="ConsoleException">The console could not be asked, or gave fewer rows than it says there are.</exception>
    public IAsyncEnumerable<ConsoleLogRow> LogsAsync(int type, DateTime from, DateTime until, CancellationToken token) => PagesAsync(
        FormattableString.Invariant($"{Logs}?type={type}&start_timestamp={ConsoleRules.Seconds(from)}&end_timestamp={ConsoleRules.Seconds(until) - 1}&"),
        isPagedByBoth: true, ConsoleLogRow.Of, row => row.Id, token, isWhole: true);

    /// <summary>The codes with these keys, by key; reads the list until all were seen or it ends. No key is sent: addresses end up in logs.</summary>
    /// <exception cref="ConsoleException">The console could not be asked.</exception>
    public async Task<IReadOnlyDictionary<string, ConsoleRedemption>> FindByKeysAsync(IReadOnlyCollection<string> keys, CancellationToken token)
    {
        var (sought, found) = (keys.ToHashSet(StringComparer.Ordinal), new Dictionary<string, ConsoleRedemption>(StringComparer.Ordinal));
        if (sought.Count == 0)
            return found;
        await foreach (var code in ListAsync(token).ConfigureAwait(false))
        {
            if (sought.Contains(code.Key))
                found.TryAdd(code.Key, code);
            if (found.Count == sought.Count)
                break;
        }
        return found;
    }

    /// <summary>Disables a code that nobody has used. The console itself would disable, or enable, a used one: so it is looked at first.</summary>
    /// <exception cref="ConsoleException">The console could not be asked, does not know the code, or did not do it.</exception>
    public async Task<ConsoleDisabling> DisableAsync(long id, CancellationToken token)
    {
        var before = await FindAsync(id, token).ConfigureAwait(false);
        if (before.Status == ConsoleCodeStatus.Used || before.RedeemedAt is not null)
            return ConsoleDisabling.Used;
        if (before.Status == ConsoleCodeStatus.Disabled)
            return ConsoleDisabling.WasDisabled;
        if (before.Status != ConsoleCodeStatus.Enabled)
            throw Nonsense();
        var body = new Dictionary<string, object> { ["id"] = id, ["status"] = (int)ConsoleCodeStatus.Disabled };
        using (await AskAsync(HttpMethod.Put, Redemptions + "?status_only=1", body, Attempts, token).ConfigureAwait(false))
        {
        }
        var after = await FindAsync(id, token).ConfigureAwait(false);
        return after.Status == ConsoleCodeStatus.Used || after.RedeemedAt is not null || after.UsedBy is not null ? ConsoleDisabling.Used
            : after.Status == ConsoleCodeStatus.Disabled ? ConsoleDisabling.Disabled
            : throw Nonsense();
    }

    // One that lists in pages with a total is New API.
    private async Task<ConsoleFlavour> DetectAsync(int attempts, CancellationToken token) =>
        (await PageAsync($"{Redemptions}?p=1&page_size=1", attempts, ConsoleReading.Redemption, token).ConfigureAwait(false)).Flavour;

    private async Task<ConsoleRedemption> FindAsync(long id, CancellationToken token)
    {
        using var answer = await AskAsync(HttpMethod.Get, FormattableString.Invariant($"{Redemptions}{id}"), null, Attempts, token).ConfigureAwait(false);
        var code = ConsoleReading.Redemption(answer);
        return code.Id == id ? code : throw Nonsense();
    }

    // One API answers a bad token with the same envelope as a bad name: only one that may not even read the list is the token's fault.
    private async Task<ConsoleCreation> WhoseFaultAsync(ConsoleCreation refused, CancellationToken token)
    {
        try
        {
            await DetectAsync(1, token).ConfigureAwait(false);
            return refused;
        }
        catch (ConsoleException other)
        {
            return other.Refusal.Code == "ConsoleUnauthorised" ? refused with { State = ConsoleCreationState.Unauthorised, Why = other.Refusal } : refused;
        }
    }

    // A row without an id cannot be known again, and is given as often as it comes.
    private async IAsyncEnumerable<T> PagesAsync<T>(
        string path, bool isPagedByBoth, Func<JsonElement, T> one, Func<T, long?> idOf, [EnumeratorCancellation] CancellationToken token, bool isWhole = false)
    {
        var flavour = await FlavourAsync(token).ConfigureAwait(false);
        var (seen, given, read, barren, first) = (new HashSet<long>(), 0L, 0L, 0, 0);
        for (var number = flavour == ConsoleFlavour.NewApi ? 1 : 0; ; number++)
        {
            var page = await PageAsync(FormattableString.Invariant($"{path}p={number}&page_size={PageSize}"), Attempts, one, token).ConfigureAwait(false);
            if (page.Flavour != flavour)
                throw Other();
            var fresh = page.Rows.Where(row => idOf(row) is not { } id || seen.Add(id)).ToList();
            foreach (var row in fresh)
                yield return row;

            read += page.Rows.Count;
            given += fresh.Count;
            first = Math.Max(first, page.Rows.Count);
            barren = fresh.Count == 0 ? barren + 1 : 0;
            var isLast = page.Total is { } total ? read >= total : page.Rows.Count < first || !(isPagedByBoth || flavour == ConsoleFlavour.NewApi);
            if (page.Rows.Count == 0 || isLast)
            {
                // Rows that came or went meanwhile moved others over the edge of a page.
                if (isWhole && given < page.Total)
                    throw new ConsoleException(new Refusal("ConsoleRowsShort", "", FormattableString.Invariant($"{given}"), FormattableString.Invariant($"{page.Total}")), isPassing: true);
                yield break;
            }
            if (barren == MostBarrenPages)
                throw Nonsense(); // it gives the same page whatever is asked for
        }
    }

    // The console was exchanged under us: the next call finds out anew.
    private ConsoleException Other()
    {
        _found = null;
        return new(new Refusal("ConsoleOtherFlavour", ""), isPassing: _settings.Flavour is null);
    }

    // There is no reason to refuse the list but who asks for it.
    private async Task<ConsolePage<T>> PageAsync<T>(string path, int attempts, Func<JsonElement, T> one, CancellationToken token)
    {
        try
        {
            using var answer = await AskAsync(HttpMethod.Get, path, null, attempts, token).ConfigureAwait(false);
            return ConsoleReading.Page(answer, one);
        }
        catch (ConsoleException refused) when (refused.Refusal.Code == "ConsoleRefused")
        {
            throw new ConsoleException(refused.Refusal with { Code = "ConsoleUnauthorised" }, isPassing: false);
        }
    }

    // For what may be done twice.
    private async Task<JsonDocument> AskAsync(HttpMethod method, string path, object? body, int attempts, CancellationToken token)
    {
        for (var attempt = 1; ; attempt++)
        {
            await _pace.WaitAsync(token).ConfigureAwait(false);
            var answer = await SendAsync(method, path, body, token).ConfigureAwait(false);
            var pause = Pause(attempt, answer);
            if (answer.IsLimited)
                _pace.Pause(Shorter(pause));
            try
            {
                return answer.Data(_settings.AccessToken);
            }
            catch (ConsoleException failure) when (failure.IsPassing && attempt < attempts && pause <= LongestPause)
            {
                if (!answer.IsLimited)
                    await Task.Delay(pause, _clock, token).ConfigureAwait(false);
            }
        }
    }

    // 10, 30, 90 seconds of the minutes for which a console counts; for other troubles a tenth of it.
    private static TimeSpan Pause(int attempt, ConsoleAnswer answer) =>
        answer.RetryAfter ?? TimeSpan.FromSeconds(Math.Pow(3, attempt - 1) * (answer.IsLimited ? 10 : 1));

    private static TimeSpan Shorter(TimeSpan pause) => pause < LongestPause ? pause : LongestPause;

    private async Task<ConsoleAnswer> SendAsync(HttpMethod method, string path, object? body, CancellationToken token)
    {
        if (!IsOn)
            throw new RefusedException(new Refusal("ConsoleNotSet", "", "Console:BaseUrl"));
        using var patience = new CancellationTokenSource(_patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, token);
        using var request = Request(method, path, body);
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var (received, trouble) = await ReceiveAsync(answer, either.Token, token).ConfigureAwait(false);
            var elsewhere = answer.Headers.Location is { } location ? new Uri(request.RequestUri!, location) : null;
            return new(answer.StatusCode, received, trouble, RetryAfter: RetryAfter(answer.Headers.RetryAfter), Elsewhere: elsewhere);
        }
        catch (HttpRequestException failure)
        {
            var wasSent = failure.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError);
            return new(null, default, new Refusal("ConsoleUnreachable", "", failure.HttpRequestError.ToString()), wasSent);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return new(null, default, new Refusal("ConsoleSilent", ""));
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, object? body)
    {
        var request = new HttpRequestMessage(method, new Uri(_settings.BaseUrl!, path));
        request.Headers.TryAddWithoutValidation("Authorization", _settings.AccessToken);
        request.Headers.TryAddWithoutValidation("New-Api-User", FormattableString.Invariant($"{_settings.UserId}"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return request;
    }

    // As much as comes: of an answer that is broken off, what came holds live keys.
    private static async Task<(ReadOnlyMemory<byte> Received, Refusal? Trouble)> ReceiveAsync(HttpResponseMessage answer, CancellationToken either, CancellationToken token)
    {
        using var received = new MemoryStream();
        try
        {
            await using var content = await answer.Content.ReadAsStreamAsync(either).ConfigureAwait(false);
            var part = new byte[16 << 10];
            for (int count; (count = await content.ReadAsync(part, either).ConfigureAwait(false)) > 0;)
            {
                received.Write(part, 0, count);
                if (received.Length > LargestBody)
                    return (received.ToArray(), new Refusal("ConsoleNonsense", ""));
            }
            return (received.ToArray(), null);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException)
        {
            return (received.ToArray(), new Refusal("ConsoleUnreachable", "", nameof(HttpRequestError.ResponseEnded)));
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return (received.ToArray(), new Refusal("ConsoleSilent", ""));
        }
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var pause = header?.Delta ?? header?.Date - _clock.GetUtcNow();
        return pause is { } given && given < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }

    // The search takes the name as a pattern of LIKE: what it would not find again is not sent.
    private static void Require(string name, long quota, int count)
    {
        ConsoleRules.RequireName(name);
        if (name.Trim() != name || name.AsSpan().ContainsAny('%', '\\'))
            throw new RefusedException(new Refusal("ConsoleNameUnfindable", ""));
        ConsoleRules.RequireQuota(quota);
        if (count is < 1 or > ConsoleRules.MostPerCall)
            throw new RefusedException(new Refusal("ConsoleCountUnusable", "", FormattableString.Invariant($"{ConsoleRules.MostPerCall}")));
    }

    private static ConsoleException Nonsense() => new(new Refusal("ConsoleNonsense", ""), isPassing: true);
}
