using System.Diagnostics;

namespace BackOffice.Web.Shared;

public static class TraceId
{
    /// <summary>What a person quotes and the log shows beside each line of the same request.</summary>
    public static string Of(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
}
