using System.Globalization;
using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain.Reconciliation;
using BackOffice.Domain.Settlement;

namespace BackOffice.Data.Rates;

/// <summary>What tokens cost customers, by console model name (settlement rules 5).</summary>
public sealed class CreditTable : RateTable
{
    /// <inheritdoc/>
    public override string Kind => RateKinds.Credit;

    internal override string SubjectOf(DatedRow row) => AuditSubject.Of("credit", ((CreditRule)row).Name);

    internal override object FactsOf(DatedRow row)
    {
        var rule = (CreditRule)row;
        return new
        {
            Kind,
            rule.Name,
            InputWeight = RateRules.PriceText(rule.InputWeightMicro),
            CachedDivisor = RateRules.PriceText(rule.DivisorMicro),
            CacheWriteWeight = RateRules.PriceText(rule.CacheWriteWeightMicro),
            OutputWeight = RateRules.PriceText(rule.OutputWeightMicro),
            rule.ValidFrom,
            rule.ValidUntil,
        };
    }

    internal override Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token) => ReadAsync<CreditRead>(session, List, null, token);

    internal override async Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token)
    {
        var rule = (CreditRule)row;
        var number = await session.NextNumberAsync("CreditRules", token).ConfigureAwait(false);
        var args = new NewCredit(
            number, rule.Name, rule.InputWeightMicro, rule.DivisorMicro, rule.CacheWriteWeightMicro, rule.OutputWeightMicro, rule.ValidFrom, rule.ValidUntil, session.At, by);
        await session.ExecuteAsync(Insert, args, token).ConfigureAwait(false);
        return number;
    }

    internal override Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token) => session.ExecuteAsync(Close, new Ending(row.Id, until), token);

    /// <summary>A credit rule to be stored.</summary>
    public sealed record NewCredit(
        long Number, string Name, long InputMicro, long DivisorMicro, long WriteMicro, long OutputMicro, DateTime? ValidFrom, DateTime? ValidUntil, DateTime RecordedAt, string RecordedBy);

    /// <summary>All credit rules.</summary>
    public static readonly Sql List = new("SELECT Number, Name, InputMicro, DivisorMicro, WriteMicro, OutputMicro, ValidFrom, ValidUntil, RecordedAt, RecordedBy FROM CreditRules");

    /// <summary>A new credit rule.</summary>
    public static readonly Sql<NewCredit> Insert = new("""
        INSERT INTO CreditRules (Number, Name, InputMicro, DivisorMicro, WriteMicro, OutputMicro, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
        VALUES (@Number, @Name, @InputMicro, @DivisorMicro, @WriteMicro, @OutputMicro, @ValidFrom, @ValidUntil, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<Ending> Close = new("UPDATE CreditRules SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");

    private sealed class CreditRead : RateRead
    {
        public string Name { get; init; } = "";

        public long InputMicro { get; init; }

        public long DivisorMicro { get; init; }

        public long WriteMicro { get; init; }

        public long OutputMicro { get; init; }

        public override DatedRow Dated => new CreditRule(Number, Name, InputMicro, DivisorMicro, WriteMicro, OutputMicro, ValidFrom, ValidUntil);
    }
}

/// <summary>Exchange rates, for margins (settlement rules 5).</summary>
public sealed class ExchangeTable : RateTable
{
    /// <inheritdoc/>
    public override string Kind => "exchange";

    internal override string SubjectOf(DatedRow row) => AuditSubject.Of("exchange", $"{((ExchangeRate)row).From}/{((ExchangeRate)row).To}");

    internal override object FactsOf(DatedRow row)
    {
        var rate = (ExchangeRate)row;
        return new { Kind, Base = rate.From, Quote = rate.To, Rate = RateRules.RateText(rate.RateNano), rate.ValidFrom, rate.ValidUntil };
    }

    internal override Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token) => ReadAsync<ExchangeRead>(session, List, null, token);

    internal override async Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token)
    {
        var rate = (ExchangeRate)row;
        var number = await session.NextNumberAsync("ExchangeRates", token).ConfigureAwait(false);
        await session.ExecuteAsync(Insert, new NewRate(number, rate.From, rate.To, rate.RateNano, rate.ValidFrom, rate.ValidUntil, session.At, by), token).ConfigureAwait(false);
        return number;
    }

    internal override Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token) => session.ExecuteAsync(Close, new Ending(row.Id, until), token);

    internal override Task<DateTime?> UsedUntilAsync(Session session, DatedRow row, CancellationToken token) => Task.FromResult<DateTime?>(null);

    /// <summary>A rate to be stored.</summary>
    public sealed record NewRate(long Number, string Base, string Quote, long RateNano, DateTime? ValidFrom, DateTime? ValidUntil, DateTime RecordedAt, string RecordedBy);

    /// <summary>All rates.</summary>
    public static readonly Sql List = new("SELECT Number, Base, Quote, RateNano, ValidFrom, ValidUntil, RecordedAt, RecordedBy FROM ExchangeRates");

    /// <summary>A new rate.</summary>
    public static readonly Sql<NewRate> Insert = new("""
        INSERT INTO ExchangeRates (Number, Base, Quote, RateNano, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
        VALUES (@Number, @Base, @Quote, @RateNano, @ValidFrom, @ValidUntil, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<Ending> Close = new("UPDATE ExchangeRates SET ValidUntil = @ValidUntil WHERE Number = @Number AND ValidUntil IS NULL");

    private sealed class ExchangeRead : RateRead
    {
        public string Base { get; init; } = "";

        public string Quote { get; init; } = "";

        public long RateNano { get; init; }

        public override DatedRow Dated => new ExchangeRate(Number, Base, Quote, new Fraction(RateNano, SettlementMath.NanoPerUnit), ValidFrom, ValidUntil);
    }
}

/// <summary>Creem's estimated fees, which runs of the reconciliation read as they were known.</summary>
public sealed class FeeTable : RateTable
{
    /// <inheritdoc/>
    public override string Kind => "fee";

    /// <summary>No: runs keep to the fees that were known to them, and know a row by where it begins.</summary>
    public override bool MayWithdraw => false;

    internal override string KeyOf(DatedRow row) => $"{((FeeRule)row).Currency}-{row.ValidFrom!.Value.ToString("yyyyMMddHHmm", CultureInfo.InvariantCulture)}";

    internal override string SubjectOf(DatedRow row) => AuditSubject.Of("fee", ((FeeRule)row).Currency);

    internal override object FactsOf(DatedRow row)
    {
        var rule = (FeeRule)row;
        return new { Kind, rule.Currency, rule.Percent, rule.FixedMinor, rule.ValidFrom, rule.ValidUntil };
    }

    internal override Task<List<KeptRow>> ListAsync(Session session, string? group, CancellationToken token) => ReadAsync<FeeRead>(session, List, null, token);

    internal override async Task<long> InsertAsync(WriteSession session, DatedRow row, string origin, string by, CancellationToken token)
    {
        var rule = (FeeRule)row;
        await session.ExecuteAsync(Insert, new NewFee(rule.Currency, rule.PartsPerMillion, rule.FixedMinor, rule.ValidFrom!.Value, rule.ValidUntil, session.At, by), token).ConfigureAwait(false);
        return 0;
    }

    internal override Task CloseAsync(WriteSession session, DatedRow row, DateTime until, CancellationToken token) =>
        session.ExecuteAsync(Close, new FeeEnding(((FeeRule)row).Currency, row.ValidFrom!.Value, until, session.At), token);

    internal override Task<DateTime?> UsedUntilAsync(Session session, DatedRow row, CancellationToken token) => Task.FromResult<DateTime?>(null);

    /// <summary>A fee row to be stored.</summary>
    public sealed record NewFee(string Currency, long PartsPerMillion, long FixedMinor, DateTime ValidFrom, DateTime? ValidUntil, DateTime RecordedAt, string RecordedBy);

    /// <summary>A fee row and its end.</summary>
    public sealed record FeeEnding(string Currency, DateTime ValidFrom, DateTime ValidUntil, DateTime EndedAt);

    /// <summary>All fee rows.</summary>
    public static readonly Sql List = new("SELECT Currency, PartsPerMillion, FixedMinor, ValidFrom, ValidUntil, RecordedAt, RecordedBy FROM FeeRules");

    /// <summary>A new fee row.</summary>
    public static readonly Sql<NewFee> Insert = new("""
        INSERT INTO FeeRules (Currency, PartsPerMillion, FixedMinor, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
        VALUES (@Currency, @PartsPerMillion, @FixedMinor, @ValidFrom, @ValidUntil, @RecordedAt, @RecordedBy)
        """);

    /// <summary>Sets a blank end, once.</summary>
    public static readonly Sql<FeeEnding> Close = new("""
        UPDATE FeeRules SET ValidUntil = @ValidUntil, EndedAt = @EndedAt WHERE Currency = @Currency AND ValidFrom = @ValidFrom AND ValidUntil IS NULL
        """);

    private sealed class FeeRead : RateRead
    {
        public string Currency { get; init; } = "";

        public long PartsPerMillion { get; init; }

        public long FixedMinor { get; init; }

        public override DatedRow Dated => new FeeRule(Currency, PartsPerMillion, FixedMinor, ValidFrom, ValidUntil);
    }
}
