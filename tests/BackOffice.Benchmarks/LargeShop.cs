using System.Buffers.Binary;
using System.Globalization;
using BackOffice.Data.Engine;
using BackOffice.Domain.Orders;

namespace BackOffice.Benchmarks;

/// <summary>
/// A shop of any number of orders, two years of them, in minutes instead of hours: rows go in by the order of their keys, and indexes are made afterwards.
/// Every row is computed from its number, so that a page can be asked for any of them.
/// </summary>
internal sealed class LargeShop(int orders)
{
    private const int Portion = 50_000;
    private const int Days = 730;
    public const int AuditRows = 1_000_000;

    /// <summary>The first order's instant. Always the same days: what a page costs must not hang on when it is measured.</summary>
    public static readonly DateTime Start = new(2024, 11, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly (string Slug, long Tokens, long ListMinor, long ChargeMinor)[] Packages =
        [("trial", 5_000_000, 2200, 299), ("starter", 9_000_000, 3600, 499), ("standard", 17_000_000, 6500, 899), ("professional", 38_000_000, 13700, 1899)];

    private static readonly string[] Kinds = ["paid_not_delivered", "duplicate_payment", "amount_mismatch", "partially_refunded_live"];

    private static readonly string[] Priorities = ["P1", "P2", "P2", "P3"];

    private static readonly string[] FindingStates = ["open", "cleared", "resolved", "accepted"];

    public int Findings => orders / 50;

    public const int Runs = Days * 3;

    /// <summary>Makes the database in a folder, unless it is there already.</summary>
    public async Task MakeAsync(string folder)
    {
        var done = Path.Combine(folder, "made");
        if (File.Exists(done) && await File.ReadAllTextAsync(done).ConfigureAwait(false) == orders.ToString(CultureInfo.InvariantCulture))
            return;
        Directory.CreateDirectory(folder);
        await using (var shop = await Shop.OpenAsync(folder).ConfigureAwait(false))
        {
            var indexes = DropIndexes(folder);
            await FillAsync(shop.Get<Database>()).ConfigureAwait(false);
            MakeIndexes(folder, indexes);
        }
        await AuditBenchmark.FillAsync(folder, AuditRows).ConfigureAwait(false);
        await File.WriteAllTextAsync(done, orders.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
    }

    public string OrderNo(int sale)
    {
        // The number's place among all that there can be: ascending, and spread over the whole of them.
        var place = (ulong)(((UInt128)1 << 55) / (uint)orders * (uint)sale) + Scatter(sale) % ((1UL << 55) / (uint)orders);
        Span<byte> digits = stackalloc byte[11];
        for (var i = 10; i >= 0; i--, place >>= 5)
            digits[i] = (byte)(place & 31);
        return OrderNumber.From(digits);
    }

    public static string CreemOrder(int sale) => FormattableString.Invariant($"ord_{sale:x8}{Scatter(sale):x16}")[..26];

    public static string Transaction(int sale) => FormattableString.Invariant($"tran_{sale:x8}{Scatter(-sale - 1):x16}")[..27];

    public string Email(int sale) => FormattableString.Invariant($"buyer{sale % Math.Max(orders / 3, 1):00000000}@example.com");

    public static Guid Finding(int number) => IdOf(3, number);

    /// <summary>When a sale was made: the sales stand in the order of their numbers, which says nothing about their time.</summary>
    public static DateTime At(int sale) => Start.AddMilliseconds((long)(Scatter(sale) % (Days * 86_400_000UL)));

    private static (string Slug, long Tokens, long ListMinor, long ChargeMinor) Package(int sale) => Packages[sale % 4];

    private static bool IsPaid(int sale) => sale % 100 != 1;

    private static bool IsRefunded(int sale) => sale % 100 == 0;

    private static bool IsStray(int sale) => sale % 1000 == 0;

    private static bool IsDelivered(int sale) => IsPaid(sale) && sale % 200 != 7;

    private static string Status(int sale) => IsRefunded(sale) ? "refunded" : IsDelivered(sale) ? "delivered" : IsPaid(sale) ? "paid_not_delivered" : "awaiting_payment";

    private static string Payment(int sale) => IsRefunded(sale) ? "refunded" : IsPaid(sale) ? "paid" : "awaited";

    private static string LastFour(int sale) => Scatter(sale).ToString("x16", CultureInfo.InvariantCulture)[..4];

    private static Guid IdOf(int table, int number)
    {
        var bytes = new byte[16];
        bytes[0] = (byte)table;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), number);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), Scatter(number));
        return Ids.Of(bytes);
    }

    private static byte[] Bytes(int sale, int length)
    {
        var bytes = new byte[length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Scatter(sale));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), sale);
        return bytes;
    }

    /// <summary>A number that looks like chance, and is the same every time.</summary>
    public static ulong Scatter(int number)
    {
        unchecked
        {
            var mixed = ((ulong)(long)number + 1) * 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }

    private async Task FillAsync(Database database)
    {
        await InsertAsync(database, OrderRows, Enumerable.Range(0, orders)).ConfigureAwait(false);
        await InsertAsync(database, Observations, Enumerable.Range(0, orders).Where(IsPaid)).ConfigureAwait(false);
        await InsertAsync(database, Strays, Enumerable.Range(0, orders).Where(IsStray)).ConfigureAwait(false);
        await InsertAsync(database, Payments, Enumerable.Range(0, orders).Where(IsPaid)).ConfigureAwait(false);
        await InsertAsync(database, Deliveries, Enumerable.Range(0, orders).Where(IsDelivered)).ConfigureAwait(false);
        await InsertAsync(database, Revocations, Enumerable.Range(0, orders).Where(IsRefunded)).ConfigureAwait(false);
        await InsertAsync(database, RunRows, Enumerable.Range(1, Runs)).ConfigureAwait(false);
        await InsertAsync(database, FindingRows, Enumerable.Range(0, Findings)).ConfigureAwait(false);
        await InsertAsync(database, FindingEvents, Enumerable.Range(0, Findings)).ConfigureAwait(false);
        await InsertAsync(database, JobRuns, Enumerable.Range(0, Days * 4)).ConfigureAwait(false);
        await InsertAsync(database, Imports, Enumerable.Range(1, Days * 3)).ConfigureAwait(false);
    }

    private static async Task InsertAsync(Database database, BulkTable<int> table, IEnumerable<int> rows)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var portion in rows.Chunk(Portion))
            await database.WriteAsync(WriteRank.Job, session => session.BulkInsertAsync(table, portion)).ConfigureAwait(false);
        await Console.Error.WriteLineAsync(FormattableString.Invariant($"{table.Name}: {watch.Elapsed.TotalSeconds:0} s")).ConfigureAwait(false);
    }

    private BulkTable<int> OrderRows => new(
        "Orders",
        ("OrderNo", typeof(string), sale => OrderNo(sale)),
        ("Package", typeof(string), sale => Package(sale).Slug),
        ("Units", typeof(int), _ => 1),
        ("Tokens", typeof(long), sale => Package(sale).Tokens),
        ("CustomerEmail", typeof(string), sale => Email(sale)),
        ("ListCurrency", typeof(string), _ => "CNY"),
        ("ListMinor", typeof(long), sale => Package(sale).ListMinor),
        ("ChargeCurrency", typeof(string), _ => "USD"),
        ("ChargeMinor", typeof(long), sale => Package(sale).ChargeMinor),
        ("TaxMode", typeof(string), _ => "inclusive"),
        ("CreemOrderId", typeof(string), sale => CreemOrder(sale)),
        ("Source", typeof(string), _ => "file"),
        ("Status", typeof(string), sale => Status(sale)),
        ("Payment", typeof(string), sale => Payment(sale)),
        ("CreatedAt", typeof(DateTime), sale => At(sale)),
        ("RecordedAt", typeof(DateTime), sale => At(sale).AddHours(3)));

    private static BulkTable<int> Observations => new(
        "PaymentObservations",
        ("TransactionId", typeof(string), sale => Transaction(sale)),
        ("PayloadHash", typeof(byte[]), sale => Bytes(sale, 16)),
        ("Source", typeof(string), _ => "file"),
        ("Status", typeof(string), sale => IsRefunded(sale) ? "refunded" : "paid"),
        ("Mode", typeof(string), _ => "prod"),
        ("Currency", typeof(string), _ => "USD"),
        ("AmountMinor", typeof(long), sale => Package(sale).ChargeMinor),
        ("AmountPaidMinor", typeof(long), sale => Package(sale).ChargeMinor),
        ("TaxMinor", typeof(long), _ => 0L),
        ("RefundedMinor", typeof(long), sale => IsRefunded(sale) ? Package(sale).ChargeMinor : 0L),
        ("CreemOrderId", typeof(string), sale => CreemOrder(sale)),
        ("TaxCountry", typeof(string), _ => "US"),
        ("CustomerId", typeof(string), sale => "cust_" + CreemOrder(sale)[4..]),
        ("CreatedAt", typeof(DateTime), sale => At(sale).AddSeconds(30)),
        ("RecordedAt", typeof(DateTime), sale => At(sale).AddHours(3)));

    // Read apart, as those that name no Creem order are.
    private static BulkTable<int> Strays => new("StrayTransactions", ("TransactionId", typeof(string), sale => Transaction(sale)));

    private static BulkTable<int> Payments => new(
        "Payments",
        ("TransactionId", typeof(string), sale => Transaction(sale)),
        ("Status", typeof(string), sale => Payment(sale)),
        ("Currency", typeof(string), _ => "USD"),
        ("AmountPaidMinor", typeof(long), sale => Package(sale).ChargeMinor),
        ("TaxMinor", typeof(long), _ => 0L),
        ("RefundedMinor", typeof(long), sale => IsRefunded(sale) ? Package(sale).ChargeMinor : 0L),
        ("CreemOrderId", typeof(string), sale => CreemOrder(sale)),
        ("CreatedAt", typeof(DateTime), sale => At(sale).AddSeconds(30)),
        ("RecordedAt", typeof(DateTime), sale => At(sale).AddHours(3)));

    // The key that is named is there in every shop; nothing here is ever opened.
    private BulkTable<int> Deliveries => new(
        "Deliveries",
        ("Id", typeof(Guid), sale => IdOf(1, sale)),
        ("OrderNo", typeof(string), sale => OrderNo(sale)),
        ("Kind", typeof(string), sale => sale % 3 == 0 ? "redemption_code" : "api_key"),
        ("Tokens", typeof(long), sale => Package(sale).Tokens),
        ("LookupKey", typeof(byte[]), sale => Bytes(sale, 16)),
        ("KeyName", typeof(string), _ => "lookup"),
        ("Cipher", typeof(byte[]), sale => Bytes(sale, 79)),
        ("LastFour", typeof(string), sale => LastFour(sale)),
        ("LastFourKey", typeof(string), sale => LastFour(sale)),
        ("DeliveredAt", typeof(DateTime), sale => At(sale).AddSeconds(35)),
        ("RevokedAt", typeof(DateTime), sale => IsRefunded(sale) ? At(sale).AddHours(1) : null),
        ("RecordedAt", typeof(DateTime), sale => At(sale).AddHours(3)));

    private BulkTable<int> Revocations => new(
        "DeliveryEvents",
        ("Id", typeof(Guid), sale => IdOf(2, sale)),
        ("DeliveryId", typeof(Guid), sale => IdOf(1, sale)),
        ("OrderNo", typeof(string), sale => OrderNo(sale)),
        ("Kind", typeof(string), _ => "revoked"),
        ("HappenedAt", typeof(DateTime), sale => At(sale).AddHours(1)),
        ("RecordedAt", typeof(DateTime), sale => At(sale).AddHours(3)),
        ("RecordedBy", typeof(string), _ => "import:1"));

    private BulkTable<int> FindingRows => new(
        "Findings",
        ("Id", typeof(Guid), number => Finding(number)),
        ("Kind", typeof(string), number => Kinds[number % 4]),
        ("Subject", typeof(string), number => number % 4 < 2 ? OrderNo(SaleOf(number)) : Transaction(SaleOf(number))),
        ("Priority", typeof(string), number => Priorities[number % 4]),
        ("State", typeof(string), number => FindingStates[number / 4 % 4]),
        ("OrderNo", typeof(string), number => OrderNo(SaleOf(number))),
        ("TransactionId", typeof(string), number => number % 4 < 2 ? null : Transaction(SaleOf(number))),
        ("Currency", typeof(string), number => number % 4 == 2 ? "USD" : null),
        ("ExpectedMinor", typeof(long), number => number % 4 == 2 ? 899L : null),
        ("ActualMinor", typeof(long), number => number % 4 == 2 ? 799L : null),
        ("FirstSeenAt", typeof(DateTime), number => At(SaleOf(number)).AddDays(1)),
        ("ChangedAt", typeof(DateTime), number => At(SaleOf(number)).AddDays(1)));

    private BulkTable<int> FindingEvents => new(
        "FindingEvents",
        ("Id", typeof(Guid), number => IdOf(4, number)),
        ("FindingId", typeof(Guid), number => Finding(number)),
        ("Kind", typeof(string), number => (number / 4 % 4) switch { 0 => "opened", 1 => "cleared", 2 => "resolved", _ => "accepted" }),
        ("RunId", typeof(Guid), number => number / 4 % 4 < 2 ? IdOf(5, 1 + number % Runs) : null),
        ("FactsHash", typeof(byte[]), number => Bytes(number, 16)),
        ("RecordedAt", typeof(DateTime), number => At(SaleOf(number)).AddDays(1)),
        ("RecordedBy", typeof(string), _ => "system"));

    private static BulkTable<int> RunRows => new(
        "ReconciliationRuns",
        ("Id", typeof(Guid), number => IdOf(5, number)),
        ("Number", typeof(long), number => (long)number),
        ("Origin", typeof(string), _ => "request"),
        ("Status", typeof(string), number => number % 40 == 0 ? "broken" : "balanced"),
        ("FromDay", typeof(string), number => DayOf(number)),
        ("UntilDay", typeof(string), number => DayOf(number + 3)),
        ("WindowFrom", typeof(DateTime), number => Start.AddDays(number / 3)),
        ("WindowUntil", typeof(DateTime), number => Start.AddDays(number / 3 + 1)),
        ("AsOf", typeof(DateTime), number => Start.AddDays(number / 3 + 1)),
        ("AsOfGiven", typeof(bool), _ => false),
        ("KnownAsOf", typeof(DateTime), number => Start.AddDays(number / 3 + 1)),
        ("KnownAsOfGiven", typeof(bool), _ => false),
        ("TimeZone", typeof(string), _ => "Asia/Shanghai"),
        ("GraceMinutes", typeof(int), _ => 30),
        ("ToleranceMinor", typeof(long), _ => 0L),
        ("Mode", typeof(string), _ => "prod"),
        ("LooksBack", typeof(bool), _ => false),
        ("ChangedFindings", typeof(bool), _ => true),
        ("CasesJudged", typeof(long), _ => 1000L),
        ("CasesTotal", typeof(long), _ => 1000L),
        ("FindingsSeen", typeof(long), _ => 12L),
        ("RequestedBy", typeof(string), _ => "system"),
        ("RequestedAt", typeof(DateTime), number => Start.AddDays(number / 3 + 1)),
        ("StartedAt", typeof(DateTime), number => Start.AddDays(number / 3 + 1)),
        ("EndedAt", typeof(DateTime), number => Start.AddDays(number / 3 + 1).AddSeconds(40)),
        ("Attempts", typeof(int), _ => 1));

    private static BulkTable<int> JobRuns => new(
        "JobRuns",
        ("Id", typeof(Guid), number => IdOf(6, number)),
        ("Job", typeof(string), number => (number % 4) switch { 0 => "nightly-reconciliation", 1 => "nightly-backup", 2 => "nightly-audit-check", _ => "morning-report" }),
        ("Argument", typeof(string), number => DayOf(number / 4 * 3)),
        ("Status", typeof(string), number => number % 97 == 0 ? "failed" : "done"),
        ("RowsDone", typeof(long), _ => 1000L),
        ("StartedAt", typeof(DateTime), number => Start.AddDays(number / 4)),
        ("EndedAt", typeof(DateTime), number => Start.AddDays(number / 4).AddSeconds(41)),
        ("Failure", typeof(string), number => number % 97 == 0 ? "The disk is full." : null),
        ("Attempts", typeof(int), _ => 1));

    private static BulkTable<int> Imports => new(
        "Imports",
        ("Id", typeof(Guid), number => IdOf(7, number)),
        ("Number", typeof(long), number => (long)number),
        ("Kind", typeof(string), number => (number % 3) switch { 0 => "orders", 1 => "deliveries", _ => "creem" }),
        ("FileName", typeof(string), number => FormattableString.Invariant($"{DayOf(number)}.csv")),
        ("FilePath", typeof(string), _ => "gone"),
        ("Size", typeof(long), _ => 1_000_000L),
        ("Sha256", typeof(byte[]), number => Bytes(number, 32)),
        ("Stage", typeof(string), _ => "take"),
        ("Status", typeof(string), _ => "done"),
        ("RecordsRead", typeof(long), _ => 10_000L),
        ("RecordsNew", typeof(long), _ => 9_990L),
        ("RecordsRepeated", typeof(long), _ => 10L),
        ("RecordsPutAside", typeof(long), _ => 0L),
        ("BytesRead", typeof(long), _ => 1_000_000L),
        ("RequestedBy", typeof(string), _ => "finance@example.com"),
        ("RequestedAt", typeof(DateTime), number => Start.AddDays(number / 3)),
        ("StartedAt", typeof(DateTime), number => Start.AddDays(number / 3)),
        ("EndedAt", typeof(DateTime), number => Start.AddDays(number / 3).AddSeconds(14)),
        ("Attempts", typeof(int), _ => 1));

    private static string DayOf(int number) => Start.AddDays(number / 3).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private int SaleOf(int finding) => (int)((long)finding * orders / Math.Max(Findings, 1));

    private static List<string> DropIndexes(string folder)
    {
        using var connection = Yardstick.Open(folder);
        var indexes = new List<(string Name, string Sql)>();
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('Orders', 'PaymentObservations', 'Payments', 'Deliveries', 'DeliveryEvents', 'Findings', 'FindingEvents')";
            using var reader = command.ExecuteReader();
            while (reader.Read())
                indexes.Add((reader.GetString(0), reader.GetString(1)));
        }
        foreach (var (name, _) in indexes)
            Yardstick.Run(connection, $"DROP INDEX {name}");
        return indexes.ConvertAll(index => index.Sql);
    }

    private static void MakeIndexes(string folder, List<string> indexes)
    {
        using var connection = Yardstick.Open(folder);
        Yardstick.Run(connection, "PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA threads = 2;");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var sql in indexes)
        {
            Yardstick.Run(connection, sql);
            Yardstick.Run(connection, "PRAGMA wal_checkpoint(TRUNCATE);");
        }
        Console.Error.WriteLine(FormattableString.Invariant($"{indexes.Count} indexes: {watch.Elapsed.TotalSeconds:0} s"));
    }
}
