using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Rates;
using BackOffice.Data.Settlement;
using BackOffice.Data.Usage;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

/// <summary>A shop with an upstream, its prices and what its customers used.</summary>
internal sealed class UsageShop : IAsyncDisposable
{
    private UsageShop(TestDatabase home)
    {
        (Home, Database) = (home, home.Database);
        Earnings = new EarningsQueries(Database, Business, "prod");
        Keys = new KeyQueries(Database, Earnings, Business, 1);
        Findings = new SettlementFindingReader(Database, Keys);
        (Asides, Queries) = (new UsageAsideStore(Database), new SettlementQueries(Database));
        Store = new SettlementStore(Database, new SettlementFindingStore(Database, Findings));
    }

    public static BusinessTime Business { get; } = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));

    public TestDatabase Home { get; }

    public Database Database { get; }

    public UsageAsideStore Asides { get; }

    public SettlementStore Store { get; }

    public EarningsQueries Earnings { get; }

    public KeyQueries Keys { get; }

    public SettlementFindingReader Findings { get; }

    public SettlementQueries Queries { get; }

    /// <summary>With prices of 1, 2, 3, 4 and 5 a million, one a part, and the name chat for the model m-1.</summary>
    public static async Task<UsageShop> OnAsync(DatabaseProvider engine)
    {
        var shop = new UsageShop(await TestDatabase.OfItsOwnAsync(engine));
        await shop.TakeAsync(new PriceIntake("Asia/Shanghai"), [.. TokenParts.All.Select((part, i) => Price(part, (i + 1) * 1_000_000))]);
        await shop.TakeAsync(new MappingIntake("Asia/Shanghai"), new ImportedMapping { Line = 1, Row = new MappingRow(0, "chat", "acme", "m-1", null, null) });
        return shop;
    }

    public static ImportedPrice Price(TokenPart part, long micro, DateTime? from = null, DateTime? until = null) =>
        new() { Line = 1, Row = new PriceRow(0, "acme", "m-1", part, PriceBand.All, "CNY", micro, from, until) };

    public static UsageRecord Record(string id, string day, long uncached, long output = 0, long? quota = null, string model = "chat", string key = "id:1") => new()
    {
        Line = 1,
        ExternalId = id,
        OccurredAt = DateTime.SpecifyKind(DateTime.Parse(day, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc),
        ConsoleName = model,
        Key = key,
        Tokens = new TokenCounts(uncached, 0, 0, 0, output),
        ChargedQuota = quota,
    };

    public Task<Outcome[]> UseAsync(params UsageRecord[] records) => UseAsync(Database, records);

    public static Task<Outcome[]> UseAsync(Database database, params UsageRecord[] records) => TakeInAsync(database, "new-api", records);

    public static async Task<Outcome[]> TakeInAsync(Database database, string source, params UsageRecord[] records) =>
        await TakeAsync(database, await UsageIntake.StartAsync(database, source, Business), records);

    public Task<Outcome[]> TakeAsync<T>(Intake<T> intake, params T[] records) => TakeAsync(Database, intake, records);

    public Task<SettlementDocument> DraftAsync(int month) => Store.SeeAsync("acme", new DateOnly(2026, month, 1));

    /// <summary>One asks, another one approves.</summary>
    public async Task ApproveAsync(int month)
    {
        var document = await Store.DraftAsync("acme", new DateOnly(2026, month, 1));
        var wanted = new SettlementWanted("acme", document.Period, SettlementStore.HashOf(document), "mara@example.com");
        await Database.WriteAsync(WriteRank.Request, session => SettlementStore.ApproveAsync(session, wanted, "ilya@example.com", CancellationToken.None));
    }

    /// <summary>The open or decided conflict of a record.</summary>
    public async Task<Guid> AsideAsync(string externalId) => (await ListAsync<Guid>($"SELECT Id FROM UsageAsides WHERE ExternalId = '{externalId}' AND ImportId IS NOT NULL")).Single();

    /// <summary>Lines of a file that could not be read; the number of its import.</summary>
    public async Task<long> PutAsideAsync(params UsageAside[] lines)
    {
        var intake = await UsageIntake.StartAsync(Database, "new-api", Business);
        var asides = lines.Select((line, i) => ((long)i, new PutAside(i + 1, new Refusal("FieldBlank", "model"), line))).ToList();
        await Database.WriteAsync(WriteRank.Job, async session => await intake.FinishAsync(session, await ImportAsync(session), asides, CancellationToken.None));
        return await LastImportAsync();
    }

    public async Task<long> LastImportAsync() => (await ListAsync<long>("SELECT MAX(Number) FROM Imports")).Single();

    public Task<List<T>> ListAsync<T>(string sql) => Database.ReadAsync(session => session.ListAsync<T>(new Sql(sql)));

    /// <summary>What the sums say, and what the records add up to.</summary>
    public async Task AssertSumsAsync()
    {
        const string records = """
            SELECT CONCAT(Quarter, '|', NamesId, '|', COUNT(*), '|', SUM(UncachedInput), '|', SUM(OutputTokens), '|', SUM(COALESCE(ChargedQuota, 0))) AS Line
            FROM UsageRecords GROUP BY Quarter, NamesId ORDER BY 1
            """;
        const string rollups = """
            SELECT CONCAT(Quarter, '|', NamesId, '|', SUM(Records), '|', SUM(UncachedInput), '|', SUM(OutputTokens), '|', SUM(ChargedQuota)) AS Line
            FROM UsageRollups GROUP BY Quarter, NamesId HAVING SUM(Records) > 0 ORDER BY 1
            """;
        Assert.Equal(await ListAsync<string>(records), await ListAsync<string>(rollups));
    }

    public ValueTask DisposeAsync() => Home.DisposeAsync();

    private static Task<Outcome[]> TakeAsync<T>(Database database, Intake<T> intake, T[] records) => database.WriteAsync(WriteRank.Job, async session =>
    {
        var outcomes = await intake.TakeAsync(session, records, "system", CancellationToken.None);
        var asides = outcomes.Where(outcome => outcome.Kind == OutcomeKind.PutAside).Select((outcome, i) => ((long)i, new PutAside(1, outcome.Reason!, outcome.Usage))).ToList();
        await intake.FinishAsync(session, await ImportAsync(session), asides, CancellationToken.None);
        return outcomes;
    });

    // What is put aside belongs to an import.
    private static async Task<Guid> ImportAsync(WriteSession session)
    {
        var id = Ids.New(session.At);
        var number = await session.NextNumberAsync("Imports");
        await session.ExecuteAsync(ImportStore.Insert, new ImportStore.InsertArgs(id, number, "usage", "usage.jsonl", "usage.jsonl", 1, new byte[32], "take", "system", session.At, null));
        return id;
    }
}
