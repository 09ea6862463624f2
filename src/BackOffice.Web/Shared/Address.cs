using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace BackOffice.Web.Shared;

/// <summary>Addresses with their state in them. What cannot be read in one is left out: a mistyped address shows the list, never an error.</summary>
public static class Address
{
    /// <summary>The path with those parameters that have a value.</summary>
    public static string With(string path, params (string Name, string? Value)[] parameters) =>
        QueryHelpers.AddQueryString(path, parameters.Where(parameter => parameter.Value is not null).Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)));

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static Guid? Id(string? text) => Guid.TryParse(text, out var id) ? id : null;

    /// <summary>The value when it is one of a closed list.</summary>
    public static string? OneOf(string? text, IEnumerable<string> words) => words.FirstOrDefault(word => word == text);
}
