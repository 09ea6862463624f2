using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary>
/// <c>&lt;page-header title="..." answer="..." state="delivered" copy="AC-..."&gt;primary act&lt;/page-header&gt;</c>: title with state and copyable id,
/// the sentence that answers the page's question, and the one primary act. Names the window as well.
/// </summary>
[HtmlTargetElement("page-header", Attributes = "title")]
public sealed class PageHeader(IHtmlHelper html) : TagHelper
{
    [ViewContext]
    [HtmlAttributeNotBound]
    public ViewContext View { get; set; } = null!;

    public required string Title { get; set; }

    /// <summary>What is, and the next step.</summary>
    public string? Answer { get; set; }

    /// <summary>A key of <see cref="States"/>.</summary>
    public string? State { get; set; }

    /// <summary><c>P1</c>, <c>P2</c> or <c>P3</c>, before the state.</summary>
    public string? Priority { get; set; }

    /// <summary>An id to copy: the title itself when equal to it.</summary>
    public string? Copy { get; set; }

    [HtmlAttributeNotBound]
    public IHtmlContent? Act { get; private set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var act = await output.GetChildContentAsync();
        Act = act.IsEmptyOrWhiteSpace ? null : act;
        View.ViewData["Title"] = Title;
        ((IViewContextAware)html).Contextualize(View);
        output.TagName = null;
        output.Content.SetHtmlContent(await html.PartialAsync("_PageHeader", this));
    }
}
