using BackOffice.Data.Engine;
using BackOffice.Data.Imports;
using BackOffice.Data.Migrations;
using BackOffice.Data.Settlement;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Settlement;
using BackOffice.Domain.Usage;

namespace BackOffice.Data.Tests;

public sealed class UpstreamInvoiceTests
{
    private static readonly DateOnly August = new(2026, 8, 1);

    [Theory, EachEngine]
    public async Task An_import_is_an_invoice_that_counts_once_it_is_whole_and_the_newest_does(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var queries = new InvoiceQueries(shop.Database);
        var first = await BeginAsync(shop, 1);
        await TakeAsync(shop, first, Line(2, "m-1", TokenPart.Output, 10, 50));
        Assert.Empty(await queries.OfMonthAsync("acme", "2026-08"));
        // Killed here, and taken up again.
        await TakeAsync(shop, first, Line(3, "m-1", TokenPart.CacheRead, 10, 20));
        await EndAsync(shop, first);
        Assert.Equal((1, 70L), (Assert.Single(await queries.OfMonthAsync("acme", "2026-08")).Number, (await queries.CompareAsync("acme", August, null))!.Difference.InvoiceNano));

        var again = await BeginAsync(shop, 1);
        Assert.All(await TakeAsync(shop, again, Line(2, "m-1", TokenPart.Output, 10, 50)), outcome => Assert.Equal(OutcomeKind.Repeated, outcome.Kind));
        await EndAsync(shop, again);
        var second = await BeginAsync(shop, 2);
        await TakeAsync(shop, second, Line(2, "m-1", TokenPart.Output, 10, 60));
        await EndAsync(shop, second);
        Assert.Equal((60, true), (await queries.CompareAsync("acme", August, null)) is { } newest ? (newest.Difference.InvoiceNano, newest.IsCurrent) : default);
        Assert.Equal((70, false), (await queries.CompareAsync("acme", August, 1)) is { } older ? (older.Difference.InvoiceNano, older.IsCurrent) : default);
        Assert.Null(await queries.CompareAsync("acme", August.AddMonths(1), null));

        // The first file once more is not what counts any more, so it is an invoice again.
        var third = await BeginAsync(shop, 1);
        Assert.All(await TakeAsync(shop, third, Line(2, "m-1", TokenPart.Output, 10, 50)), outcome => Assert.Equal(OutcomeKind.New, outcome.Kind));
        await EndAsync(shop, third);
        Assert.Equal([3L, 2L, 1L], (await queries.OfMonthAsync("acme", "2026-08")).Select(row => row.Number));
    }

    [Theory, EachEngine]
    public async Task What_is_accepted_is_what_was_seen_once_and_of_the_invoice_that_counts(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        await shop.UseAsync(UsageShop.Record("1", "2026-08-10T03:00:00", 1_000_000));
        var (queries, store) = (new InvoiceQueries(shop.Database), new InvoiceStore(shop.Database));
        var import = await BeginAsync(shop, 1);
        await TakeAsync(shop, import, Line(2, "chat", TokenPart.UncachedInput, 1_000_000, 1_100_000_000));
        await EndAsync(shop, import);
        var seen = (await queries.CompareAsync("acme", August, null))!;
        Assert.False(seen.IsAccepted);

        await BatchStoreTests.RefusedAsync("InvoiceFiguresChanged", () => AcceptAsync(1, "00"));
        await BatchStoreTests.RefusedAsync("InvoiceReplaced", () => AcceptAsync(7, seen.HashText));
        await AcceptAsync(1, seen.HashText);
        await BatchStoreTests.RefusedAsync("InvoiceAcceptedAlready", () => AcceptAsync(1, seen.HashText));
        var accepted = (await queries.CompareAsync("acme", August, null))!;
        Assert.Equal((true, "mara@example.com", "As agreed"), (accepted.IsAccepted, accepted.Invoice.AcceptedBy, accepted.Invoice.AcceptReason));
        Assert.Equal(["invoice.accepted"], await shop.ListAsync<string>("SELECT Action FROM AuditEntries WHERE Action = 'invoice.accepted'"));

        // More usage came: the figures are others than those accepted, and may be accepted anew.
        await shop.UseAsync(UsageShop.Record("2", "2026-08-11T03:00:00", 5));
        var changed = (await queries.CompareAsync("acme", August, null))!;
        Assert.False(changed.IsAccepted);
        await AcceptAsync(1, changed.HashText);
        Assert.True((await queries.CompareAsync("acme", August, null))!.IsAccepted);

        Task AcceptAsync(long number, string hash) => store.AcceptAsync("acme", August, number, hash, "mara@example.com", "As agreed");
    }

    /// <summary>Whatever an invoice says: five figures sum exactly to it less ours, and both sides are the sums of their parts.</summary>
    [Theory, EachEngine]
    public async Task The_five_figures_sum_exactly_to_the_difference(DatabaseProvider engine)
    {
        await using var shop = await UsageShop.OnAsync(engine);
        var dice = new Dice(11);
        await shop.UseAsync([.. Enumerable.Range(0, 40).Select(i => UsageShop.Record($"{i}", $"2026-08-{1 + dice.Next(30):00}T03:00:00", dice.Next(1_000_000), dice.Next(70_000)) with
        {
            Tokens = new TokenCounts(dice.Next(1_000_003), dice.Next(999_983), dice.Next(7_919), dice.Next(104_729), dice.Next(70_001)),
        })]);
        var queries = new InvoiceQueries(shop.Database);
        for (var round = 1; round <= 12; round++)
        {
            var lines = Enumerable.Range(2, 1 + dice.Next(12)).Select(number => Line(
                number, dice.Next(4) == 0 ? "m-9" : "chat", dice.Next(7) == 0 ? null : TokenParts.All[dice.Next(5)], dice.Next(5) == 0 ? 0 : dice.Next(1_000_000_000), dice.Next(2_000_000_000) - 500_000_000L,
                dice.Next(3) == 0 ? null : new DateOnly(2026, 8, 1 + dice.Next(31)))).ToArray();
            var import = await BeginAsync(shop, (byte)round, dice.Next(2) == 0 ? null : dice.Next(2_000_000_000));
            await TakeAsync(shop, import, lines);
            await EndAsync(shop, import);

            var figures = (await queries.CompareAsync("acme", August, null))!;
            var (difference, variance) = (figures.Difference, figures.Difference.Variance);
            Assert.Equal(round, figures.Invoice.Number);
            Assert.Equal((Int128)difference.InvoiceNano - difference.OursNano, variance.Total);
            Assert.Equal(figures.Invoice.StatedNano ?? lines.Sum(line => line.Row.AmountNano), difference.InvoiceNano);
            Assert.Equal((await shop.DraftAsync(8)).Total.TotalNano, difference.OursNano);
            Assert.Equal((difference.OursNano, lines.Sum(line => line.Row.AmountNano), lines.Sum(line => line.Row.Tokens)), (figures.Parts.Sum(part => part.OursNano), figures.Parts.Sum(part => part.InvoiceNano), figures.Parts.Sum(part => part.InvoiceTokens)));
            Assert.All(difference.Models, model => Assert.Equal((Int128)model.InvoiceNano - model.OursNano, model.Variance.Total));
        }
    }

    private static ImportedInvoiceLine Line(long line, string model, TokenPart? part, long tokens, long nano, DateOnly? day = null) => new() { Line = line, Row = new InvoiceLine(day, model, part, tokens, nano) };

    private static async Task<(ImportRow Import, NewInvoice Invoice)> BeginAsync(UsageShop shop, byte content, long? stated = null)
    {
        var sha = new byte[32];
        sha[0] = content;
        return (await new ImportStore(shop.Database).AddAsync(new NewImport("invoice", "invoice.csv", "/nowhere", 1, sha, "take", "mara@example.com", "{}")), new NewInvoice("acme", "2026-08", "CNY", stated));
    }

    private static Task<Outcome[]> TakeAsync(UsageShop shop, (ImportRow Import, NewInvoice Invoice) begun, params ImportedInvoiceLine[] lines) =>
        shop.Database.WriteAsync(WriteRank.Job, session => new InvoiceIntake(begun.Import, begun.Invoice).TakeAsync(session, lines, "mara@example.com", CancellationToken.None));

    private static Task<int> EndAsync(UsageShop shop, (ImportRow Import, NewInvoice Invoice) begun) =>
        shop.Database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(End, new ImportStore.ById(begun.Import.Id)));

    private static readonly Sql<ImportStore.ById> End = new("UPDATE Imports SET Status = 'done' WHERE Id = @Id");

    // Numbers that look thrown, the same for the same seed.
    private sealed class Dice(int seed)
    {
        private ulong _state = (ulong)seed;

        public int Next(int sides)
        {
            _state = unchecked(_state * 6364136223846793005 + 1442695040888963407);
            return (int)((_state >> 33) % (ulong)sides);
        }
    }
}
