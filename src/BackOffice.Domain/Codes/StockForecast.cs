namespace BackOffice.Domain.Codes;

/// <summary>How long codes in stock last at the rate at which they left it lately. An estimate, and called one wherever it is shown.</summary>
/// <param name="Available">Codes that can be handed out now, 0 or more.</param>
/// <param name="Taken">Codes that left stock in the last <see cref="DaysLookedBack"/> days, 0 or more.</param>
public sealed record StockForecast(long Available, long Taken)
{
    /// <summary>Days of the shop's over which the rate is worked out, today among them.</summary>
    public const int DaysLookedBack = 14;

    /// <summary>Days that a batch which is prepared should last.</summary>
    public const int DaysPrepared = 30;

    /// <summary>Codes of the smallest batch that is prepared.</summary>
    public const int LeastPrepared = 100;

    /// <summary>Whole days that the stock lasts; null when nothing left it, so that there is no rate.</summary>
    public long? Days => Taken == 0 ? null : (long)((Int128)Available * DaysLookedBack / Taken);

    /// <summary>Nothing is left.</summary>
    public bool IsOut => Available == 0;

    /// <summary>Less is left than so many days need.</summary>
    public bool IsLow(int days) => Days < days;

    /// <summary>Codes to prepare: enough for <see cref="DaysPrepared"/> days at that rate, rounded up to two figures.</summary>
    public int Prepared
    {
        get
        {
            var needed = ((Int128)Taken * DaysPrepared + DaysLookedBack - 1) / DaysLookedBack;
            var unit = (Int128)1;
            while (needed > 99 * unit)
                unit *= 10;
            return (int)Int128.Clamp((needed + unit - 1) / unit * unit, LeastPrepared, BatchWish.MostCodes);
        }
    }
}
