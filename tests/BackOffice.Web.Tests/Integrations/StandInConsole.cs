using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackOffice.Jobs.Integrations.OneApi;
using BackOffice.Web.Tests.Nights;
using Microsoft.AspNetCore.Http;

namespace BackOffice.Web.Tests.Integrations;

/// <summary>What can go wrong with one call; it happens once, to the next call with the method it was planned for.</summary>
public enum ConsoleFault
{
    /// <summary>200 with <c>success: false</c>, before anything was done.</summary>
    Refuse,

    /// <summary>Creates some, then an error: <c>success: false</c> and the keys made so far. There is no transaction.</summary>
    StopInTheMiddle,

    /// <summary>Does all of it and never answers.</summary>
    Silence,

    /// <summary>Does all of it and hangs up instead of answering.</summary>
    HangUp,

    /// <summary>Does all of it and hangs up in the middle of the answer.</summary>
    HangUpInAnswer,

    /// <summary>Does all of it; the answer is JSON that ends too early.</summary>
    HalfJson,

    /// <summary>Does all of it; the answer is empty.</summary>
    Empty,

    /// <summary>Does all of it; somebody in between answers with a page.</summary>
    Html,

    /// <summary>Does all of it; somebody in between answers 502 with a page.</summary>
    BadGateway,

    /// <summary>500 with an empty body, before anything was done.</summary>
    Error,

    /// <summary>429 with an empty body.</summary>
    Limit,

    /// <summary>307 to <see cref="StandInConsole.Elsewhere"/>.</summary>
    Move,

    /// <summary>200 with <c>success: false</c> to this token, here and from now on: its user was banned.</summary>
    Ban,

    /// <summary>401.</summary>
    Unauthorised,
}

/// <summary>A row of the console's table.</summary>
internal sealed class StandInCode
{
    public required long Id { get; init; }

    public required string Key { get; init; }

    public int Status { get; set; } = 1;

    public required string Name { get; set; }

    public required long Quota { get; set; }

    public required long CreatedTime { get; init; }

    public long RedeemedTime { get; set; }

    public long UsedUserId { get; set; }

    public long ExpiredTime { get; set; }

    public bool IsDeleted { get; set; }
}

/// <param name="Method">As it was called.</param>
/// <param name="Path">With its question.</param>
/// <param name="Token">The whole header; null when there was none.</param>
/// <param name="User">The header <c>New-Api-User</c>.</param>
/// <param name="Body">As text.</param>
internal sealed record StandInCall(string Method, string Path, string? Token, string? User, string Body);

/// <summary>A console of either flavour over real HTTP, as far as redemption codes and the log go, with its faults (one-api.md 3 and 7).</summary>
internal sealed class StandInConsole(ConsoleFlavour flavour, bool isNewer) : IAsyncDisposable
{
    public const string Token = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    public const int UserId = 7;
    private const string NoQuota = """{"success":false,"message":"数据库错误","data":null}""";

    private readonly ConcurrentQueue<(string Method, ConsoleFault Fault)> _faults = new();
    private readonly ConcurrentQueue<StandInCall> _calls = new();
    private readonly List<StandInCode> _codes = [];
    private readonly List<Dictionary<string, object?>> _log = [];
    private StandIn? _server;
    private bool _isBanned;
    private long _lastId;

    public string Address => _server!.Address;

    /// <summary>The rows, oldest first, with those that are hidden.</summary>
    public IReadOnlyList<StandInCode> Codes
    {
        get
        {
            lock (_codes)
                return [.. _codes];
        }
    }

    /// <summary>Every call, also those that ran into a fault.</summary>
    public IReadOnlyList<StandInCall> Calls => [.. _calls];

    public int Posts => _calls.Count(call => call.Method == "POST");

    public int Puts => _calls.Count(call => call.Method == "PUT");

    /// <summary>The log, oldest first, each row as its API shows it.</summary>
    public IReadOnlyList<Dictionary<string, object?>> Log
    {
        get
        {
            lock (_log)
                return [.. _log];
        }
    }

    /// <summary>Calls for pages of the log.</summary>
    public int LogCalls => _calls.Count(call => call.Path.StartsWith("/api/log/", StringComparison.Ordinal));

    /// <summary>Rows come into the log.</summary>
    public void Write(params IReadOnlyList<Dictionary<string, object?>> rows)
    {
        lock (_log)
            _log.AddRange(rows);
    }

    /// <summary>Where a fault leads that moves it.</summary>
    public string Elsewhere { get; set; } = "https://moved.example.com/api/redemption/";

    /// <summary>What a 429 says; nothing when null, as the real one.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>How many a call makes before it stops in the middle.</summary>
    public int MadeBeforeStop { get; set; } = 3;

    /// <summary>The time it writes into its rows.</summary>
    public Func<DateTimeOffset> Clock { get; set; } = TimeProvider.System.GetUtcNow;

    /// <summary>What happens in the world before a call is taken up.</summary>
    public Action<StandInCall>? Meanwhile { get; set; }

    /// <summary>As the program is told of it.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Console:BaseUrl", Address), ("Console:AccessToken", Token), ("Console:UserId", UserId.ToString(CultureInfo.InvariantCulture)), ("Console:RequestsPerMinute", "10000"),
    ];

    public static async Task<StandInConsole> StartAsync(ConsoleFlavour flavour = ConsoleFlavour.NewApi, bool isNewer = true)
    {
        var console = new StandInConsole(flavour, isNewer && flavour == ConsoleFlavour.NewApi);
        console._server = await StandIn.StartAsync(console.AnswerAsync);
        return console;
    }

    /// <summary>A client of it, as patient as it is told.</summary>
    public ConsoleClient Client(TimeProvider? clock = null, TimeSpan? patience = null, int perMinute = 10_000, ConsoleFlavour? set = null, string token = Token, string path = "") =>
        new(new ConsoleSettings(new Uri(Address + path + "/"), token, UserId, set, 1, perMinute, null), clock ?? TimeProvider.System, patience);

    /// <summary>The next call with this method runs into it; after those planned before.</summary>
    public StandInConsole Plan(ConsoleFault fault, string method = "POST", int times = 1)
    {
        for (; times > 0; times--)
            _faults.Enqueue((method, fault));
        return this;
    }

    /// <summary>A customer redeems it, whatever its status was: the console's own check has a race.</summary>
    public void Redeem(string key, int userId, DateTimeOffset at)
    {
        lock (_codes)
        {
            var code = _codes.Single(one => one.Key == key);
            (code.Status, code.RedeemedTime, code.UsedUserId) = (3, at.ToUnixTimeSeconds(), flavour == ConsoleFlavour.NewApi ? userId : 0);
        }
    }

    /// <summary>Makes codes as if somebody had on its pages.</summary>
    public IReadOnlyList<string> Make(string name, long quota, int count, long expiredTime = 0)
    {
        lock (_codes)
        {
            var made = Enumerable.Range(0, count).Select(_ => new StandInCode
            {
                Id = ++_lastId,
                Key = RandomNumberGenerator.GetHexString(32, lowercase: true),
                Name = name,
                Quota = quota == 0 ? 100 : quota, // the column's default stands in for a zero
                CreatedTime = Clock().ToUnixTimeSeconds(),
                ExpiredTime = isNewer ? expiredTime : 0,
            }).ToList();
            _codes.AddRange(made);
            return [.. made.Select(code => code.Key)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var call = new StandInCall(context.Request.Method, context.Request.Path + context.Request.QueryString, Header(context, "Authorization"), Header(context, "New-Api-User"), await reader.ReadToEndAsync());
        _calls.Enqueue(call);
        Meanwhile?.Invoke(call);
        var path = context.Request.Path.Value!;
        if (path == "/api/status")
            await WriteAsync(context, 200, Status());
        else if (path == "/api/redemption")
            Redirect(context, call.Method == "GET" ? 301 : 307, "/api/redemption/");
        else if (!path.StartsWith("/api/redemption/", StringComparison.Ordinal) && path != "/api/log/")
            await WriteAsync(context, 404, """{"error":{"message":"Invalid URL"}}""");
        else if (_faults.TryPeek(out var planned) && planned.Method == call.Method && _faults.TryDequeue(out planned))
            await FailAsync(context, call, planned.Fault);
        else
            await WorkAsync(context, call);
    }

    private async Task WorkAsync(HttpContext context, StandInCall call)
    {
        var (status, answer) = Refused(call) ?? (200, Done(context, call, int.MaxValue));
        await WriteAsync(context, status, answer);
    }

    private async Task FailAsync(HttpContext context, StandInCall call, ConsoleFault fault)
    {
        switch (fault)
        {
            case ConsoleFault.Refuse:
                await WriteAsync(context, 200, NoQuota);
                break;
            case ConsoleFault.StopInTheMiddle:
                await WriteAsync(context, 200, Done(context, call, MadeBeforeStop));
                break;
            case ConsoleFault.Silence:
                Done(context, call, int.MaxValue);
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case ConsoleFault.HangUp:
                Done(context, call, int.MaxValue);
                context.Abort();
                break;
            case ConsoleFault.HangUpInAnswer:
                await HangUpAsync(context, Encoding.UTF8.GetBytes(Done(context, call, int.MaxValue)));
                break;
            case ConsoleFault.HalfJson:
                var whole = Done(context, call, int.MaxValue);
                await WriteAsync(context, 200, whole[..(whole.Length * 2 / 3)]);
                break;
            case ConsoleFault.Empty:
                Done(context, call, int.MaxValue);
                await WriteAsync(context, 200, "");
                break;
            case ConsoleFault.Html or ConsoleFault.BadGateway:
                Done(context, call, int.MaxValue);
                await WriteAsync(context, fault == ConsoleFault.Html ? 200 : 502, "<html><body>Sign in</body></html>", "text/html");
                break;
            case ConsoleFault.Error:
                context.Response.StatusCode = 500;
                break;
            case ConsoleFault.Limit:
                context.Response.StatusCode = 429;
                if (RetryAfter is not null)
                    context.Response.Headers.RetryAfter = RetryAfter;
                break;
            case ConsoleFault.Move:
                Redirect(context, 307, Elsewhere);
                break;
            case ConsoleFault.Ban:
                _isBanned = true;
                await WorkAsync(context, call);
                break;
            case ConsoleFault.Unauthorised:
                await WriteAsync(context, 401, """{"success":false,"message":"无权进行此操作","code":"AUTH_UNAUTHORIZED"}""");
                break;
        }
    }

    private static async Task HangUpAsync(HttpContext context, byte[] answer)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer.AsMemory(0, answer.Length * 2 / 3));
        await context.Response.Body.FlushAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(200)); // so that it has left before the line is cut
        context.Abort();
    }

    private string Status() => Json(new Dictionary<string, object?>
    {
        ["success"] = true,
        ["message"] = "",
        ["data"] = new Dictionary<string, object?> { ["version"] = flavour == ConsoleFlavour.OneApi ? "v0.6.10" : "v0.9.2", ["system_name"] = "AiCredits", ["quota_per_unit"] = 500_000, ["display_in_currency"] = true },
    });

    // One API and New API of 2025 answer 200 to a bad token; newer ones 401 with a code.
    private (int, string)? Refused(StandInCall call)
    {
        if (call.Token is null || (flavour == ConsoleFlavour.NewApi && !isNewer && call.User != UserId.ToString(CultureInfo.InvariantCulture)))
            return (401, """{"success":false,"message":"无权进行此操作，未提供 New-Api-User"}""");
        var token = call.Token.StartsWith("Bearer ", StringComparison.Ordinal) ? call.Token["Bearer ".Length..] : call.Token;
        if (token == Token && !_isBanned)
            return null;
        return isNewer
            ? (401, """{"success":false,"message":"无权进行此操作，access token 无效","code":"AUTH_UNAUTHORIZED"}""")
            : (200, $$"""{"success":false,"message":"无权进行此操作，access token {{token}} 无效"}""");
    }

    private string Done(HttpContext context, StandInCall call, int most)
    {
        if (context.Request.Path.Value == "/api/log/")
            return LogPage(context);
        var rest = context.Request.Path.Value!["/api/redemption/".Length..];
        return (call.Method, rest) switch
        {
            ("GET", "") => List(context, [.. Seen().OrderByDescending(code => code.Id)], isPaged: true),
            ("GET", "search") => List(context, Search(context.Request.Query["keyword"].ToString()), isPaged: flavour == ConsoleFlavour.NewApi),
            ("GET", _) => Seen().FirstOrDefault(code => code.Id == long.Parse(rest, CultureInfo.InvariantCulture)) is { } code ? Success(Shown(code)) : Failure("record not found"),
            ("POST", "") => Create(JsonDocument.Parse(call.Body).RootElement, most),
            ("PUT", "") => Update(JsonDocument.Parse(call.Body).RootElement, context.Request.Query.ContainsKey("status_only")),
            ("DELETE", _) => Delete(long.Parse(rest, CultureInfo.InvariantCulture)),
            _ => Failure("无效的请求"),
        };
    }

    private string Create(JsonElement body, int most)
    {
        var (name, count) = (body.GetProperty("name").GetString()!, body.GetProperty("count").GetInt32());
        var length = isNewer ? name.EnumerateRunes().Count() : Encoding.UTF8.GetByteCount(name);
        if (length is 0 or > 20)
            return Failure("兑换码名称长度必须在1-20之间");
        if (count <= 0)
            return Failure("兑换码个数必须大于0");
        if (count > 100)
            return Failure("一次兑换码批量生成的个数不能大于 100");
        var made = Make(name, body.TryGetProperty("quota", out var quota) ? quota.GetInt64() : 0, Math.Min(count, most), body.TryGetProperty("expired_time", out var expiry) ? expiry.GetInt64() : 0);
        return made.Count == count ? Success(made) : Json(new Dictionary<string, object?> { ["success"] = false, ["message"] = $"Duplicate entry '{made[^1]}' for key", ["data"] = made });
    }

    // It checks nothing.
    private string Update(JsonElement body, bool isStatusOnly)
    {
        if (Seen().FirstOrDefault(one => one.Id == body.GetProperty("id").GetInt64()) is not { } code)
            return Failure("record not found");
        if (isStatusOnly)
            code.Status = body.GetProperty("status").GetInt32();
        else
            (code.Name, code.Quota) = (body.GetProperty("name").GetString()!, body.GetProperty("quota").GetInt64());
        return Success(Shown(code));
    }

    private string Delete(long id)
    {
        lock (_codes)
        {
            if (flavour == ConsoleFlavour.OneApi)
                _codes.RemoveAll(code => code.Id == id);
            else
                _codes.Where(code => code.Id == id).ToList().ForEach(code => code.IsDeleted = true);
        }
        return Success(null);
    }

    private List<StandInCode> Seen() => [.. Codes.Where(code => !code.IsDeleted)];

    // LIKE of MySQL and SQLite passes over capitals. One API gives no order.
    private List<StandInCode> Search(string keyword)
    {
        var found = Seen().Where(code => code.Id.ToString(CultureInfo.InvariantCulture) == keyword || code.Name.StartsWith(keyword, StringComparison.OrdinalIgnoreCase));
        return [.. flavour == ConsoleFlavour.OneApi ? found : found.OrderByDescending(code => code.Id)];
    }

    private string List(HttpContext context, List<StandInCode> codes, bool isPaged)
    {
        if (flavour == ConsoleFlavour.OneApi)
            return Success((isPaged ? codes.Skip(Number(context, "p", 0) * 10).Take(10) : codes).Select(Shown));
        var (page, size) = (Math.Max(1, Number(context, "p", 1)), Math.Min(100, Number(context, "page_size", 10)));
        return Success(new Dictionary<string, object?> { ["page"] = page, ["page_size"] = size, ["total"] = codes.Count, ["items"] = codes.Skip((page - 1) * size).Take(size).Select(Shown) });
    }

    // Both ends of the time are included; a missing page size is none.
    private string LogPage(HttpContext context)
    {
        var (type, from, until) = (Number(context, "type", 0), Number(context, "start_timestamp", 0), Number(context, "end_timestamp", int.MaxValue));
        var rows = Log.Where(row => (type == 0 || Convert.ToInt64(row["type"], CultureInfo.InvariantCulture) == type) && row["created_at"] is long at && at >= from && at <= until).OrderByDescending(row => row["id"]).ToList();
        if (flavour == ConsoleFlavour.OneApi)
            return Success(rows.Skip(Number(context, "p", 0) * 10).Take(10));
        var (page, size) = (Math.Max(1, Number(context, "p", 1)), Math.Min(100, Number(context, "page_size", 0)));
        return Success(new Dictionary<string, object?> { ["page"] = page, ["page_size"] = size, ["total"] = rows.Count, ["items"] = rows.Skip((page - 1) * size).Take(size) });
    }

    private Dictionary<string, object?> Shown(StandInCode code)
    {
        var shown = new Dictionary<string, object?>
        {
            ["id"] = code.Id,
            ["user_id"] = UserId,
            ["key"] = code.Key,
            ["status"] = code.Status,
            ["name"] = code.Name,
            ["quota"] = code.Quota,
            ["created_time"] = code.CreatedTime,
            ["redeemed_time"] = code.RedeemedTime,
            ["count"] = 0,
        };
        if (flavour == ConsoleFlavour.NewApi)
            (shown["used_user_id"], shown["DeletedAt"]) = (code.UsedUserId, null);
        if (isNewer)
            shown["expired_time"] = code.ExpiredTime;
        return shown;
    }

    private static string Success(object? data) => Json(new Dictionary<string, object?> { ["success"] = true, ["message"] = "", ["data"] = data });

    private static string Failure(string message) => Json(new Dictionary<string, object?> { ["success"] = false, ["message"] = message });

    private static string Json(object value) => JsonSerializer.Serialize(value);

    private static int Number(HttpContext context, string name, int otherwise) =>
        int.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static string? Header(HttpContext context, string name) => context.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    private static void Redirect(HttpContext context, int status, string to)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = to;
    }

    private static Task WriteAsync(HttpContext context, int status, string body, string type = "application/json; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body);
    }
}
