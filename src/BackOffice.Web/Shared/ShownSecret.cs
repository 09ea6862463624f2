namespace BackOffice.Web.Shared;

/// <summary>A key or code in full, for <c>_Secret</c>: taken out of the page after a minute, or when the page is left.</summary>
/// <param name="Secret">What is shown.</param>
/// <param name="Back">Address of the page that it belongs to.</param>
/// <param name="BackWords">The words of the way there.</param>
public sealed record ShownSecret(string Secret, string Back, string BackWords)
{
    public const int Seconds = 60;

    /// <summary>Without the secret.</summary>
    public override string ToString() => Back;
}
