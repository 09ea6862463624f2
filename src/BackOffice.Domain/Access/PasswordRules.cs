namespace BackOffice.Domain.Access;

/// <summary>
/// What a password must be: long, and nothing that is guessed first. No rules of composition and no expiry (OWASP ASVS 5.0, 6.2): they make passwords
/// worse, not better.
/// </summary>
public static class PasswordRules
{
    /// <summary>Fewest characters.</summary>
    public const int Shortest = 12;

    /// <summary>Most characters: more would only keep the machine busy.</summary>
    public const int Longest = 128;

    private const int FewestDifferent = 6;

    // What people type when they have to think of twelve characters: looked for after figures and signs are taken away.
    private static readonly string[] Common =
    [
        "password", "passwort", "passw0rd", "qwertyuiop", "qwertzuiop", "asdfghjkl", "qwerty", "letmein", "welcome", "iloveyou", "administrator", "admin", "changeme",
        "secret", "default", "monkey", "dragon", "sunshine", "princess", "football", "baseball", "superman", "trustno", "whatever", "computer", "internet", "login",
        "aicredits", "backoffice", "woaini", "mima", "guanliyuan",
    ];

    /// <summary>Why a password cannot be taken, about the field <c>password</c>; null when it can.</summary>
    /// <param name="password">As it was typed.</param>
    /// <param name="email">Whose it would be: it must not be made of the address.</param>
    public static Refusal? Check(string password, string email)
    {
        if (password.Length < Shortest)
            return new Refusal("PasswordShort", "password", Shortest.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (password.Length > Longest)
            return new Refusal("PasswordLong", "password", Longest.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return IsGuessed(password.ToLowerInvariant(), email) ? new Refusal("PasswordGuessed", "password") : null;
    }

    private static bool IsGuessed(string password, string email)
    {
        if (password.Distinct().Count() < FewestDifferent || IsSequence(password))
            return true;
        var local = email.Split('@')[0].ToLowerInvariant();
        var rest = Common.Append(local.Length >= 4 ? local : "\0").Aggregate(password, (text, word) => text.Replace(word, "", StringComparison.Ordinal));
        // What is left beside the words everybody knows has to be a password by itself.
        return rest.Length < password.Length && rest.Count(char.IsLetter) < 8;
    }

    private static bool IsSequence(string text)
    {
        var (steps, same) = (0, 0);
        for (var i = 1; i < text.Length; i++)
        {
            steps++;
            if (Math.Abs(text[i] - text[i - 1]) <= 1)
                same++;
        }
        return same * 4 >= steps * 3;
    }
}
