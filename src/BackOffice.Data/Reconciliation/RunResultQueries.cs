using System.Runtime.CompilerServices;
using BackOffice.Data.Engine;
using BackOffice.Domain.Reconciliation;

namespace BackOffice.Data.Reconciliation;

/// <summary>Reads what a run came to: its figures, and the findings it saw.</summary>
public sealed class RunResultQueries(Database database)
{
    /// <summary>Statement, bridge and packages of a run.</summary>
    public Task<RunFigures> FiguresAsync(RunRow run, CancellationToken token = default) =>
        database.ReadAsync(async session =>
        {
            var args = new OfRun(run.Id);
            var statement = await session.ListAsync<StatementRow>(ReadStatement, args, token).ConfigureAwait(false);
            var bridge = await session.ListAsync<BridgeRow>(ReadBridge, args, token).ConfigureAwait(false);
            var packages = await session.ListAsync<PackageRow>(ReadPackages, args, token).ConfigureAwait(false);
            return new RunFigures(
                statement.ConvertAll(row => row.AsLine()),
                [.. bridge.Select(row => row.AsLine()).OrderBy(line => line.Currency, StringComparer.Ordinal).ThenBy(line => Place(line.Bucket))],
                packages.ConvertAll(row => row.AsLine()),
                run.Status == "broken");
        }, token);

    /// <summary>Findings of a run by kind: how many, and per currency how much was paid and expected where the kind says.</summary>
    public Task<List<KindCount>> CountsAsync(Guid runId, CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<KindCount>(CountByKind, new OfRun(runId), token), token);

    /// <summary>A run's findings, by kind and subject (ordinal), never all in memory.</summary>
    public async IAsyncEnumerable<FindingLine> StreamFindingsAsync(Guid runId, [EnumeratorCancellation] CancellationToken token = default)
    {
        await using var session = await database.OpenAsync(token).ConfigureAwait(false);
        await foreach (var line in session.StreamAsync<FindingLine>(ReadFindings, new OfRun(runId)).WithCancellation(token).ConfigureAwait(false))
            yield return line;
    }

    private static int Place(string bucket)
    {
        for (var i = 0; i < FindingKinds.InOrder.Count; i++)
        {
            if (FindingKinds.InOrder[i] == bucket)
                return i;
        }
        return FindingKinds.InOrder.Count + Array.IndexOf([BridgeBuckets.ChargedBackSettled, BridgeBuckets.RefundedSettled, BridgeBuckets.WithinGrace, BridgeBuckets.Matched], bucket);
    }

    /// <summary>Which run.</summary>
    public sealed record OfRun(Guid Id);

    /// <summary>Gross to net.</summary>
    public static readonly Sql<OfRun> ReadStatement = new("""
        SELECT Currency, Transactions, GrossPaidMinor, TaxMinor, RefundedMinor, ChargedBackMinor, TaxReturnedMinor, FeesMinor, NetMinor
        FROM RunStatementLines
        WHERE RunId = @Id
        ORDER BY Currency
        """);

    /// <summary>The bridge.</summary>
    public static readonly Sql<OfRun> ReadBridge = new("SELECT Currency, Bucket, Transactions, AmountMinor FROM RunBridgeLines WHERE RunId = @Id");

    /// <summary>By package, in the order of the shop's page.</summary>
    public static readonly Sql<OfRun> ReadPackages = new("""
        SELECT l.Package, l.SoldOrders, l.SoldTokens, l.PaidOrders, l.PaidTokens, l.KeysDelivered, l.KeyTokens, l.CodesDelivered, l.CodeTokens
        FROM RunPackageLines l
        JOIN Packages p ON p.Slug = l.Package
        WHERE l.RunId = @Id
        ORDER BY p.Position, l.Package
        """);

    /// <summary>Counts and money by kind.</summary>
    public static readonly Sql<OfRun> CountByKind = new("""
        SELECT Kind, Currency, COUNT(*) AS Findings, COUNT(ExpectedMinor) AS Compared, SUM(ActualMinor) AS ActualMinor,
            SUM(CASE WHEN ActualMinor > ExpectedMinor THEN ActualMinor - ExpectedMinor ELSE 0 END) AS TooMuchMinor,
            SUM(CASE WHEN ActualMinor < ExpectedMinor THEN ExpectedMinor - ActualMinor ELSE 0 END) AS TooLittleMinor
        FROM RunFindings
        WHERE RunId = @Id
        GROUP BY Kind, Currency
        ORDER BY Kind, Currency
        """);

    /// <summary>By kind and subject.</summary>
    public static readonly Sql<OfRun> ReadFindings = new("""
        SELECT Kind, Subject, OrderNo, TransactionId, Currency, ExpectedMinor, ActualMinor, FactsHash
        FROM RunFindings
        WHERE RunId = @Id
        ORDER BY Kind, Subject
        """);

    private sealed class StatementRow
    {
        public string Currency { get; init; } = "";

        public long Transactions { get; init; }

        public long GrossPaidMinor { get; init; }

        public long TaxMinor { get; init; }

        public long RefundedMinor { get; init; }

        public long ChargedBackMinor { get; init; }

        public long TaxReturnedMinor { get; init; }

        public long? FeesMinor { get; init; }

        public long? NetMinor { get; init; }

        public StatementLine AsLine() => new(Currency, Transactions, GrossPaidMinor, TaxMinor, RefundedMinor, ChargedBackMinor, TaxReturnedMinor, FeesMinor, NetMinor);
    }

    private sealed class BridgeRow
    {
        public string Currency { get; init; } = "";

        public string Bucket { get; init; } = "";

        public long Transactions { get; init; }

        public long AmountMinor { get; init; }

        public BridgeLine AsLine() => new(Currency, Bucket, Transactions, AmountMinor);
    }

    private sealed class PackageRow
    {
        public string Package { get; init; } = "";

        public long SoldOrders { get; init; }

        public long SoldTokens { get; init; }

        public long PaidOrders { get; init; }

        public long PaidTokens { get; init; }

        public long KeysDelivered { get; init; }

        public long KeyTokens { get; init; }

        public long CodesDelivered { get; init; }

        public long CodeTokens { get; init; }

        public PackageLine AsLine() => new(Package, SoldOrders, SoldTokens, PaidOrders, PaidTokens, KeysDelivered, KeyTokens, CodesDelivered, CodeTokens);
    }
}

/// <summary>Findings of one kind and currency.</summary>
public sealed class KindCount
{
    /// <summary>The kind.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The currency, where the kind has one.</summary>
    public string? Currency { get; init; }

    /// <summary>How many.</summary>
    public long Findings { get; init; }

    /// <summary>How many of them say what should have been paid.</summary>
    public long Compared { get; init; }

    /// <summary>Sum of what was paid, minor units.</summary>
    public long? ActualMinor { get; init; }

    /// <summary>Sum of what was paid above what should have been, minor units; kept apart from <see cref="TooLittleMinor"/>, or one would hide the other.</summary>
    public long TooMuchMinor { get; init; }

    /// <summary>Sum of what was paid short of what should have been, minor units, not negative.</summary>
    public long TooLittleMinor { get; init; }
}
