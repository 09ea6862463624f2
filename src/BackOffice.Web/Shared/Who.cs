using BackOffice.Jobs;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary><c>&lt;who name="@run.RequestedBy" /&gt;</c>: a person by name; the program itself and whoever sat at this machine in words.</summary>
[HtmlTargetElement("who", Attributes = "name")]
public sealed class Who(Texts texts) : TagHelper
{
    // Who sat at the machine, in rows from before there was sign-in.
    private const string Local = "local";

    public required string Name { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        output.Content.SetContent(Name switch
        {
            "system" => texts["Who.System"],
            Local => texts["Who.Local"],
            _ => Name,
        });
    }
}
