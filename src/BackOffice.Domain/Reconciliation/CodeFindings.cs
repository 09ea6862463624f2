using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BackOffice.Domain.Reconciliation;

/// <summary>Findings about single codes (reconciliation rules 4): named by batch and sequence, as <c>118-42</c>.</summary>
public static class CodeFindings
{
    /// <summary>A code was redeemed that nobody had been handed. It holds until a person resolves or accepts it.</summary>
    /// <param name="batch">Number of the batch.</param>
    /// <param name="sequence">The code's place in it.</param>
    /// <param name="orderNo">The order it was taken for; null for none.</param>
    public static FindingLine RedeemedUnexpectedly(long batch, int sequence, string? orderNo)
    {
        var subject = Subject(batch, sequence);
        return new FindingLine { Kind = FindingKinds.RedeemedUnexpectedly, Subject = subject, OrderNo = orderNo, FactsHash = SHA256.HashData(Encoding.UTF8.GetBytes(subject))[..16] };
    }

    /// <summary>Whether such a finding holds, by its own events up to what a run knows.</summary>
    public static bool Holds(FindingEvent? latest) => latest?.Kind is not (FindingEventKind.ResolvedByPerson or FindingEventKind.Accepted);

    /// <summary>A code as findings name it.</summary>
    public static string Subject(long batch, int sequence) => string.Create(CultureInfo.InvariantCulture, $"{batch}-{sequence}");

    /// <summary>Reads what <see cref="Subject"/> wrote; null when it is something else.</summary>
    public static (long Batch, int Sequence)? ReadSubject(string subject) =>
        subject.Split('-') is [var batch, var sequence] && long.TryParse(batch, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? (number, place) : null;
}
