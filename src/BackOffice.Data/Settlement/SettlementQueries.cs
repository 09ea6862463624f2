using BackOffice.Data.Engine;
using BackOffice.Data.Rates;

namespace BackOffice.Data.Settlement;

/// <summary>Reads settlements as they are kept.</summary>
public sealed class SettlementQueries(Database database)
{
    /// <summary>All settlements, the latest month first.</summary>
    public Task<List<SettlementRow>> ListAsync(CancellationToken token = default) =>
        database.ReadAsync(session => session.ListAsync<SettlementRow>(ReadAll, token: token), token);

    /// <summary>One settlement; null when the month was never computed.</summary>
    public Task<SettlementRow?> FindAsync(string upstream, string period, CancellationToken token = default) =>
        database.ReadAsync(session => session.FindAsync<SettlementRow>(FindOne, new OfMonth(upstream, period), token), token);

    /// <summary>What was approved for a month; null when it is not approved.</summary>
    internal static async Task<ApprovedSettlement?> ApprovedAsync(Session session, string upstream, string period, CancellationToken token) =>
        await session.FindAsync<ApprovedRow>(FindDocument, new OfMonth(upstream, period), token).ConfigureAwait(false) is { } row
            ? new ApprovedSettlement(row.Number, row.Era, SettlementDocument.Read(row.Document), row.Frame is { } frame ? RateFrame.Read(frame) : null) : null;

    /// <summary>Which month of whom.</summary>
    public sealed record OfMonth(string Upstream, string Period);

    private const string Columns = """
        Number, Upstream, Period, WindowFrom, WindowUntil, Status, Currency, Records, TotalNano, PayableMinor, ResidueNano, Reads, Input, HitRate, SavingNano, Blockers, DataHash,
        ComputedAt, RequestedBy, ApprovedBy, ApprovedAt, ClosedBy, ClosedAt
        """;

    /// <summary>All settlements.</summary>
    public static readonly Sql ReadAll = new($"SELECT {Columns} FROM Settlements ORDER BY Period DESC, Upstream");

    /// <summary>One settlement.</summary>
    public static readonly Sql<OfMonth> FindOne = new($"SELECT {Columns} FROM Settlements WHERE Upstream = @Upstream AND Period = @Period");

    /// <summary>What was approved.</summary>
    public static readonly Sql<OfMonth> FindDocument = new("SELECT Number, Era, Document, Frame FROM Settlements WHERE Upstream = @Upstream AND Period = @Period AND Status <> 'draft'");

    private sealed class ApprovedRow
    {
        public long Number { get; init; }

        public int Era { get; init; }

        public string Document { get; init; } = "";

        public string? Frame { get; init; }
    }

    /// <summary>The number of a settlement.</summary>
    public static readonly Sql<OfMonth> FindNumber = new("SELECT Number FROM Settlements WHERE Upstream = @Upstream AND Period = @Period");
}

/// <summary>What was approved, for ever.</summary>
/// <param name="Number">The settlement's number.</param>
/// <param name="Era">What came in from this era on came too late for it.</param>
/// <param name="Document">Its figures.</param>
/// <param name="Frame">What it was mapped and priced by besides mappings and prices; null of one that was approved before that was kept.</param>
internal sealed record ApprovedSettlement(long Number, int Era, SettlementDocument Document, RateFrame? Frame);

/// <summary>A settlement as lists show it. Instants are UTC, amounts nano or minor units of <see cref="Currency"/>.</summary>
public sealed class SettlementRow
{
    /// <summary>The number people see.</summary>
    public long Number { get; init; }

    /// <summary>The upstream.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>The month, <c>2026-09</c>.</summary>
    public string Period { get; init; } = "";

    /// <summary>First instant of the month.</summary>
    public DateTime WindowFrom { get; init; }

    /// <summary>First instant after it.</summary>
    public DateTime WindowUntil { get; init; }

    /// <summary><c>draft</c>, <c>approved</c> or <c>closed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>What the upstream bills in.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Records of the month.</summary>
    public long Records { get; init; }

    /// <summary>Sum of the lines, nano.</summary>
    public long TotalNano { get; init; }

    /// <summary>To be paid, minor units.</summary>
    public long PayableMinor { get; init; }

    /// <summary>Payable less total, nano.</summary>
    public long ResidueNano { get; init; }

    /// <summary>Tokens read from a cache.</summary>
    public long Reads { get; init; }

    /// <summary>Tokens of input.</summary>
    public long Input { get; init; }

    /// <summary>Six decimals; null without input.</summary>
    public string? HitRate { get; init; }

    /// <summary>What the cache saved, nano; null when it cannot be said.</summary>
    public long? SavingNano { get; init; }

    /// <summary>How many things stop the approval.</summary>
    public int Blockers { get; init; }

    /// <summary>SHA-256 of the figures.</summary>
    public byte[] DataHash { get; init; } = [];

    /// <summary>When it was computed last.</summary>
    public DateTime ComputedAt { get; init; }

    /// <summary>Who asked for the approval.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Who approved it.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>When it was approved.</summary>
    public DateTime? ApprovedAt { get; init; }

    /// <summary>Who closed it.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>When it was closed.</summary>
    public DateTime? ClosedAt { get; init; }
}
