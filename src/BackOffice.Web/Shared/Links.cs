namespace BackOffice.Web.Shared;

/// <summary>Addresses of records that other pages lead to.</summary>
public static class Links
{
    /// <summary>An imported order number may hold any printable sign; a slash stays one, because hosts disagree about an escaped one.</summary>
    public static string Order(string orderNo) => "/orders/" + string.Join('/', orderNo.Split('/').Select(Uri.EscapeDataString));

    public static string Finding(Guid id) => $"/findings/{id:N}";

    /// <summary>What is open of a priority.</summary>
    public static string Findings(string priority) => Address.With("/findings", ("priority", priority));

    public static string Run(long number) => FormattableString.Invariant($"/reconciliation/{number}");

    public static string Report(long number) => FormattableString.Invariant($"/reports/{number}");

    public static string Import(long number) => FormattableString.Invariant($"/imports/{number}");
}
