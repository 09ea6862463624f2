using System.CommandLine;
using BackOffice.Data.Migrations;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>migrate</c>: makes the database or brings it up to date, and makes the vault's lookup key.</summary>
internal static class MigrateVerb
{
    public static Command Command()
    {
        var command = new Command("migrate", "Make the database, or bring it up to date.");
        command.SetAction(async (_, token) =>
        {
            await using var office = Office.Build();
            var before = await office.Get<Migrator>().StateAsync(token).ConfigureAwait(false);
            await office.Get<DatabaseStart>().MigrateAsync(token).ConfigureAwait(false);
            Console.Out.WriteLine(before switch
            {
                SchemaState.Missing => "The database was made.",
                SchemaState.Older => "The database was brought up to date.",
                _ => "The database was up to date.",
            });
            return 0;
        });
        return command;
    }
}
