using System.Text;
using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>Says what is wrong with a header that does not name exactly the columns wanted.</summary>
internal static class CsvHeader
{
    /// <param name="line">The first line as it stands.</param>
    /// <param name="names">The names in it; none when it could not be split.</param>
    /// <param name="columns">The names that must be there, in any order.</param>
    public static Refusal WhyWrong(ReadOnlySpan<byte> line, string[] names, string[] columns)
    {
        var text = Encoding.UTF8.GetString(line).TrimEnd('\r', '\n');
        var wanted = string.Join(',', columns);
        if (text.Contains('\r'))
            return new Refusal("FileHasBareCarriageReturns", "");
        if (!names.Intersect(columns).Any())
            return new Refusal(NamesBetween(text, ';') ? "HeaderHasSemicolons" : NamesBetween(text, '\t') ? "HeaderHasTabs" : "HeaderMissing", "", wanted);
        if (names.Where(columns.Contains).GroupBy(name => name).FirstOrDefault(twice => twice.Count() > 1) is { } repeated)
            return new Refusal("HeaderRepeatsColumn", "", repeated.Key);
        var missing = string.Join(", ", columns.Except(names));
        var unknown = names.Except(columns).Select(Shown).FirstOrDefault();
        if (unknown is null)
            return new Refusal("HeaderLacksColumns", "", missing, wanted);
        return missing.Length == 0
            ? new Refusal("HeaderHasUnknownColumn", "", unknown, wanted)
            : new Refusal("HeaderLacksColumnsAndHasUnknown", "", missing, unknown, wanted);

        // When the line break after the header is lost, a record stands there too. So only the first is quoted, and of it what can be no secret.
        static string Shown(string name)
        {
            var wordly = string.Concat(name.TakeWhile(character => char.IsLetter(character) || character is '_' or ' '));
            return Quoted.Text(wordly.Length == name.Length ? name : wordly + "…");
        }

        bool NamesBetween(string header, char separator) => header.Replace("\"", "").Split(separator).Intersect(columns).Any();
    }
}
