using System.CommandLine;
using BackOffice.Data.Imports;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Imports;
using BackOffice.Jobs.Imports;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>import orders|deliveries|creem|usage|prices|mappings|invoice FILE</c>: takes a file in and says read, new, repeated, put aside.</summary>
internal static class ImportVerbs
{
    private const int MostShown = 20;

    public static Command Command(SharedOptions shared)
    {
        var command = new Command("import", "Take a file in.");
        command.Add(Verb("orders", "orders.csv: what was sold.", shared));
        command.Add(Verb("deliveries", "deliveries.csv: keys and codes handed out, and taken back.", shared));
        command.Add(Verb("creem", "Creem's transactions as JSON: an array, pages, or one a line.", shared));
        command.Add(UsageVerb(shared));
        command.Add(Verb("prices", "prices.csv: what upstreams ask for a million tokens, from when and until when.", shared));
        command.Add(Verb("mappings", "mappings.csv: which upstream model a name stands for, from when and until when.", shared));
        command.Add(InvoiceVerb(shared));
        return command;
    }

    private static Command InvoiceVerb(SharedOptions shared)
    {
        var upstream = new Option<string>("--upstream") { Description = "Whose invoice it is, such as deepseek.", Required = true };
        var month = new Option<string>("--month") { Description = "The month it is of, 2026-09.", Required = true };
        month.Validators.Add(SharedOptions.RequireMonth);
        var total = new Option<string?>("--total") { Description = "The total it states, where it is not the sum of its lines." };
        var command = Verb("invoice", "invoice.csv: what an upstream asks for a month.", shared, parsed => InvoiceOptions.Of(parsed.GetValue(upstream), parsed.GetValue(month), parsed.GetValue(total)).Text());
        command.Add(upstream);
        command.Add(month);
        command.Add(total);
        return command;
    }

    private static Command UsageVerb(SharedOptions shared)
    {
        var source = new Option<string>("--source") { Description = "What the file is: new-api or one-api log rows as JSON, or neutral CSV.", Required = true };
        source.AcceptOnlyFromAmong([.. UsageOptions.Flavours]);
        var name = new Option<string?>("--source-name") { Description = "The console's name, where there are two of a kind; ids of records are unique within it." };
        var command = Verb("usage", "What customers used: log rows of a console, or the neutral CSV.", shared, parsed => UsageOptions.Of(parsed.GetValue(source), parsed.GetValue(name)).Text());
        command.Add(source);
        command.Add(name);
        return command;
    }

    private static Command Verb(string kind, string description, SharedOptions shared, Func<ParseResult, string>? options = null)
    {
        var file = new Argument<string>("file") { Description = "The file." };
        var strict = new Option<bool>("--strict") { Description = "Take nothing in when any record would be put aside." };
        var command = new Command(kind, description) { file, strict };
        command.SetAction(async (parsed, token) =>
        {
            var said = options?.Invoke(parsed);
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var by = await shared.ByAsync(parsed, office, Act.TakeIn, token).ConfigureAwait(false);
            var asked = new Asked(kind, parsed.GetValue(file)!, said, parsed.GetValue(strict), by);
            return await ImportAsync(office, asked, parsed, shared, token).ConfigureAwait(false);
        });
        return command;
    }

    private sealed record Asked(string Kind, string Path, string? Options, bool Strict, string By);

    private static async Task<int> ImportAsync(Office office, Asked asked, ParseResult parsed, SharedOptions shared, CancellationToken token)
    {
        var import = await RunAsync(office, asked, token).ConfigureAwait(false);
        var asides = await office.Get<ImportQueries>().PutAsidesAsync(import.Id, 0, MostShown, token).ConfigureAwait(false);
        foreach (var (_, aside) in asides)
            await Console.Error.WriteLineAsync(RefusalText.OfRecord(import.FileName, aside, Texts.English)).ConfigureAwait(false);
        if (import.RecordsPutAside > asides.Count)
            await Console.Error.WriteLineAsync(FormattableString.Invariant($"... and {import.RecordsPutAside - asides.Count} more, all kept with import {import.Number}.")).ConfigureAwait(false);
        shared.Answer(parsed, Document(import, asides), Sentence(import));
        if (import.Status != "checked")
            return 0;
        await Console.Error.WriteLineAsync($"{import.FileName}: nothing was taken in, because --strict was given. Correct the lines above, then import it again.").ConfigureAwait(false);
        return 1;
    }

    private static async Task<ImportRow> RunAsync(Office office, Asked asked, CancellationToken token)
    {
        var (kind, path, options, strict, by) = asked;
        var queries = office.Get<ImportQueries>();
        try
        {
            for (var adopt = !strict; ; adopt = false)
            {
                var import = await office.Get<ImportDesk>().TakeFileAsync(kind, path, strict ? "check" : "take", adopt, by, options, token).ConfigureAwait(false);
                if (!await office.Get<ImportJob>().TryRunAsync(import.Id, token).ConfigureAwait(false))
                    continue; // another process took the same unfinished import up at the same moment: this one gets a row of its own
                import = await queries.GetAsync(import.Id, token).ConfigureAwait(false);
                if (!strict || import.RecordsPutAside > 0)
                    return import;
                await office.Get<ImportStore>().ConfirmAsync(import.Id, by, token).ConfigureAwait(false);
                await office.Get<ImportJob>().TryRunAsync(import.Id, token).ConfigureAwait(false);
                return await queries.GetAsync(import.Id, token).ConfigureAwait(false);
            }
        }
        catch (RefusedException refused) when (refused.Refusal.Code is not ("FileMissing" or "FileIsFolder" or "FileNotPlain" or "FileNotChosen"))
        {
            throw new RefusedException(new Refusal("OfFile", "", ImportDesk.NameOf(path), Texts.English.WithField(refused.Refusal)));
        }
    }

    private static string Sentence(ImportRow import) => import.Status == "checked"
        ? FormattableString.Invariant($"{import.FileName}: {import.RecordsRead} read, none taken in; {import.RecordsNew} would be new, {import.RecordsRepeated} repeated, {import.RecordsPutAside} put aside (import {import.Number}).")
        : FormattableString.Invariant($"{import.FileName}: {import.RecordsRead} read, {import.RecordsNew} new, {import.RecordsRepeated} repeated, {import.RecordsPutAside} put aside (import {import.Number}).");

    private static object Document(ImportRow import, List<(long Ordinal, PutAside Aside)> asides) => new
    {
        Import = import.Number,
        import.Kind,
        File = import.FileName,
        import.Status,
        Read = import.RecordsRead,
        New = import.RecordsNew,
        Repeated = import.RecordsRepeated,
        PutAside = import.RecordsPutAside,
        FirstPutAside = asides.Select(one => new { one.Aside.Line, one.Aside.Reason.Field, Reason = Texts.English.Of(one.Aside.Reason) }),
    };
}
