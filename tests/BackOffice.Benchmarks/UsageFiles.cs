using System.Globalization;
using System.Text;
using BackOffice.Domain.Usage;

namespace BackOffice.Benchmarks;

/// <summary>A console's log of September 2026, as many rows as wanted, the same for the same number: as its JSON lines, and as the normal rows they come to.</summary>
internal static class UsageFiles
{
    /// <summary>The setting by which a measurement in another process knows how many customers' keys there are.</summary>
    public const string KeysSetting = "BACKOFFICE_BENCHMARK_KEYS";

    private static readonly int Keys = int.TryParse(Environment.GetEnvironmentVariable(KeysSetting), NumberStyles.None, CultureInfo.InvariantCulture, out var keys) ? keys : 500;

    // The month on DeepSeek's clock.
    private static readonly DateTime Start = new(2026, 8, 31, 16, 0, 0, DateTimeKind.Utc);

    private static readonly string[] Models = ["deepseek-chat", "deepseek-reasoner", "deepseek-v4-flash", "deepseek-v4-pro"];

    /// <summary>What the rates of the month are written to.</summary>
    public static (string Mappings, string Prices) WriteRates(string folder)
    {
        var (mappings, prices) = (Path.Combine(folder, "mappings.csv"), Path.Combine(folder, "prices.csv"));
        File.WriteAllText(mappings, "name,upstream,model,valid_from,valid_until\n" + string.Concat(Models.Select(model => $"{model},deepseek,{(model.EndsWith("pro", StringComparison.Ordinal) ? "pro" : "flash")},,\n")));
        var rows = new StringBuilder("upstream,model,part,band,currency,price_per_million,valid_from,valid_until\n");
        foreach (var (model, times) in new[] { ("flash", 1), ("pro", 4) })
        {
            foreach (var (part, micro) in new[] { ("uncached_input", 1_000_000), ("cache_read", 20_000), ("output", 4_000_000) })
            {
                rows.Append(CultureInfo.InvariantCulture, $"deepseek,{model},{part},off_peak,CNY,{micro * times / 1e6:0.######},,\n");
                rows.Append(CultureInfo.InvariantCulture, $"deepseek,{model},{part},peak,CNY,{micro * times / 5e5:0.######},,\n");
            }
        }
        File.WriteAllText(prices, rows.ToString());
        return (mappings, prices);
    }

    /// <summary>The log.</summary>
    public static string WriteLog(string folder, int count)
    {
        var path = Path.Combine(folder, "usage.jsonl");
        using var writer = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 20) { NewLine = "\n" };
        for (var i = 0; i < count; i++)
        {
            var row = Row(i, count);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $$"""{"id":{{row.Id}},"user_id":{{row.Key / 2}},"created_at":{{row.Second}},"type":2,"content":"","username":"u{{row.Key / 2}}","token_name":"k{{row.Key}}","token_id":{{row.Key}},"model_name":"{{Models[row.Model]}}","quota":{{row.Quota}},"prompt_tokens":{{row.Uncached + row.Read}},"completion_tokens":{{row.Answer}},"channel":{{row.Channel}},"is_stream":true,"use_time":12,"group":"default","ip":"","other":"{\"model_ratio\":0.5,\"group_ratio\":1,\"completion_ratio\":4,\"cache_ratio\":0.02,\"model_price\":-1,\"frt\":2367,\"cache_tokens\":{{row.Read}}}"}"""));
        }
        return path;
    }

    /// <summary>The normal row of a place in the log, cheap to make, so that the watch of a bare insert sees little of it.</summary>
    public static UsageRow Row(int i, int count)
    {
        // Multiplied by odd numbers: spread, and the same every time.
        var mixed = unchecked((uint)i * 2654435761u);
        var second = new DateTimeOffset(Start).ToUnixTimeSeconds() + (long)i * 30 * 86_400 / count;
        return new UsageRow(
            1_000_000 + i, second, (int)(mixed % Keys), (int)(mixed / 7 % (uint)Models.Length), (int)(mixed / 11 % 3) + 1, mixed % 9_000, mixed / 3 % 20_000, mixed / 5 % 4_000, mixed % 12_000);
    }

    /// <summary>One row.</summary>
    public readonly record struct UsageRow(long Id, long Second, int Key, int Model, int Channel, long Uncached, long Read, long Answer, long Quota)
    {
        public DateTime At => DateTime.UnixEpoch.AddSeconds(Second);

        public int Quarter => checked((int)Quarters.Of(At));

        public int Names => Model * 3 + Channel;
    }
}
