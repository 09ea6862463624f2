using System.Security.Cryptography;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Data.Migrations;
using BackOffice.Domain.Codes;

namespace BackOffice.Data.Tests;

public sealed class BatchMakerTests
{
    private static readonly Sql<BatchQueries.ByNumber> Expire = new("UPDATE CodeBatches SET LeaseOwner = 'elsewhere/1/1', LeaseUntil = '2020-01-01 00:00:00' WHERE Number = @Number");

    [Theory, EachEngine]
    public async Task A_batch_has_exactly_its_codes_each_of_which_opens_and_is_found(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(2_345, "friendly", prefix: "VIP"), published: false);
        Assert.Equal(("ready", 2_345, 2_345, 0), (batch.Status, batch.Made, batch.Available, batch.Voided));
        var codes = await shop.OpenedAsync(batch);
        Assert.Equal(Enumerable.Range(1, 2_345), codes.Select(code => code.Row.Sequence));
        Assert.Equal(2_345, codes.Select(code => code.Code).Distinct().Count());
        var finder = await shop.Vault.FinderAsync();
        foreach (var (row, code) in codes.Take(100).Append(codes[^1]))
        {
            Assert.Matches("^VIP-[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$", code);
            var read = RedemptionCode.Read(code);
            Assert.Equal((CodeReading.Whole, row.LastFour), (read.Reading, code[^4..]));
            var found = await shop.Codes.FindAsync(finder.LookupKey(read.Canonical));
            Assert.Equal((batch.Number, row.Sequence), (found!.BatchNo, found.Sequence));
        }
        Assert.Equal([CodeEventKinds.Requested, CodeEventKinds.Ready], (await shop.Batches.EventsAsync(batch.Number)).Select(one => one.Kind));
    }

    [Theory, EachEngine]
    public async Task A_cipher_moved_to_another_row_or_batch_does_not_open(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var (one, other) = (await shop.MadeAsync(CodeShop.Wanted(3)), await shop.MadeAsync(CodeShop.Wanted(3)));
        var cipher = (await shop.Database.ReadAsync(session => session.ListAsync<byte[]>(new Sql<BatchQueries.ByNumber>("SELECT Cipher FROM Codes WHERE BatchNo = @Number ORDER BY Sequence"), new BatchQueries.ByNumber(one.Number))))[0];
        using var sealer = await shop.Vault.CodeSealerAsync(one.Id, one.WrappedKey!);
        using var ofOther = await shop.Vault.CodeSealerAsync(other.Id, one.WrappedKey!);
        using var withKeyOfOther = await shop.Vault.CodeSealerAsync(one.Id, other.WrappedKey!);
        Assert.Matches("^[0-9a-f]{32}$", sealer.Open(1, cipher));
        Assert.ThrowsAny<CryptographicException>(() => sealer.Open(2, cipher));
        Assert.ThrowsAny<CryptographicException>(() => ofOther.Open(1, cipher));
        Assert.ThrowsAny<CryptographicException>(() => withKeyOfOther.Open(1, cipher));
        for (var i = 0; i < cipher.Length; i++)
        {
            byte[] changed = [.. cipher];
            changed[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => sealer.Open(1, changed));
        }
    }

    [Theory, EachEngine]
    public async Task A_worker_that_was_overtaken_stops_and_the_next_goes_on_where_it_was(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var claimed = await shop.ClaimedAsync(await shop.RequestAsync(CodeShop.Wanted(40_000)));
        var draws = 0;
        // Loses its lease while the second slab is drawn, as if it had slept too long and another had taken over.
        var overtaken = new BatchMaker(shop.Database, shop.Vault, bytes =>
        {
            RandomNumberGenerator.Fill(bytes);
            if (Interlocked.Increment(ref draws) == 3)
                shop.Database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(Expire, new BatchQueries.ByNumber(claimed.Number))).GetAwaiter().GetResult();
        });
        await Assert.ThrowsAsync<LeaseLostException>(() => overtaken.MakeAsync(claimed, CancellationToken.None));
        var left = await shop.Batches.GetAsync(claimed.Id);
        Assert.InRange(left.Made, 0, 39_999);

        var other = shop.Another();
        await other.Maker.MakeAsync(await other.ClaimedAsync(left), CancellationToken.None);
        await HasExactlyAsync(shop, claimed.Number, 40_000);
    }

    [Theory, EachEngine]
    public async Task Run_twice_at_once_one_makes_it(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        CodeShop[] processes = [shop, shop.Another()];
        var batch = await shop.RequestAsync(CodeShop.Wanted(5_000));
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => processes[i % 2].Store.ClaimAsync(batch.Id, shop.Vault.NewBatchKey))));
        Assert.Single(claims, claimed => claimed);
        var row = await shop.Batches.GetAsync(batch.Id);
        // Both act as if they held it: each slice advances the batch from what it found, so one of them stops.
        var outcomes = await Task.WhenAll(processes.Select(process => Task.Run(async () =>
        {
            try
            {
                await process.Maker.MakeAsync(row, CancellationToken.None);
                return "made";
            }
            catch (LeaseLostException)
            {
                return "stopped";
            }
        })));
        Assert.Contains("made", outcomes);
        await HasExactlyAsync(shop, batch.Number, 5_000);
    }

    [Theory, EachEngine]
    public async Task A_code_that_there_is_already_is_drawn_again(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var claimed = await shop.ClaimedAsync(await shop.RequestAsync(CodeShop.Wanted(100)));
        var throws = 0;
        // The first draw throws one code twice: dice, then nonces.
        var unlucky = new BatchMaker(shop.Database, shop.Vault, bytes =>
        {
            RandomNumberGenerator.Fill(bytes);
            if (Interlocked.Increment(ref throws) == 1)
                bytes[..RedemptionCode.Dice].CopyTo(bytes[^RedemptionCode.Dice..]);
        });
        await unlucky.MakeAsync(claimed, CancellationToken.None);
        Assert.Equal(4, throws);
        await HasExactlyAsync(shop, claimed.Number, 100);
    }

    [Theory, EachEngine]
    public async Task A_batch_made_void_while_it_is_made_stops_and_what_was_made_is_void(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var claimed = await shop.ClaimedAsync(await shop.RequestAsync(CodeShop.Wanted(60_000)));
        var draws = 0;
        var interrupted = new BatchMaker(shop.Database, shop.Vault, bytes =>
        {
            RandomNumberGenerator.Fill(bytes);
            if (Interlocked.Increment(ref draws) != 5)
                return;
            while (shop.Batches.GetAsync(claimed.Id).GetAwaiter().GetResult().Made == 0)
                continue; // asking takes as long as waiting would
            shop.Voids.VoidAsync(new BatchVoid(claimed.Number, false, "mara@example.com", "Too many")).GetAwaiter().GetResult();
        });
        await Assert.ThrowsAsync<LeaseLostException>(() => interrupted.MakeAsync(claimed, CancellationToken.None));
        var batch = await shop.Batches.GetAsync(claimed.Id);
        Assert.Equal(("void", batch.Made, 0), (batch.Status, batch.Voided, batch.Available));
        Assert.InRange(batch.Made, 1, 59_999);
        Assert.False(await shop.Store.ClaimAsync(batch.Id, shop.Vault.NewBatchKey));
    }

    [Theory, EachEngine]
    public async Task Dice_are_fair_enough_to_make_every_character_as_often(DatabaseProvider engine)
    {
        await using var shop = await CodeShop.OnAsync(engine);
        var batch = await shop.MadeAsync(CodeShop.Wanted(4_000, "friendly"));
        var counts = (await shop.OpenedAsync(batch)).SelectMany(code => code.Code.Where(character => character != '-').Take(15)).GroupBy(character => character).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(32, counts.Count);
        var expected = 4_000 * 15 / 32m;
        var chi = counts.Values.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.True(chi < 80, $"chi-squared {chi} with 31 degrees of freedom"); // more than that once in a hundred thousand runs
    }

    private static async Task HasExactlyAsync(CodeShop shop, long number, int count)
    {
        var batch = (await shop.Batches.FindAsync(number))!;
        Assert.Equal(("ready", count, count), (batch.Status, batch.Made, batch.Available));
        var codes = await shop.OpenedAsync(batch);
        Assert.Equal(Enumerable.Range(1, count), codes.Select(code => code.Row.Sequence));
        Assert.Equal(count, codes.Select(code => code.Code).Distinct().Count());
    }
}
