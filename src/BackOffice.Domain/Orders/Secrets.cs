using BackOffice.Domain.Codes;

namespace BackOffice.Domain.Orders;

/// <summary>What a delivery hands out, as files and rows name it.</summary>
public static class DeliveryKinds
{
    /// <summary>A ready API key (path A).</summary>
    public const string ApiKey = "api_key";

    /// <summary>A redemption code for the console (path B).</summary>
    public const string RedemptionCode = "redemption_code";
}

/// <summary>The form in which two secrets are compared.</summary>
public static class SecretText
{
    /// <summary>
    /// Canonical form (codes rules 1; reconciliation rules 4, <c>secret_delivered_twice</c>). An API key is compared byte for byte. A redemption code of 32
    /// hexadecimal characters is trimmed and lower-case. Any other is cleaned; when it ends in 16 characters that fit their check character, what
    /// stands before them is taken for a batch's prefix (at most 6 characters) and left out.
    /// </summary>
    public static string Canonical(string kind, string secret)
    {
        if (kind == DeliveryKinds.ApiKey)
            return secret;
        var read = RedemptionCode.Read(secret);
        return read.Reading == CodeReading.Whole ? read.Canonical : PublicCode.Clean(secret.Trim());
    }

    /// <summary>The last four characters, all that lists, logs and audit rows may show (codes rules 2). A secret of eight characters or fewer shows none.</summary>
    public static string LastFour(string secret)
    {
        var trimmed = secret.Trim();
        return trimmed.Length > 8 ? trimmed[^4..] : "••••";
    }
}
