using BackOffice.Data.Migrations;
using BackOffice.Domain;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs;

/// <summary>
/// A host starts on a database that has every script. In Development it is made and brought up to date on the way; elsewhere that is the operator's to say,
/// with <c>migrate</c>: a mistyped path must not become an empty shop.
/// </summary>
public sealed class DatabaseStart(Settings settings, Migrator migrator, VaultOfSecrets vault)
{
    public async Task RequireAsync(bool isDevelopment, CancellationToken token)
    {
        var state = await migrator.StateAsync(token).ConfigureAwait(false);
        if (state == SchemaState.Current)
            return;
        if (!isDevelopment)
            throw new RefusedException(new Refusal(state == SchemaState.Missing ? "DatabaseMissing" : "DatabaseOlder", "", Place));
        await MigrateAsync(token).ConfigureAwait(false);
    }

    public async Task MigrateAsync(CancellationToken token)
    {
        await migrator.MigrateAsync(token).ConfigureAwait(false);
        await vault.PrepareAsync(token).ConfigureAwait(false);
    }

    private string Place => settings.Database.Provider == DatabaseProvider.Sqlite ? settings.Database.SqliteFile : "SQL Server";
}
