using System.Collections.Frozen;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary>The outline icons of Tabler Icons that are named in Icons.txt, drawn inline so that they take the colour of their text.</summary>
public static class Icons
{
    private const string Prefix = "icons/";
    private const string Background = "<path stroke=\"none\" d=\"M0 0h24v24H0z\" fill=\"none\" />";

    private static readonly FrozenDictionary<string, HtmlString> ByName = typeof(Icons).Assembly.GetManifestResourceNames()
        .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(resource => resource[Prefix.Length..^".svg".Length], Draw);

    /// <exception cref="KeyNotFoundException">The name is not in Icons.txt.</exception>
    public static IHtmlContent Svg(string name) =>
        ByName.TryGetValue(name, out var svg) ? svg : throw new KeyNotFoundException($"There is no icon '{name}': add its name to Shared/Icons.txt.");

    private static HtmlString Draw(string resource)
    {
        using var reader = new StreamReader(typeof(Icons).Assembly.GetManifestResourceStream(resource)!);
        var svg = reader.ReadToEnd();
        var shapes = svg[(svg.IndexOf('>') + 1)..svg.LastIndexOf('<')].Replace(Background, "", StringComparison.Ordinal).ReplaceLineEndings("").Trim();
        return new HtmlString("<svg class=\"icon\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" "
            + $"stroke-linejoin=\"round\" aria-hidden=\"true\" focusable=\"false\">{shapes}</svg>");
    }
}

/// <summary><c>&lt;icon name="flag" /&gt;</c>: always beside a word, never alone, so it is hidden from screen readers.</summary>
[HtmlTargetElement("icon", Attributes = "name")]
public sealed class IconTag : TagHelper
{
    public required string Name { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        output.Content.SetHtmlContent(Icons.Svg(Name));
    }
}
