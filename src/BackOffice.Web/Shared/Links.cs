namespace BackOffice.Web.Shared;

/// <summary>Addresses of records that other pages lead to.</summary>
public static class Links
{
    /// <summary>An imported order number may hold any printable sign; a slash stays one, because hosts disagree about an escaped one.</summary>
    public static string Order(string orderNo) => "/orders/" + string.Join('/', orderNo.Split('/').Select(Uri.EscapeDataString));

    public static string Payment(string transactionId) => "/payments/" + Uri.EscapeDataString(transactionId);

    public static string Reveal(Guid delivery) => $"/reveal/{delivery:N}";

    public static string Finding(Guid id) => $"/findings/{id:N}";

    /// <summary>What is open of a priority.</summary>
    public static string Findings(string priority) => Address.With("/findings", ("priority", priority));

    public static string Approval(long number) => FormattableString.Invariant($"/approvals/{number}");

    public static string Run(long number) => FormattableString.Invariant($"/reconciliation/{number}");

    public static string Report(long number) => FormattableString.Invariant($"/reports/{number}");

    public static string Import(long number) => FormattableString.Invariant($"/imports/{number}");

    public static string JobRun(Guid id) => $"/job-runs/{id:N}";

    public static string Package(string slug) => "/packages/" + Uri.EscapeDataString(slug);

    public static string Upstream(string name) => "/rates/upstreams/" + Uri.EscapeDataString(name);

    public static string Batch(long number) => FormattableString.Invariant($"/codes/batches/{number}");

    /// <summary>A code by its batch and its place in it, never by itself.</summary>
    public static string Code(long batch, int sequence) => FormattableString.Invariant($"/codes/{batch}-{sequence}");

    /// <summary>A list of codes to be made void.</summary>
    public static string CodeList(long number) => FormattableString.Invariant($"/codes/void/{number}");

    public static string AuditEntry(long number) => FormattableString.Invariant($"/audit/{number}");
}
