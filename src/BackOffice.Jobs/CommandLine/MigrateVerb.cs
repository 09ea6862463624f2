using System.CommandLine;
using BackOffice.Data.Migrations;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>migrate</c>: makes the database or brings it up to date, and makes the vault's lookup key.</summary>
internal static class MigrateVerb
{
    public static Command Command(SharedOptions shared)
    {
        var command = new Command("migrate", "Make the database, or bring it up to date.");
        command.SetAction(async (parsed, token) =>
        {
            await using var office = Office.Build();
            var before = await office.Get<Migrator>().StateAsync(token).ConfigureAwait(false);
            await office.Get<DatabaseStart>().MigrateAsync(token).ConfigureAwait(false);
            var (done, sentence) = before switch
            {
                SchemaState.Missing => ("made", "The database was made."),
                SchemaState.Older => ("updated", "The database was brought up to date."),
                _ => ("current", "The database was up to date."),
            };
            shared.Answer(parsed, new { Database = done }, sentence);
            return 0;
        });
        return command;
    }
}
