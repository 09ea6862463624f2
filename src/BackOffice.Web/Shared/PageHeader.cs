using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary>
/// <c>&lt;page-header title="..." answer="..." state="delivered" copy="AC-..."&gt;primary act&lt;/page-header&gt;</c>: title with state and copyable id,
/// the sentence that answers the page's question, and the one primary act. Names the window as well, also from within a partial view.
/// </summary>
[HtmlTargetElement("page-header", Attributes = "title")]
public sealed partial class PageHeader(IHtmlHelper html) : TagHelper
{
    [ViewContext]
    [HtmlAttributeNotBound]
    public ViewContext View { get; set; } = null!;

    public required string Title { get; set; }

    /// <summary>What the window is called, where the title alone would not tell two of them apart.</summary>
    public string? Window { get; set; }

    /// <summary>What is, and the next step.</summary>
    public string? Answer { get; set; }

    /// <summary>A key of <see cref="States"/>.</summary>
    public string? State { get; set; }

    /// <summary><c>P1</c>, <c>P2</c> or <c>P3</c>, before the state.</summary>
    public string? Priority { get; set; }

    /// <summary>An id to copy: the title itself when equal to it.</summary>
    public string? Copy { get; set; }

    /// <summary>The answer; an order number or a day in it is never broken at its hyphens.</summary>
    public IHtmlContent AnswerWords
    {
        get
        {
            var (answer, words, at) = (Answer ?? "", new HtmlContentBuilder(), 0);
            foreach (Match hyphened in Hyphened().Matches(answer))
            {
                var unbroken = new TagBuilder("span");
                unbroken.AddCssClass("unbroken");
                unbroken.InnerHtml.Append(hyphened.Value);
                words.Append(answer[at..hyphened.Index]).AppendHtml(unbroken);
                at = hyphened.Index + hyphened.Length;
            }
            return words.Append(answer[at..]);
        }
    }

    [HtmlAttributeNotBound]
    public IHtmlContent? Act { get; private set; }

    /// <summary>What the page that is answered calls its window. A partial view has view data of its own, so it is kept with the request.</summary>
    public static string WindowOf(HttpContext context) => context.Items[typeof(PageHeader)] as string ?? "";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var act = await output.GetChildContentAsync();
        Act = act.IsEmptyOrWhiteSpace ? null : act;
        View.HttpContext.Items[typeof(PageHeader)] = Window ?? Title;
        ((IViewContextAware)html).Contextualize(View);
        output.TagName = null;
        output.Content.SetHtmlContent(await html.PartialAsync("_PageHeader", this));
    }

    [GeneratedRegex("[A-Za-z0-9]+(?:-[A-Z0-9]+)+", RegexOptions.CultureInvariant)]
    private static partial Regex Hyphened();
}
