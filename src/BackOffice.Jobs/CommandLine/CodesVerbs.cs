using System.CommandLine;
using System.Globalization;
using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Approvals;
using BackOffice.Jobs.Codes;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>codes issue | approve | resume | export | void</c>: batches of redemption codes, made in this process.</summary>
internal static class CodesVerbs
{
    private const int Waits = 3;

    public static Command Command(SharedOptions shared) => new("codes", "Issue, approve, export and void batches of redemption codes.") { Issue(shared), Approve(shared), Resume(shared), Export(shared), Void(shared) };

    private static Command Issue(SharedOptions shared)
    {
        var package = new Option<string>("--package") { Description = "The package that one unit of a code is worth.", Required = true };
        var count = new Option<long>("--count") { Description = "Codes to make, 1 to 10000000.", Required = true };
        var units = new Option<int>("--units") { Description = "Units that one code is worth.", DefaultValueFactory = _ => 1 };
        var format = new Option<string>("--format") { Description = "console (32 hexadecimal characters) or friendly (typed by hand).", DefaultValueFactory = _ => "console" };
        format.AcceptOnlyFromAmong("console", "friendly");
        var prefix = new Option<string>("--prefix") { Description = "Stands before friendly codes: 1 to 6 letters and digits.", DefaultValueFactory = _ => "" };
        var publish = new Option<string>("--publish-by") { Description = "How the codes reach the console: script, database or api.", DefaultValueFactory = _ => "script" };
        publish.AcceptOnlyFromAmong("script", "database", "api");
        var note = new Option<string>("--note") { Description = "What the batch is for.", DefaultValueFactory = _ => "" };
        var expires = new Option<string?>("--expires") { Description = "When the codes end, 2027-01-01T00:00:00+08:00." };
        var command = new Command("issue", "Make a batch of codes.") { package, count, units, format, prefix, publish, note, expires };
        command.SetAction(async (parsed, token) =>
        {
            var ends = ReconcileVerb.Instant(parsed.GetValue(expires), "expires");
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var database = office.Get<Database>();
            var request = new BatchRequest(
                Ids.New(database.Clock.UtcNow()), parsed.GetValue(package)!, parsed.GetValue(units), parsed.GetValue(count),
                parsed.GetValue(format) == "console" ? CodeFormat.Console : CodeFormat.Friendly, parsed.GetValue(prefix)!,
                Enum.Parse<PublishWay>(parsed.GetValue(publish)!, ignoreCase: true), parsed.GetValue(note)!, ends);
            var startedAt = database.Clock.GetTimestamp();
            var batch = await office.Get<BatchDesk>().RequestAsync(request, await shared.ByAsync(parsed, office, Act.RunCatalogue, token).ConfigureAwait(false), token).ConfigureAwait(false);
            return await MakeAsync(office, batch, startedAt, parsed, shared, token).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Approve(SharedOptions shared)
    {
        var batch = new Option<long>("--batch") { Description = "Number of the batch.", Required = true };
        var command = new Command("approve", "Approve a batch as the second person, and make it.") { batch };
        command.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var second = await shared.SecondPersonAsync(parsed, office, Act.RunCatalogue, token).ConfigureAwait(false);
            var row = await FindAsync(office, parsed.GetValue(batch), token).ConfigureAwait(false);
            var waiting = (await office.Get<ApprovalQueries>().OfSubjectAsync(BatchStore.ApprovalKind, Text(row.Number), token).ConfigureAwait(false)).Find(approval => approval.IsPending)
                ?? throw new RefusedException(new Refusal("BatchNotWaiting", "batch"));
            var startedAt = office.Get<Database>().Clock.GetTimestamp();
            await office.Get<ApprovalDesk>().ApproveAsync(waiting, second, null, token).ConfigureAwait(false);
            return await MakeAsync(office, row, startedAt, parsed, shared, token).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Resume(SharedOptions shared)
    {
        var batch = new Option<long>("--batch") { Description = "Number of the batch.", Required = true };
        var command = new Command("resume", "Go on with a batch that failed or whose process was killed.") { batch };
        command.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var by = await shared.ByAsync(parsed, office, Act.RunCatalogue, token).ConfigureAwait(false);
            var row = await FindAsync(office, parsed.GetValue(batch), token).ConfigureAwait(false);
            var startedAt = office.Get<Database>().Clock.GetTimestamp();
            if (row.Status == "failed")
                await office.Get<BatchStore>().ResumeAsync(row.Number, by, token).ConfigureAwait(false);
            return await MakeAsync(office, row, startedAt, parsed, shared, token).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Export(SharedOptions shared)
    {
        var batch = new Option<long>("--batch") { Description = "Number of the batch.", Required = true };
        var output = new Option<string>("--out") { Description = "File to write: a zip sealed with AES-256, such as codes.zip.", Required = true };
        var format = new Option<string>("--format") { Description = "What is in it: csv or xlsx.", DefaultValueFactory = _ => "csv" };
        format.AcceptOnlyFromAmong("csv", "xlsx");
        var reason = new Option<string>("--reason") { Description = "Why.", Required = true };
        var command = new Command("export", "Write the codes of a batch that are in stock to a sealed file, once. The passphrase is printed once.") { batch, output, format, reason };
        command.SetAction(async (parsed, token) =>
        {
            var (file, why) = (Writable(parsed.GetValue(output)!), RequireReason(parsed.GetValue(reason)));
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var (store, desk, by) = (office.Get<CodeExportStore>(), office.Get<CodeExportDesk>(), await shared.ByAsync(parsed, office, Act.RunCatalogue, token).ConfigureAwait(false));
            var row = await FindAsync(office, parsed.GetValue(batch), token).ConfigureAwait(false);
            var export = (await store.OfBatchAsync(row.Number, token).ConfigureAwait(false)).Find(one => one.RequestedBy == by && one.PassphraseShownAt is null && one.Status is "requested" or "pending" or "done")
                ?? await desk.RequestAsync(row.Number, parsed.GetValue(format)!, why, by, token).ConfigureAwait(false);
            if (export.Status == "requested")
                return await WaitAsync(row.Number, await WaitingAsync(office, CodeExportStore.ApprovalKind, export.Number, token).ConfigureAwait(false), parsed, shared).ConfigureAwait(false);
            await office.Get<CodeExportJob>().RunAsync(export.Id, token).ConfigureAwait(false);
            export = await store.GetAsync(export.Id, token).ConfigureAwait(false);
            // First: where it cannot be written, nothing was taken.
            File.Copy(desk.PathOf(export), file, overwrite: true);
            await store.TakeAsync(export, by, token).ConfigureAwait(false);
            File.Delete(desk.PathOf(export));
            var passphrase = await desk.ShowPassphraseAsync(export.Number, by, token).ConfigureAwait(false);
            shared.Answer(
                parsed,
                new { Batch = row.Number, Export = export.Number, Codes = export.RowsDone, Out = file, Sha256 = Convert.ToHexStringLower(export.Sha256!), Passphrase = passphrase },
                FormattableString.Invariant($"{export.RowsDone} codes of batch {row.Number} are in {file}. The passphrase, shown this once: {passphrase}"));
            return 0;
        });
        return command;
    }

    private static string Writable(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
            throw new RefusedException(new Refusal("FolderMissing", "out", folder));
        return Directory.Exists(file) ? throw new RefusedException(new Refusal("FileIsFolder", "out", file)) : Path.GetFullPath(file);
    }

    private static async Task<long> WaitingAsync(Office office, string kind, long subject, CancellationToken token) =>
        (await office.Get<ApprovalQueries>().OfSubjectAsync(kind, Text(subject), token).ConfigureAwait(false)).Single(one => one.IsPending).Number;

    private static Command Void(SharedOptions shared)
    {
        var batch = new Option<long>("--batch") { Description = "Number of the batch.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why.", Required = true };
        var delivered = new Option<bool>("--with-delivered") { Description = "Codes that customers hold stop working too." };
        var command = new Command("void", "Make a batch void at once, whatever its size.") { batch, reason, delivered };
        command.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var row = await FindAsync(office, parsed.GetValue(batch), token).ConfigureAwait(false);
            var outcome = await office.Get<VoidDesk>().VoidAsync(
                new BatchVoid(row.Number, parsed.GetValue(delivered), await shared.ByAsync(parsed, office, Act.RunCatalogue, token).ConfigureAwait(false), RequireReason(parsed.GetValue(reason))), token).ConfigureAwait(false);
            if (outcome.Waiting is { } approval)
                return await WaitAsync(row.Number, approval, parsed, shared).ConfigureAwait(false);
            var done = outcome.Done!;
            // The batch is void; its rows follow in this process, and in the worker's when it is stopped.
            foreach (var task in await office.Get<CodeTaskStore>().OfBatchAsync(row.Number, token).ConfigureAwait(false))
            {
                if (task is { Kind: "settle", Status: "pending" })
                    await office.Get<CodeTaskJob>().RunAsync(task.Id, token).ConfigureAwait(false);
            }
            shared.Answer(
                parsed,
                new { Batch = row.Number, Status = "void", Voided = done.Codes, done.Redeemed, done.Delivered },
                FormattableString.Invariant($"Batch {row.Number} is void: {done.Codes} codes stopped working, {done.Redeemed} redeemed and {done.Delivered} delivered ones stay as they are."));
            return 0;
        });
        return command;
    }

    private static async Task<int> MakeAsync(Office office, BatchRow batch, long startedAt, ParseResult parsed, SharedOptions shared, CancellationToken token)
    {
        if (batch.Status == "requested" && await office.Get<BatchQueries>().FindAsync(batch.Number, token).ConfigureAwait(false) is { Status: "requested" })
        {
            return await WaitAsync(batch.Number, await WaitingAsync(office, BatchStore.ApprovalKind, batch.Number, token).ConfigureAwait(false), parsed, shared).ConfigureAwait(false);
        }
        await office.Get<BatchJob>().RunAsync(batch.Id, token).ConfigureAwait(false);
        var row = await office.Get<BatchQueries>().GetAsync(batch.Id, token).ConfigureAwait(false);
        var seconds = Math.Round(office.Get<Database>().Clock.GetElapsedTime(startedAt).TotalSeconds, 3);
        if (row.Status != "ready")
            throw new RefusedException(new Refusal("BatchNotReady", "batch", Text(row.Number), row.Status));
        shared.Answer(
            parsed,
            new { Batch = row.Number, Count = row.Made, Seconds = seconds, row.Status },
            FormattableString.Invariant($"Batch {row.Number} is ready: {row.Made} codes in {seconds} s."));
        return 0;
    }

    private static async Task<int> WaitAsync(long batch, long approval, ParseResult parsed, SharedOptions shared)
    {
        if (shared.Json(parsed))
            shared.Answer(parsed, new { Batch = batch, Status = "waits", Approval = approval }, "");
        await Console.Error.WriteLineAsync(FormattableString.Invariant($"Batch {batch} waits for a second person: request {approval}.")).ConfigureAwait(false);
        return Waits;
    }

    internal static async Task<BatchRow> FindAsync(Office office, long number, CancellationToken token) =>
        await office.Get<BatchQueries>().FindAsync(number, token).ConfigureAwait(false) ?? throw new RefusedException(new Refusal("BatchUnknown", "batch", Text(number)));

    internal static string RequireReason(string? reason) =>
        reason?.Trim() is { Length: > 0 and <= Data.Audit.AuditLog.LongestReason } given ? given : throw new RefusedException(new Refusal("ReasonMissing", "reason", Text(Data.Audit.AuditLog.LongestReason)));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
