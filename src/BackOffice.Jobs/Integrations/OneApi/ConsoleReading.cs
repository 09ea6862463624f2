using System.Text.Json;
using BackOffice.Domain;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <param name="Flavour">Which console lists like that.</param>
/// <param name="Rows">In the order of the console.</param>
/// <param name="Total">How many there are on all pages; null when it does not say.</param>
internal sealed record ConsolePage<T>(ConsoleFlavour Flavour, IReadOnlyList<T> Rows, long? Total);

/// <summary>The console's answers as facts. What is not as it must be is nonsense: nothing is guessed.</summary>
internal static class ConsoleReading
{
    public static ConsoleStatus Status(JsonDocument answer) => Guarded(answer.RootElement, root =>
    {
        var data = root.GetProperty("data");
        return new ConsoleStatus(
            Text(data, "version"),
            Text(data, "system_name"),
            data.TryGetProperty("quota_per_unit", out var quota) && quota.ValueKind == JsonValueKind.Number ? quota.GetDecimal() : null);
    });

    // One API: an array. New API: an object with items and their total. An empty list may be null with either.
    public static ConsolePage<T> Page<T>(JsonDocument answer, Func<JsonElement, T> one) => Guarded(answer.RootElement, root => root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
        ? new ConsolePage<T>(ConsoleFlavour.NewApi, Rows(data.GetProperty("items"), one), data.TryGetProperty("total", out var total) ? total.GetInt64() : null)
        : new ConsolePage<T>(ConsoleFlavour.OneApi, Rows(data, one), null));

    public static ConsoleRedemption Redemption(JsonDocument answer) => Guarded(answer.RootElement, root => Redemption(root.GetProperty("data")));

    private static List<T> Rows<T>(JsonElement list, Func<JsonElement, T> one) =>
        list.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? [] : [.. list.EnumerateArray().Select(one)];

    public static ConsoleRedemption Redemption(JsonElement one) => new(
        one.GetProperty("id").GetInt64(),
        one.GetProperty("key").GetString()!.TrimEnd(' '),
        (ConsoleCodeStatus)one.GetProperty("status").GetInt32(),
        Text(one, "name"),
        one.GetProperty("quota").GetInt64(),
        DateTime.UnixEpoch.AddSeconds(one.GetProperty("created_time").GetInt64()),
        ConsoleRules.Instant(Number(one, "redeemed_time")),
        Number(one, "used_user_id") is var user && user > 0 ? user : null,
        ConsoleRules.Instant(Number(one, "expired_time")));

    private static string Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static long Number(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    private static T Guarded<T>(JsonElement data, Func<JsonElement, T> read)
    {
        try
        {
            return read(data);
        }
        catch (Exception broken) when (broken is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException or NullReferenceException)
        {
            throw new ConsoleException(new Refusal("ConsoleNonsense", ""), isPassing: true);
        }
    }
}
