using System.Security.Cryptography;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using Microsoft.AspNetCore.DataProtection;

namespace BackOffice.Data.Tests;

/// <summary>A database with a vault, and batches of codes in it.</summary>
internal sealed class CodeShop : IAsyncDisposable
{
    private static readonly EphemeralDataProtectionProvider Ring = new();

    private CodeShop(TestDatabase home, Database database)
    {
        (Home, Database) = (home, database);
        Vault = new Vault.Vault(database, Ring);
        Store = new BatchStore(database);
        Batches = new BatchQueries(database);
        Codes = new CodeQueries(database);
        Voids = new CodeVoids(database);
        Tasks = new CodeTaskStore(database);
        Maker = new BatchMaker(database, Vault, RandomNumberGenerator.Fill);
        Stock = new CodeStock(database, new BusinessTime(TimeZoneInfo.Utc), RandomNumberGenerator.Fill);
    }

    public TestDatabase Home { get; }

    public Database Database { get; }

    public Vault.Vault Vault { get; }

    public BatchStore Store { get; }

    public BatchQueries Batches { get; }

    public CodeQueries Codes { get; }

    public CodeVoids Voids { get; }

    public CodeTaskStore Tasks { get; }

    public BatchMaker Maker { get; }

    public CodeStock Stock { get; }

    public static async Task<CodeShop> OnAsync(DatabaseProvider engine, TimeProvider? clock = null)
    {
        var home = await TestDatabase.OfItsOwnAsync(engine, clock);
        var shop = new CodeShop(home, home.Database);
        await shop.Vault.PrepareAsync();
        return shop;
    }

    /// <summary>The same shop in another process.</summary>
    public CodeShop Another() => new(Home, Home.Another());

    public static NewBatch Wanted(int count = 500, string format = "console", string by = "mara@example.com", string prefix = "", string publishBy = "script", int units = 1) => new(
        Ids.New(TimeProvider.System.UtcNow()), "trial", units, count, 5_000_000 * units, 5_000_000 * units, format, prefix, publishBy, "For tests", null, new Money(2200 * units, "CNY"), by, new DateOnly(2026, 11, 10));

    public Task<BatchRow> RequestAsync(NewBatch wanted, CodeLimits? limits = null) => Store.RequestAsync(wanted, limits ?? CodeLimits.Off);

    /// <summary>A batch whose codes are made, and known to the console.</summary>
    public async Task<BatchRow> MadeAsync(NewBatch wanted, bool published = true)
    {
        var batch = await ClaimedAsync(await RequestAsync(wanted));
        await Maker.MakeAsync(batch, CancellationToken.None);
        if (published)
            await Tasks.MarkPublishedAsync(batch.Number, "mara@example.com", null);
        return await Batches.GetAsync(batch.Id);
    }

    public async Task<BatchRow> ClaimedAsync(BatchRow batch)
    {
        Assert.True(await Store.ClaimAsync(batch.Id, Vault.NewBatchKey));
        return await Batches.GetAsync(batch.Id);
    }

    /// <summary>Every code of a batch in the order of its sequence, opened.</summary>
    public async Task<List<(CodeRow Row, string Code)>> OpenedAsync(BatchRow batch)
    {
        using var sealer = await Vault.CodeSealerAsync(batch.Id, batch.WrappedKey!);
        var ciphers = await Database.ReadAsync(session => session.ListAsync<CipherRow>(ReadCiphers, new BatchQueries.ByNumber(batch.Number)));
        var rows = await Codes.SampleAsync(batch.Number, int.MaxValue);
        return [.. rows.Zip(ciphers, (row, cipher) => (row, sealer.Open(cipher.Sequence, cipher.Cipher)))];
    }

    public async Task SettleAsync(long batch)
    {
        foreach (var task in (await Tasks.OfBatchAsync(batch)).Where(task => task is { Kind: "settle", Status: "pending" }))
        {
            Assert.True(await Database.WriteAsync(WriteRank.Job, session => CodeTaskStore.Queue.ClaimAsync(session, task.Id)));
            for (var at = 0; at < task.Total;)
                at = await Voids.SettleAsync(task, at, 100, CancellationToken.None);
            await Tasks.FinishAsync(task, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => Home.DisposeAsync();

    private static readonly Sql<BatchQueries.ByNumber> ReadCiphers = new("SELECT Sequence, Cipher FROM Codes WHERE BatchNo = @Number ORDER BY Sequence");

    private sealed class CipherRow
    {
        public int Sequence { get; init; }

        public byte[] Cipher { get; init; } = [];
    }
}
