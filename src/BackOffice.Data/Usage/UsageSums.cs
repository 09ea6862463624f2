using BackOffice.Data.Engine;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Usage;

/// <summary>Sums of the records of one transaction, stored once at its end (DESIGN 4): by raw names and quarter-hour, and by key and business day.</summary>
internal sealed class UsageSums
{
    private readonly Dictionary<RollupKey, RollupSums> _rollups = [];
    private readonly Dictionary<KeyDay, KeySums> _keys = [];
    private readonly Dictionary<DateOnly, DateTime> _marked = [];

    /// <summary>Adds a record, or takes one back.</summary>
    /// <param name="row">The record.</param>
    /// <param name="day">Its business day.</param>
    /// <param name="sign">1, or -1 for what is taken back.</param>
    public void Add(NewUsage row, DateOnly day, int sign = 1)
    {
        var record = row.Record;
        var quota = record.ChargedQuota ?? 0;
        var rollup = new RollupKey(row.Quarter, row.Names, row.Era);
        _rollups[rollup] = _rollups.GetValueOrDefault(rollup).Plus(record.Tokens, quota, sign);
        var isRefund = record.Flags.HasFlag(UsageFlags.Refund);
        var key = new KeyDay(day, row.Key, row.Names, record.ChargedQuota is not null && !isRefund);
        _keys[key] = _keys.GetValueOrDefault(key).Plus(record.Tokens, quota, isRefund, sign);
    }

    /// <summary>Adds everything to what is stored, and begins anew.</summary>
    public async Task StoreAsync(WriteSession session, CancellationToken token)
    {
        await session.AddUpAsync(Rollups, _rollups, token).ConfigureAwait(false);
        await session.AddUpAsync(Keys, _keys, token).ConfigureAwait(false);
        foreach (var day in _keys.Keys.Select(key => key.Day).Distinct())
        {
            if (_marked.TryGetValue(day, out var at) && session.At - at < UsageDays.MarkHolds)
                continue;
            await UsageDays.MarkAsync(session, day, token).ConfigureAwait(false);
            _marked[day] = session.At;
        }
        Clear();
    }

    /// <summary>Forgets what was not stored, and what was stored and rolled back.</summary>
    public void Forget()
    {
        Clear();
        _marked.Clear();
    }

    private void Clear()
    {
        _rollups.Clear();
        _keys.Clear();
    }

    /// <summary>By raw names and quarter-hour.</summary>
    public static readonly SumTable<KeyValuePair<RollupKey, RollupSums>> Rollups = new(
        "UsageRollups",
        [
            ("Quarter", typeof(int), row => row.Key.Quarter),
            ("NamesId", typeof(int), row => row.Key.Names),
            ("Era", typeof(int), row => row.Key.Era),
        ],
        ("Records", row => row.Value.Records),
        ("UncachedInput", row => row.Value.Tokens.UncachedInput),
        ("CacheRead", row => row.Value.Tokens.CacheRead),
        ("CacheWrite5m", row => row.Value.Tokens.CacheWrite5m),
        ("CacheWrite1h", row => row.Value.Tokens.CacheWrite1h),
        ("OutputTokens", row => row.Value.Tokens.Output),
        ("ChargedQuota", row => row.Value.Quota));

    /// <summary>By key and business day.</summary>
    public static readonly SumTable<KeyValuePair<KeyDay, KeySums>> Keys = new(
        "KeyRollups",
        [
            ("Day", typeof(DateOnly), row => row.Key.Day),
            ("KeyId", typeof(int), row => row.Key.Key),
            ("NamesId", typeof(int), row => row.Key.Names),
            ("Charged", typeof(bool), row => row.Key.Charged),
        ],
        ("Records", row => row.Value.Records),
        ("UncachedInput", row => row.Value.Tokens.UncachedInput),
        ("CacheRead", row => row.Value.Tokens.CacheRead),
        ("CacheWrite5m", row => row.Value.Tokens.CacheWrite5m),
        ("CacheWrite1h", row => row.Value.Tokens.CacheWrite1h),
        ("OutputTokens", row => row.Value.Tokens.Output),
        ("ChargedQuota", row => row.Value.Quota),
        ("Refunds", row => row.Value.Refunds),
        ("RefundedQuota", row => row.Value.RefundedQuota));

    internal readonly record struct RollupKey(int Quarter, int Names, int Era);

    internal readonly record struct RollupSums(long Records, TokenCounts Tokens, long Quota)
    {
        public RollupSums Plus(TokenCounts tokens, long quota, int sign) =>
            checked(new RollupSums(Records + sign, sign > 0 ? Tokens + tokens : Tokens - tokens, Quota + sign * quota));
    }

    internal readonly record struct KeyDay(DateOnly Day, int Key, int Names, bool Charged);

    internal readonly record struct KeySums(long Records, TokenCounts Tokens, long Quota, long Refunds, long RefundedQuota)
    {
        public KeySums Plus(TokenCounts tokens, long quota, bool isRefund, int sign) => checked(isRefund
            ? this with { Refunds = Refunds + sign, RefundedQuota = RefundedQuota + sign * quota }
            : this with { Records = Records + sign, Tokens = sign > 0 ? Tokens + tokens : Tokens - tokens, Quota = Quota + sign * quota });
    }
}
