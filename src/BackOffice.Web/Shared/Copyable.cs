using BackOffice.Jobs;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary><c>&lt;copyable value="@order.OrderNo" /&gt;</c>: an id, monospaced and unbroken, with a button that copies it. Child content, such as a link, stands in the id's place.</summary>
[HtmlTargetElement("copyable", Attributes = "value")]
public sealed class Copyable(Texts texts) : TagHelper
{
    public required string Value { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var shown = await output.GetChildContentAsync();
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "copyable");
        var id = new TagBuilder("span");
        id.AddCssClass("id");
        if (shown.IsEmptyOrWhiteSpace)
            id.InnerHtml.Append(Value);
        else
            id.InnerHtml.AppendHtml(shown);
        output.Content.AppendHtml(id).AppendHtml(CopyButton.Draw(Value, texts));
    }
}

/// <summary><c>&lt;copy-button value="..." /&gt;</c>: only the button, where the text itself already stands; site.js does the work.</summary>
[HtmlTargetElement("copy-button", Attributes = "value")]
public sealed class CopyButton(Texts texts) : TagHelper
{
    public required string Value { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        output.Content.SetHtmlContent(Draw(Value, texts));
    }

    internal static TagBuilder Draw(string value, Texts texts)
    {
        var button = new TagBuilder("button");
        button.Attributes["type"] = "button";
        button.Attributes["class"] = "btn-copy";
        button.Attributes["data-copy"] = value;
        button.Attributes["data-copied"] = texts["Common.Copied", value];
        button.Attributes["aria-label"] = texts["Common.Copy", value];
        button.Attributes["title"] = texts["Common.Copy", value];
        button.InnerHtml.AppendHtml(Icons.Svg("copy"));
        return button;
    }
}
