using BackOffice.Domain;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

public static class Refusals
{
    /// <summary>Puts a refusal beside the field it names, with the field's label before it; the page then answers 422 and keeps what was typed.</summary>
    public static void AddRefusal(this ModelStateDictionary state, Texts texts, Refusal refusal, string label) =>
        state.AddModelError(refusal.Field, texts["Common.Labelled", label, texts.Of(refusal)]);
}

/// <summary><c>&lt;error-summary /&gt;</c>: on top of a form, all refusals as links to their fields; it takes the focus.</summary>
[HtmlTargetElement("error-summary")]
public sealed class ErrorSummary(Texts texts) : TagHelper
{
    [ViewContext]
    [HtmlAttributeNotBound]
    public ViewContext View { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var state = View.ViewData.ModelState;
        if (state.IsValid)
        {
            output.SuppressOutput();
            return;
        }

        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "notice notice-wrong error-summary");
        output.Attributes.SetAttribute("id", "error-summary");
        output.Attributes.SetAttribute("tabindex", "-1");
        output.Attributes.SetAttribute("data-take-focus", "");
        output.Content.AppendHtml(Icons.Svg("alert-octagon")).AppendHtml("<div><h2>").Append(texts["Form.NotSaved"]).AppendHtml("</h2><ul>");
        foreach (var (name, entry) in state)
            foreach (var error in entry.Errors)
                output.Content.AppendHtml("<li>").AppendHtml(Link(name, error.ErrorMessage)).AppendHtml("</li>");
        output.Content.AppendHtml("</ul></div>");
    }

    private static TagBuilder Link(string name, string message)
    {
        var link = new TagBuilder(name.Length == 0 ? "span" : "a");
        if (name.Length > 0)
            link.Attributes["href"] = "#" + Field.IdOf(name);
        link.InnerHtml.Append(message);
        return link;
    }
}

/// <summary>
/// <c>&lt;field name="from" label="..." hint="..." optional="true"&gt;&lt;input type="date" name="from" value="..."&gt;&lt;/field&gt;</c>:
/// label above, hint between, the refusal below in the words of the summary. The input, select or textarea inside gets its id and ties to them by itself.
/// </summary>
[HtmlTargetElement("field", Attributes = "name,label")]
public sealed class Field(Texts texts) : TagHelper
{
    [ViewContext]
    [HtmlAttributeNotBound]
    public ViewContext View { get; set; } = null!;

    public required string Name { get; set; }

    public required string Label { get; set; }

    public string? Hint { get; set; }

    public bool Optional { get; set; }

    /// <summary>Beside others in a filter: it holds long texts.</summary>
    public bool Wide { get; set; }

    [HtmlAttributeNotBound]
    public string Id => IdOf(Name);

    [HtmlAttributeNotBound]
    public string? Error => View.ViewData.ModelState.TryGetValue(Name, out var entry) && entry.Errors.Count > 0 ? entry.Errors[0].ErrorMessage : null;

    public static string IdOf(string name) => "field-" + name.Replace('.', '-');

    public override void Init(TagHelperContext context) => context.Items[typeof(Field)] = this;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var control = await output.GetChildContentAsync();
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", Wide ? "field field-wide" : "field");
        output.Content.AppendHtml($"<label class=\"form-label\" for=\"{Id}\">").Append(Label);
        if (Optional)
            output.Content.AppendHtml("<span class=\"optional\">").Append(texts["Form.Optional"]).AppendHtml("</span>");
        output.Content.AppendHtml("</label>");
        if (Hint is not null)
            output.Content.AppendHtml($"<div class=\"form-hint\" id=\"{Id}-hint\">").Append(Hint).AppendHtml("</div>");
        output.Content.AppendHtml(control);
        if (Error is not null)
            output.Content.AppendHtml($"<div class=\"field-error\" id=\"{Id}-error\">").AppendHtml(Icons.Svg("alert-octagon")).Append(Error).AppendHtml("</div>");
    }
}

[HtmlTargetElement("input", ParentTag = "field", TagStructure = TagStructure.WithoutEndTag)]
[HtmlTargetElement("select", ParentTag = "field")]
[HtmlTargetElement("textarea", ParentTag = "field")]
public sealed class FieldControl : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var field = (Field)context.Items[typeof(Field)];
        output.Attributes.SetAttribute("id", field.Id);
        output.Attributes.SetAttribute("class", (output.TagName == "select" ? "form-select" : "form-control") + (field.Error is null ? "" : " is-invalid"));
        var describedBy = string.Join(' ', new[] { field.Hint is null ? null : field.Id + "-hint", field.Error is null ? null : field.Id + "-error" }.OfType<string>());
        if (describedBy.Length > 0)
            output.Attributes.SetAttribute("aria-describedby", describedBy);
        if (field.Error is not null)
            output.Attributes.SetAttribute("aria-invalid", "true");
    }
}
