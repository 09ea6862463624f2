using System.Globalization;
using BackOffice.Domain;
using BackOffice.Jobs;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace BackOffice.Web.Shared;

/// <summary>
/// <c>&lt;money value="order.Charge" /&gt;</c>, or from the columns of a row <c>&lt;money minor="row.PaidMinor" currency="@row.Currency" as="Code" /&gt;</c>.
/// What is not known is a dash, never 0.
/// </summary>
[HtmlTargetElement("money", Attributes = "value")]
[HtmlTargetElement("money", Attributes = "minor")]
public sealed class MoneyTag(Texts texts) : TagHelper
{
    public Money? Value { get; set; }

    public long? Minor { get; set; }

    public string? Currency { get; set; }

    public MoneyStyle As { get; set; }

    /// <summary>Differences carry a plus sign as well.</summary>
    public bool Plus { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var money = Value ?? (Minor is { } minor && Currency is not null ? new Money(minor, Currency) : null);
        output.Figure(texts, money is { } known ? Figures.Money(known, As, Plus) : null);
    }
}

/// <summary><c>&lt;count value="row.Lines" /&gt;</c>: a whole number with commas between thousands.</summary>
[HtmlTargetElement("count", Attributes = "value")]
public sealed class CountTag(Texts texts) : TagHelper
{
    public long? Value { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output) =>
        output.Figure(texts, Value is { } count ? Figures.Count(count) : null);
}

/// <summary><c>&lt;tokens value="5000000" brief="true" /&gt;</c>: exact in tables; 5M on cards, with the exact figure for screen readers and on hover.</summary>
[HtmlTargetElement("tokens", Attributes = "value")]
public sealed class TokensTag(Texts texts) : TagHelper
{
    public long? Value { get; set; }

    public bool Brief { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (Value is not { } tokens || !Brief)
        {
            output.Figure(texts, Value is { } exact ? Figures.Count(exact) : null);
            return;
        }

        output.Figure(texts, null);
        output.Attributes.SetAttribute("title", Figures.Count(tokens));
        output.Content.SetHtmlContent("<span aria-hidden=\"true\">").Append(Figures.ShortTokens(tokens));
        output.Content.AppendHtml("</span><span class=\"visually-hidden\">").Append(Figures.Count(tokens)).AppendHtml("</span>");
    }
}

/// <summary><c>&lt;unknown /&gt;</c>: a dash that reads "not known".</summary>
[HtmlTargetElement("unknown")]
public sealed class UnknownTag(Texts texts) : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output) => output.Figure(texts, null);
}

public enum TimeStyle
{
    /// <summary>2026-11-10 14:32, for tables; the zone stands in the header (<c>&lt;zone /&gt;</c>).</summary>
    Minute,

    /// <summary>2026-11-10 14:32:06, for timelines.</summary>
    Second,

    /// <summary>10 November 2026, 14:32, for sentences.</summary>
    Prose,
}

/// <summary><c>&lt;time at="row.PaidAt" as="Second" /&gt;</c>: a UTC instant on the shop's clock.</summary>
[HtmlTargetElement("time", Attributes = "at")]
public sealed class TimeTag(Texts texts, BusinessTime shop) : TagHelper
{
    public DateTime? At { get; set; }

    public TimeStyle As { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (At is not { } instant)
        {
            output.Figure(texts, null);
            return;
        }

        var format = As switch
        {
            TimeStyle.Minute => "yyyy-MM-dd HH:mm",
            TimeStyle.Second => "yyyy-MM-dd HH:mm:ss",
            TimeStyle.Prose => texts["Format.Time"],
            _ => throw new InvalidOperationException($"{As} is no style."),
        };
        output.TagName = "time";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("datetime", instant.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        output.Content.SetContent(shop.ToLocal(instant).ToString(format, CultureInfo.InvariantCulture));
    }
}

/// <summary><c>&lt;time day="row.Day" /&gt;</c>: a business day of the shop.</summary>
[HtmlTargetElement("time", Attributes = "day")]
public sealed class DayTag(Texts texts) : TagHelper
{
    public DateOnly? Day { get; set; }

    public TimeStyle As { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (Day is not { } day)
        {
            output.Figure(texts, null);
            return;
        }

        var iso = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        output.TagName = "time";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("datetime", iso);
        output.Content.SetContent(As is TimeStyle.Prose ? day.ToString(texts["Format.Day"], CultureInfo.InvariantCulture) : iso);
    }
}

/// <summary><c>&lt;zone /&gt;</c>: the shop's zone as UTC+8, once in the header of a column of times.</summary>
[HtmlTargetElement("zone")]
public sealed class ZoneTag(BusinessTime shop, TimeProvider clock) : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "zone");
        output.Content.SetContent(shop.OffsetName(clock.GetUtcNow().UtcDateTime));
    }
}

internal static class FigureOutput
{
    public static void Figure(this TagHelperOutput output, Texts texts, string? text)
    {
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "figure-text");
        if (text is not null)
            output.Content.SetContent(text);
        else
            output.Content.SetHtmlContent("<span aria-hidden=\"true\">—</span><span class=\"visually-hidden\">").Append(texts["Common.Unknown"]).AppendHtml("</span>");
    }
}
