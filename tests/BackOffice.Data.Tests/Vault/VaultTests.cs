using System.Security.Cryptography;
using System.Text;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Data.Vault;
using Microsoft.AspNetCore.DataProtection;

namespace BackOffice.Data.Tests;

public sealed class VaultTests
{
    private const string Secret = "sk-aster-7K4M9QXT2HVD5RW-专业包-🪙";
    private const string Place = "Deliveries.Cipher";
    private static readonly DateTime October = new(2026, 10, 31, 23, 59, 59, DateTimeKind.Utc);
    private static readonly DateTime November = new(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly Guid Row = Samples.Id(1);
    private static readonly Sql KeyNames = new("SELECT Name FROM VaultKeys ORDER BY Name");
    private static readonly Sql KeyRows = new("SELECT WrappedKey FROM VaultKeys");

    private readonly EphemeralDataProtectionProvider _ring = new();

    [Theory, EachEngine]
    public async Task What_was_sealed_opens_in_its_own_place_in_another_process_too(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var sealer = await new Vault.Vault(home.Database, _ring).SealerAsync(October);

        var value = sealer.Seal(Secret, Place, Row);

        Assert.Equal("2026-10", sealer.KeyName);
        Assert.Equal(Secret, await new Vault.Vault(home.Another(), _ring).OpenAsync(sealer.KeyName, value, Place, Row));
        Assert.Equal("", await new Vault.Vault(home.Database, _ring).OpenAsync(sealer.KeyName, sealer.Seal("", Place, Row), Place, Row));
    }

    [Theory, EachEngine]
    public async Task What_was_moved_or_changed_does_not_open(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var vault = new Vault.Vault(home.Database, _ring);
        var sealer = await vault.SealerAsync(October);
        var other = await vault.SealerAsync(November);
        var value = sealer.Seal(Secret, Place, Row);

        await DoesNotOpenAsync(sealer.KeyName, value, Place, Samples.Id(2));
        await DoesNotOpenAsync(sealer.KeyName, value, "Staff.Totp", Row);
        await DoesNotOpenAsync(other.KeyName, value, Place, Row);
        await DoesNotOpenAsync(sealer.KeyName, [], Place, Row);
        for (var i = 0; i < value.Length; i++)
        {
            await DoesNotOpenAsync(sealer.KeyName, value[..i], Place, Row);
            var changed = value.ToArray();
            changed[i] ^= 1;
            await DoesNotOpenAsync(sealer.KeyName, changed, Place, Row);
        }

        Task DoesNotOpenAsync(string keyName, byte[] bytes, string place, Guid row) =>
            Assert.ThrowsAnyAsync<CryptographicException>(() => vault.OpenAsync(keyName, bytes, place, row));
    }

    [Fact]
    public void The_same_secret_is_sealed_differently_each_time()
    {
        var sealer = new Sealer("2026-10", new byte[32], new byte[32]);
        var first = sealer.Seal(Secret, Place, Row);
        var second = sealer.Seal(Secret, Place, Row);

        Assert.NotEqual(first, second);
        Assert.NotEqual(first[..12], second[..12]);
    }

    [Theory, EachEngine]
    public async Task A_secret_is_found_by_the_same_key_whenever_it_was_sealed(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var october = await new Vault.Vault(home.Database, _ring).SealerAsync(October);
        var november = await new Vault.Vault(home.Another(), _ring).SealerAsync(November);

        Assert.Equal(16, october.LookupKey(Secret).Length);
        Assert.Equal(october.LookupKey(Secret), november.LookupKey(Secret));
        Assert.NotEqual(october.LookupKey(Secret), october.LookupKey(Secret + " "));
        Assert.NotEqual(october.KeyName, november.KeyName);
        Assert.Equal(["2026-10", "2026-11", "lookup"], await home.Database.ReadAsync(session => session.ListAsync<string>(KeyNames)));
    }

    [Theory, EachEngine]
    public async Task Another_key_ring_opens_nothing_and_leaves_nothing_behind(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var right = new Vault.Vault(home.Database, _ring);
        var sealer = await right.SealerAsync(October);
        var value = sealer.Seal(Secret, Place, Row);

        var wrong = new Vault.Vault(home.Database, new EphemeralDataProtectionProvider());
        await Assert.ThrowsAsync<KeyRingException>(() => wrong.OpenAsync(sealer.KeyName, value, Place, Row));
        await Assert.ThrowsAsync<KeyRingException>(() => wrong.RequireAsync());
        await Assert.ThrowsAsync<KeyRingException>(() => wrong.PrepareAsync());
        await Assert.ThrowsAsync<KeyRingException>(() => wrong.SealerAsync(October));
        await Assert.ThrowsAsync<KeyRingException>(() => wrong.SealerAsync(November));

        Assert.Equal("2026-11", (await new Vault.Vault(home.Another(), _ring).SealerAsync(November)).KeyName);
    }

    [Theory, EachEngine]
    public async Task A_vault_that_was_not_prepared_is_not_ready(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var vault = new Vault.Vault(home.Database, _ring);

        await Assert.ThrowsAsync<KeyRingException>(() => vault.RequireAsync());
        Assert.Empty(await home.Database.ReadAsync(session => session.ListAsync<string>(KeyNames)));
        await vault.PrepareAsync();
        await vault.RequireAsync();
    }

    [Theory, EachEngine]
    public async Task Processes_that_begin_a_month_at_once_agree_on_its_key(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);

        for (var month = 1; month <= 6; month++)
        {
            var at = new DateTime(2027, month, 1, 0, 0, 0, DateTimeKind.Utc);
            var vaults = Enumerable.Range(0, 4).Select(i => new Vault.Vault(i % 2 == 0 ? home.Database : home.Another(), _ring)).ToList();
            var sealers = await Task.WhenAll(vaults.Select(vault => Task.Run(() => vault.SealerAsync(at))));

            foreach (var sealer in sealers)
            {
                var value = sealer.Seal(Secret, Place, Row);
                foreach (var vault in vaults)
                    Assert.Equal(Secret, await vault.OpenAsync(sealer.KeyName, value, Place, Row));
                Assert.Equal(sealers[0].LookupKey(Secret), sealer.LookupKey(Secret));
            }
        }
    }

    [Theory, EachEngine]
    public async Task Nothing_of_the_secret_is_in_what_is_stored(DatabaseProvider engine)
    {
        await using var home = await TestDatabase.OfItsOwnAsync(engine);
        var sealer = await new Vault.Vault(home.Database, _ring).SealerAsync(October);

        byte[][] stored = [sealer.Seal(Secret, Place, Row), sealer.LookupKey(Secret), .. await home.Database.ReadAsync(session => session.ListAsync<byte[]>(KeyRows))];

        // Any four bytes in a row of the secret; some would be found in some hundred random bytes once in millions of runs.
        var plain = Encoding.UTF8.GetBytes(Secret);
        Assert.True(stored.Length == 4);
        for (var i = 0; i + 4 <= plain.Length; i++)
            Assert.DoesNotContain(stored, bytes => bytes.AsSpan().IndexOf(plain.AsSpan(i, 4)) >= 0);
    }
}
