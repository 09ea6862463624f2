using System.Collections.Frozen;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary>How a state looks: its tone (rest, moves, good, waits, wrong, signed) and icon; its word is <c>State.{state}</c>.</summary>
public sealed record StateLook(string Tone, string Icon);

/// <summary>Every state a page can show, by the word that stands in its row: one colour, one icon and one word each, everywhere.</summary>
public static class States
{
    public static readonly FrozenDictionary<string, StateLook> Looks = new Dictionary<string, StateLook>
    {
        ["draft"] = new("rest", "pencil"),
        ["queued"] = new("rest", "hourglass"),
        ["awaiting_payment"] = new("rest", "clock"),
        ["unpaid"] = new("rest", "circle-x"),
        ["abandoned"] = new("rest", "clock-off"),
        ["available"] = new("rest", "circle-dashed"),
        ["allocated"] = new("rest", "lock"),
        ["void"] = new("rest", "ban"),
        ["revoked"] = new("rest", "circle-off"),
        ["refunded"] = new("rest", "receipt-refund"),
        ["cancelled"] = new("rest", "x"),
        ["retired"] = new("rest", "archive"),
        ["disabled"] = new("rest", "user-off"),
        ["not_redeemed"] = new("rest", "ticket"),
        ["refused"] = new("rest", "thumb-down"),
        ["ended"] = new("rest", "clock-off"),
        ["withdrawn"] = new("rest", "arrow-back-up"),
        ["not_set_up"] = new("rest", "plug"),
        ["not_delivered"] = new("rest", "package-off"),
        ["revealed"] = new("rest", "eye"),
        ["exported"] = new("rest", "file-export"),
        ["p3"] = new("rest", "flag"),

        ["paid"] = new("moves", "credit-card"),
        ["fulfilling"] = new("moves", "loader-2"),
        ["generating"] = new("moves", "loader-2"),
        ["running"] = new("moves", "loader-2"),
        ["writing"] = new("moves", "loader-2"),
        ["publishing"] = new("moves", "cloud-upload"),
        ["retrying"] = new("moves", "refresh"),
        ["refund_pending"] = new("moves", "arrow-back-up"),
        ["assigned"] = new("moves", "user"),
        ["scheduled"] = new("moves", "calendar-event"),
        ["not_closed"] = new("moves", "circle-dot"),

        ["delivered"] = new("good", "circle-check"),
        ["redeemed"] = new("good", "gift"),
        ["matched"] = new("good", "checks"),
        ["ready"] = new("good", "package"),
        ["published"] = new("good", "cloud-check"),
        ["balanced"] = new("good", "scale"),
        ["resolved"] = new("good", "checks"),
        ["resolved_by_itself"] = new("good", "refresh-dot"),
        ["done"] = new("good", "circle-check"),
        ["in_force"] = new("good", "circle-check"),
        ["enabled"] = new("good", "user-check"),
        ["connected"] = new("good", "plug-connected"),
        ["same_as_signed"] = new("good", "equal"),
        ["chain_whole"] = new("good", "link"),

        ["needs_attention"] = new("waits", "alert-triangle"),
        ["to_confirm"] = new("waits", "user-check"),
        ["awaiting_approval"] = new("waits", "user-check"),
        ["open"] = new("waits", "flag"),
        ["partially_refunded"] = new("waits", "receipt-refund"),
        ["disputed"] = new("waits", "gavel"),
        ["blocked"] = new("waits", "hand-stop"),
        ["put_aside"] = new("waits", "box-off"),
        ["low_stock"] = new("waits", "stack-2"),
        ["overdue"] = new("waits", "alarm"),
        ["unknown_status"] = new("waits", "question-mark"),
        ["p2"] = new("waits", "flag"),

        ["charged_back"] = new("wrong", "alert-octagon"),
        ["failed"] = new("wrong", "square-x"),
        ["broken"] = new("wrong", "scale-off"),
        ["out_of_stock"] = new("wrong", "stack-2"),
        ["not_connected"] = new("wrong", "plug-connected-x"),
        ["differs_from_signed"] = new("wrong", "equal-not"),
        ["chain_broken"] = new("wrong", "link-off"),
        ["p1"] = new("wrong", "flag"),

        ["approved"] = new("signed", "signature"),
        ["accepted"] = new("signed", "writing-sign"),
        ["closed"] = new("signed", "lock-square"),
    }.ToFrozenDictionary();
}

/// <summary><c>&lt;chip state="delivered" /&gt;</c>: colour, icon and word together.</summary>
[HtmlTargetElement("chip", Attributes = "state")]
public sealed class Chip(Texts texts) : TagHelper
{
    public required string State { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var look = States.Looks[State];
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", $"badge chip chip-{look.Tone}");
        output.Content.AppendHtml(Icons.Svg(look.Icon));
        output.Content.Append(texts[$"State.{State}"]);
    }
}
