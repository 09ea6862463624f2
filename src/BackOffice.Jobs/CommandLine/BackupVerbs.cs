using System.CommandLine;
using BackOffice.Data.Backups;
using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;
using BackOffice.Domain;
using Microsoft.Data.SqlClient;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>backup</c> and <c>restore</c>: a copy of the shop and, apart, of its key ring; and back.</summary>
internal static class BackupVerbs
{
    public static Command Backup(SharedOptions shared)
    {
        var to = new Option<string>("--to") { Description = "Folder that is there; the copy becomes a folder in it.", Required = true };
        var keysTo = new Option<string?>("--keys-to") { Description = "Folder for the key ring's copy, best on another disk; else the same." };
        var command = new Command("backup", "Copy the shop while it runs, and its key ring apart.") { to, keysTo };
        command.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var folder = Path.GetFullPath(parsed.GetValue(to)!);
            var keysFolder = Path.GetFullPath(parsed.GetValue(keysTo) ?? folder);
            var settings = office.Get<Settings>();
            if (settings.Database.Provider == DatabaseProvider.SqlServer)
            {
                var keys = await ShopBackup.TakeKeysAsync(settings.KeyRing, keysFolder, office.Get<TimeProvider>().UtcNow(), token).ConfigureAwait(false);
                var statement = ServerStatement(settings.Database.ConnectionString, folder);
                shared.Answer(parsed, new { Keys = keys, Statement = statement }, $"The key ring was copied to {keys}. The database is SQL Server's to copy, on its own disk; run there:{Environment.NewLine}{statement}");
                return 0;
            }
            var taken = await office.Get<ShopBackup>().TakeAsync(folder, keysFolder, token).ConfigureAwait(false);
            var sentence = FormattableString.Invariant($"Copied to {taken.Path} ({taken.Manifest.Database.Size / 1_000_000.0:0.0} MB), the key ring apart to {taken.KeysPath}.");
            shared.Answer(parsed, new { Copy = taken.Path, Keys = taken.KeysPath, taken.Manifest }, sentence);
            return 0;
        });
        return command;
    }

    public static Command Restore(SharedOptions shared)
    {
        var from = new Option<string>("--from") { Description = "A copy, or a folder of copies: then the newest.", Required = true };
        var keysFrom = new Option<string?>("--keys-from") { Description = "The key ring's copy, or a folder of them; else beside the copy." };
        var command = new Command("restore", "Put a copy in the place of a shop that is stopped. The present database is kept aside.") { from, keysFrom };
        command.SetAction(async (parsed, token) =>
        {
            await using var office = Office.Build();
            var settings = office.Get<Settings>();
            if (settings.Database.Provider == DatabaseProvider.SqlServer)
                throw new RefusedException(new Refusal("RestoreIsServers", "", settings.KeyRing));
            var restored = await office.Get<ShopRestore>().RestoreAsync(parsed.GetValue(from)!, parsed.GetValue(keysFrom), token).ConfigureAwait(false);
            var sentence = FormattableString.Invariant($"The shop of {restored.Manifest.TakenAt:yyyy-MM-dd HH:mm:ss} UTC is back.")
                + (restored.KeptAside is null ? "" : $" The database before it is kept as {restored.KeptAside}.")
                + (restored.Audit switch
                {
                    null => "",
                    { IsWhole: true } whole => FormattableString.Invariant($" Its audit trail is whole: {whole.Rows} entries, head {whole.Head}."),
                    { } broken => $" Its audit trail is broken: {AuditVerb.Says(broken.Break!)} Compare it with another copy.",
                })
                + (restored.Schema == SchemaState.Older ? " It is older than this program: run migrate." : "");
            var audit = restored.Audit is { } verdict ? new { Whole = verdict.IsWhole, Head = verdict.Head?.ToString() } : null;
            shared.Answer(parsed, new { restored.Copy, restored.Manifest.TakenAt, restored.KeptAside, Migrate = restored.Schema == SchemaState.Older, Audit = audit }, sentence);
            return 0;
        });
        return command;
    }

    // COPY_ONLY: the chain of the server's own differential backups goes on undisturbed.
    private static string ServerStatement(string connectionString, string folder)
    {
        var name = new SqlConnectionStringBuilder(connectionString).InitialCatalog;
        return $"BACKUP DATABASE [{name.Replace("]", "]]", StringComparison.Ordinal)}] TO DISK = N'{folder.Replace("'", "''", StringComparison.Ordinal)}/{name.Replace("'", "''", StringComparison.Ordinal)}.bak' WITH COPY_ONLY, CHECKSUM, INIT;";
    }
}
