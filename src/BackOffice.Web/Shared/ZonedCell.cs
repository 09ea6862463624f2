using BackOffice.Domain;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary><c>&lt;td zoned data-label="..."&gt;</c>: a cell of a time. As a card it has no header that names the zone, so its label does.</summary>
[HtmlTargetElement("td", Attributes = "zoned,data-label")]
public sealed class ZonedCell(BusinessTime shop, TimeProvider clock) : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var label = output.Attributes["data-label"].Value.ToString();
        output.Attributes.RemoveAll("zoned");
        output.Attributes.SetAttribute("data-label", $"{label} ({shop.OffsetName(clock.GetUtcNow().UtcDateTime)})");
    }
}
