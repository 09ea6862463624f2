using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace BackOffice.Web.Tests.Wording;

/// <summary>
/// A sentence written into a view stays in one language. The compiled views are read, because there markup and words are apart from C#:
/// whatever a view writes as it stands is the argument of WriteLiteral.
/// </summary>
public sealed partial class ViewWordsTests
{
    private const byte LoadString = 0x72;

    /// <summary>Names that are the same in every language.</summary>
    private static readonly string[] Names = ["utf-8"];

    [Fact]
    public void No_view_has_words_of_its_own()
    {
        var views = typeof(WebHost).Assembly.GetTypes().Where(type => type.FullName!.StartsWith("AspNetCoreGeneratedDocument.", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(views);
        var words = views.SelectMany(Methods).Select(WordsIn).Where(found => found.Length > 0).ToList();
        Assert.Equal("", string.Join("\n", words));
    }

    [Fact]
    public void No_attribute_that_is_read_out_has_words_of_its_own()
    {
        var found =
            from file in Repository.Sources(".cshtml")
            from Match attribute in ReadOut().Matches(File.ReadAllText(file))
            select $"{Path.GetFileName(file)}: {attribute.Value}";
        Assert.Empty(found);
    }

    [Fact]
    public void No_view_has_a_style_or_a_script_of_its_own()
    {
        var found =
            from file in Repository.Sources(".cshtml")
            from Match inline in Inline().Matches(File.ReadAllText(file))
            select $"{Path.GetFileName(file)}: {inline.Value}";
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("<p class=\"wide open\">Nothing here</p>", "Nothing here")]
    [InlineData("<p>没有订单</p>", "没有订单")]
    [InlineData("<svg viewBox=\"0 0\"></svg> · <b></b>", "")]
    public void Words_are_told_from_markup(string written, string words) => Assert.Equal(words, Words(written));

    private static MethodInfo[] Methods(Type view) =>
        view.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public);

    private static string WordsIn(MethodInfo method)
    {
        var written = new StringBuilder();
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var inAttribute = false; // a value made of parts, such as a tone; attributes that are read out are looked at below
        for (var at = 0; at + 10 <= code.Length; at++)
        {
            if (Calls(method, code, at, "BeginWriteTagHelperAttribute"))
                inAttribute = true;
            else if (Calls(method, code, at, "EndWriteTagHelperAttribute"))
                inAttribute = false;
            else if (!inAttribute && code[at] == LoadString && code[at + 4] == 0x70 && Calls(method, code, at + 5, "WriteLiteral"))
                written.Append(method.Module.ResolveString(BitConverter.ToInt32(code, at + 1)));
        }
        return Words(written.ToString());
    }

    // Bytes that look like a call may be the operand of something else: their token then leads nowhere.
    private static bool Calls(MethodInfo method, byte[] code, int at, string name)
    {
        if (code[at] is not (0x28 or 0x6F) || code[at + 4] is not (0x06 or 0x0A))
            return false;
        try
        {
            return method.Module.ResolveMethod(BitConverter.ToInt32(code, at + 1))?.Name == name;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string Words(string written)
    {
        var text = Tag().Replace(written, " ").Trim();
        return Word().IsMatch(Names.Aggregate(text, (rest, name) => rest.Replace(name, "", StringComparison.Ordinal))) ? text : "";
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\p{L}{2}|\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Word();

    [GeneratedRegex("""\b(?:title|label|hint|text|answer|alt|placeholder|aria-label|data-label)="[^"@]*\p{L}{2}""")]
    private static partial Regex ReadOut();

    [GeneratedRegex("""\sstyle="|<style|\son[a-z]+="|<script(?![^>]*\ssrc=)""")]
    private static partial Regex Inline();
}
