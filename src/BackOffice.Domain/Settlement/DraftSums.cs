namespace BackOffice.Domain.Settlement;

/// <summary>Maps and prices an engine's sums and adds them up into lines.</summary>
internal sealed class DraftSums(RateBook book, string upstream, string currency)
{
    public void Add(UsageNames names, long quarter, string? adjusts, UsageSum sum) => throw new NotImplementedException($"{book}{upstream}{currency}{names}{quarter}{adjusts}{sum}");

    public SettlementDraft Draft(string period) => throw new NotImplementedException(period + book);
}
