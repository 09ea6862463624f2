namespace BackOffice.Data.Audit;

/// <summary>
/// One act of a person or of the program, as the audit trail keeps it. One act is one row with its counts and a hash of its list
/// (<see cref="AuditLog.HashOf"/>); what jobs do to single orders are domain events. Nothing here may be a secret.
/// </summary>
public sealed record AuditAct
{
    /// <summary>E-mail of the member of staff, or <c>system</c>; 1 to 320 characters.</summary>
    public required string Who { get; init; }

    /// <summary>What was done: one of <see cref="AuditActions"/>, at most 60 characters.</summary>
    public required string Action { get; init; }

    /// <summary>To what: kind and name with a colon between (<see cref="AuditSubject"/>), such as <c>package:trial</c>; 1 to 200 characters.</summary>
    public required string Subject { get; init; }

    /// <summary>Why, in the person's own words; at most <see cref="AuditLog.LongestReason"/> characters. Null when none was asked for.</summary>
    public string? Reason { get; init; }

    /// <summary>The values before, as an object whose properties are the fields that this act changes; null when there was nothing.</summary>
    public object? Before { get; init; }

    /// <summary>The values after, with the same properties; null when nothing is left.</summary>
    public object? After { get; init; }

    /// <summary>What else belongs to the act: counts, parameters, the hash of its list.</summary>
    public object? Details { get; init; }
}

/// <summary>
/// Names of what can be done. Each feature adds its own in a file beside its store (the class is partial), with the words of the page under
/// <c>AuditAction.</c> and the name in both languages. A name that was once written is never changed.
/// </summary>
public static partial class AuditActions
{
    /// <summary>Every action there is, in ordinal order.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. typeof(AuditActions).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal)];
}

/// <summary>How subjects are written: the kind of record, a colon, and the name by which people know it.</summary>
public static class AuditSubject
{
    /// <summary>By the small number that people see: <c>import:12</c>.</summary>
    public static string Of(string kind, long number) => FormattableString.Invariant($"{kind}:{number}");

    /// <summary>By name: <c>package:trial</c>, <c>staff:mara@example.com</c>.</summary>
    public static string Of(string kind, string name) => $"{kind}:{name}";
}
