using System.Globalization;
using System.Resources;
using BackOffice.Domain;

namespace BackOffice.Jobs;

/// <summary>
/// Every sentence and label of pages, reports and the command line, in English and Chinese (Texts.resx, Texts.zh-Hans.resx).
/// A missing key throws: the framework's own localizer would answer with the key and nobody would notice.
/// </summary>
public sealed class Texts(CultureInfo culture)
{
    private static readonly ResourceManager Resources = new(typeof(Texts));

    public static readonly CultureInfo EnglishCulture = CultureInfo.GetCultureInfo("en");
    public static readonly CultureInfo ChineseCulture = CultureInfo.GetCultureInfo("zh-Hans");

    public static readonly Texts English = new(EnglishCulture);
    public static readonly Texts Chinese = new(ChineseCulture);

    public CultureInfo Culture => culture;

    public bool IsChinese => culture.Name == ChineseCulture.Name;

    public string this[string key] =>
        Resources.GetString(key, culture) ?? throw new KeyNotFoundException($"There is no text '{key}' in {culture.Name}.");

    public string this[string key, params object[] args] => string.Format(culture, this[key], args);

    /// <summary>The text of a key that is put together from what a row says, and may be unknown; null when there is none.</summary>
    public string? Find(string key) => Resources.GetString(key, culture);

    /// <summary>A refusal as a sentence, without the field it is about.</summary>
    public string Of(Refusal refusal) => this[$"Refusal.{refusal.Code}", [.. refusal.Args]];

    /// <summary>A refusal with its field before it: "Urls: ...".</summary>
    public string WithField(Refusal refusal) => refusal.Field.Length == 0 ? Of(refusal) : this["Common.Labelled", refusal.Field, Of(refusal)];
}
