using System.Text.Encodings.Web;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.TagHelpers;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary><c>&lt;empty-state icon="package" text="..."&gt;what to do&lt;/empty-state&gt;</c>: what is not there, then what to do.</summary>
[HtmlTargetElement("empty-state", Attributes = "text")]
public sealed class EmptyState : TagHelper
{
    public string Icon { get; set; } = "search";

    public required string Text { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var act = await output.GetChildContentAsync();
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "empty-state");
        output.Content.AppendHtml(Icons.Svg(Icon)).AppendHtml("<p>").Append(Text).AppendHtml("</p>");
        if (!act.IsEmptyOrWhiteSpace)
            output.Content.AppendHtml("<div class=\"btn-list\">").AppendHtml(act).AppendHtml("</div>");
    }
}

/// <summary>
/// <c>&lt;notice tone="waits" icon="alert-triangle"&gt;...&lt;/notice&gt;</c>: a bar across the page, in a tone of the chips: an act's result (good),
/// what waits (waits), trouble with its remedy (wrong), a remark (rest).
/// </summary>
[HtmlTargetElement("notice", Attributes = "tone")]
public sealed class Notice : TagHelper
{
    public required string Tone { get; set; }

    public string Icon { get; set; } = "info-circle";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var words = await output.GetChildContentAsync();
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.AddClass("notice", HtmlEncoder.Default);
        output.AddClass($"notice-{Tone}", HtmlEncoder.Default);
        output.Content.AppendHtml(Icons.Svg(Icon)).AppendHtml("<div>").AppendHtml(words).AppendHtml("</div>");
    }
}

/// <summary><c>&lt;filter-chip label="Status: open" href="/findings?..." /&gt;</c>: an active filter; the link leads to the list without it.</summary>
[HtmlTargetElement("filter-chip", Attributes = "label,href")]
public sealed class FilterChip(Texts texts) : TagHelper
{
    public required string Label { get; set; }

    public required string Href { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "a";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "filter-chip");
        output.Attributes.SetAttribute("href", Href);
        output.Attributes.SetAttribute("aria-label", texts["List.RemoveFilter", Label]);
        output.Content.Append(Label).AppendHtml(Icons.Svg("x"));
    }
}

/// <summary><c>&lt;export-rows list="@wanted.Url()" /&gt;</c>: the rows of the filter as a file, all of them; the address is that of the list's first page.</summary>
[HtmlTargetElement("export-rows", Attributes = "list")]
public sealed class ExportRows(Texts texts) : TagHelper
{
    public required string List { get; set; }

    /// <summary>The one primary act of the page.</summary>
    public bool Primary { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "details";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "menu");
        output.Content.AppendHtml(Primary ? "<summary class=\"btn btn-primary\">" : "<summary class=\"btn\">").AppendHtml(Icons.Svg("download")).Append(texts["List.Export"]).AppendHtml("</summary><div class=\"menu-items\">");
        foreach (var format in RowsFile.Formats)
        {
            var link = new TagBuilder("a");
            link.Attributes["href"] = Of(format);
            link.Attributes["download"] = "";
            link.InnerHtml.Append(texts["ListFile." + format]);
            output.Content.AppendHtml(link);
        }
        output.Content.AppendHtml("</div>");
    }

    private string Of(string format)
    {
        var query = List.IndexOf('?') is >= 0 and var at ? at : List.Length;
        return $"{List[..query]}/rows.{format}{List[query..]}";
    }
}

/// <summary>
/// <c>&lt;pager rows="50" newer="@url" older="@url" newest="@url" /&gt;</c>: what is shown and the ways on; a way that does not exist is null.
/// Keyset paging counts nothing: whether more follow is all it knows. Rows that stand in the order of a file say so: <c>in-order="true"</c>.
/// </summary>
[HtmlTargetElement("pager", Attributes = "rows")]
public sealed class Pager(Texts texts) : TagHelper
{
    public int Rows { get; set; }

    public string? Newer { get; set; }

    public string? Older { get; set; }

    public string? Newest { get; set; }

    /// <summary>The rows stand in their own order, not by age: newer is before, older is after.</summary>
    public bool InOrder { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        // A view that gives null gives an empty text.
        (Newer, Older, Newest) = (Given(Newer), Given(Older), Given(Newest));
        output.TagName = "nav";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "pager");
        output.Attributes.SetAttribute("aria-label", texts["List.Pages"]);
        output.Content.AppendHtml("<p>").Append(Sentence()).AppendHtml("</p><div class=\"btn-list\">");
        if (Newer is not null)
            output.Content.AppendHtml(Way(Newest, InOrder ? "List.First" : "List.Newest", "btn btn-link", null, null, null))
                .AppendHtml(Way(Newer, InOrder ? "List.Before" : "List.Newer", "btn", "chevron-left", null, "prev"));
        output.Content.AppendHtml(Way(Older, InOrder ? "List.After" : "List.Older", "btn", null, "chevron-right", "next"));
        output.Content.AppendHtml("</div>");
    }

    private static string? Given(string? address) => string.IsNullOrEmpty(address) ? null : address;

    private string Sentence()
    {
        var rows = Figures.Count(Rows);
        if (Older is not null)
            return texts["List.MoreFollow", rows];
        if (Newer is null)
            return Rows == 1 ? texts["List.OneRow"] : texts["List.AllRows", rows];
        return InOrder ? texts["List.LastOfAll", rows] : texts["List.LastRows", rows];
    }

    private TagBuilder? Way(string? href, string key, string css, string? before, string? after, string? way)
    {
        if (href is null)
            return null;
        var link = new TagBuilder("a");
        link.Attributes["href"] = href;
        link.Attributes["class"] = css;
        if (way is not null)
            link.Attributes["rel"] = way; // what the keys [ and ] follow
        if (before is not null)
            link.InnerHtml.AppendHtml(Icons.Svg(before));
        link.InnerHtml.Append(texts[key]);
        if (after is not null)
            link.InnerHtml.AppendHtml(Icons.Svg(after));
        return link;
    }
}
