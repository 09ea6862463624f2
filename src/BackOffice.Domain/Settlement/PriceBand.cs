namespace BackOffice.Domain.Settlement;

/// <summary>At which times of the upstream's calendar a price holds. Source: settlement rules 3.</summary>
public enum PriceBand
{
    /// <summary>At all times, with a calendar or without one.</summary>
    All,

    /// <summary>Inside the calendar's windows.</summary>
    Peak,

    /// <summary>Outside of the calendar's windows.</summary>
    OffPeak,
}

/// <summary>The words for the bands in files and rows.</summary>
public static class PriceBands
{
    /// <summary>The word of a band: <c>all</c>, <c>peak</c> or <c>off_peak</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a band.</exception>
    public static string NameOf(PriceBand band) => band switch
    {
        PriceBand.All => "all",
        PriceBand.Peak => "peak",
        PriceBand.OffPeak => "off_peak",
        _ => throw new ArgumentOutOfRangeException(nameof(band), band, "Not a band of prices."),
    };

    /// <summary>The band of a word exactly as <see cref="NameOf"/> writes it; null for any other text.</summary>
    public static PriceBand? Parse(string text) => text switch
    {
        "all" => PriceBand.All,
        "peak" => PriceBand.Peak,
        "off_peak" => PriceBand.OffPeak,
        _ => null,
    };
}
