using System.Text.RegularExpressions;
using System.Xml.Linq;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Tests.Wording;

public sealed partial class TextsTests
{
    /// <summary>First words of keys that are put together at run time, with what the second part is.</summary>
    private static readonly string[] PutTogether =
    [
        "Age.", // bucket of age
        "Approval.Field.", // field of the form
        "Approval.Kind.", // kind of a request
        "Audit.Field.", // field of the filter
        "AuditAction.", // name of an act
        "AuditBreak.", // how a chain is broken
        "AuditField.", // name of a value
        "AuditSubject.", // kind of a subject
        "Bucket.", // bucket of the bridge
        "Batch.ListTask.", // what is done to the codes of a list
        "BatchState.", "Liability.", // state of a batch, and column of the workbook
        "Code.Answer.", "CodeEvent.", // state of a code, and what happened to one
        "CodeFormat.", "PublishWay.", "NewBatch.", // format, way to publish, field of the form
        "Usage.Field.", "Usage.Way.", "UsageFlag.", "UsageFlag.Means.", // field of the filter, how a console is read, what is to be known of a record
        "Void.Field.", "VoidList.Field.", // field of the form
        "Part.", "Band.", "Unpriced.", "Blocker.", "Blocker.What.", "UsageField.", "Settlements.Field.", "Settlement.Report.", // part and band of a price, what blocks, field of a record and of the form
        "Upload.Field.", "Keys.Sort.", "Keys.Caption.", "Invoice.Step.", "Invoice.What.", // field of the form, step from our figure to an invoice
        "PutAside.Kind.", "PutAside.State.", "PutAside.Acts.", "PutAside.Done.", "PutAside.Field.", "PutAside.All.", "PutAside.AllActs.", "PutAside.AllDone.", "PutAside.Part.", // what was put aside, and what became of it
        "Check.Name.", "Check.Channel.", "Check.ChannelOff.", // what is looked at, and ways out
        "DeliveryKind.", // kind of a delivery
        "Error.", // status code and part of the page
        "Fact.", // row of the comparison
        "Finding.Act.", "Finding.Do.", "Finding.Means.", // act on a finding
        "Finding.Field.", // field of the form
        "Finding.Says.", // kind of a finding
        "Finding.Settles.", // the same
        "Findings.Assignee.", // whose work
        "FindingEvent.", // what happened to a finding
        "ImportKind.", // kind of an import
        "Job.", // name of a job
        "JobRuns.Last.", "JobRuns.Field.", "JobRun.Answer.", // status of the last night
        "Kind.", // kind of a finding
        "ListFile.", // format of a list's file
        "Mark.", // what disagrees about a fact
        "Menu.", // group or entry of NavigationMenu
        "NewRun.", // field of the form
        "ObservationSource.", // source of an observation
        "Package.Field.", // field of the form
        "Price.Field.", // field of the form
        "Order.Next.", // standing of an order
        "Order.Standing.", // the same
        "OrderSource.", // source of an order
        "Orders.Field.", // field of the filter
        "Origin.", // what made a run
        "Payment.Field.", // field of an observation
        "Payment.Says.", // state of a payment
        "Payments.Field.", // field of the filter
        "Refusal.", // code of a refusal
        "ReportFile.", // format and language of a file
        "Rates.Field.", "Rates.New.", "Rates.NewAnswer.", "Rates.Add.", // field of the form, and kind of a new row
        "PriceAt.Reason.", "Weekday.", "Settlement.MendBy.", // why a band, day of the week, what a line of a settlement lacks
        "Role.", // role of a person
        "RunReport.", // line of the statement
        "Settings.Part.", // part of the page
        "Staff.Field.", // field of the form
        "State.", // word of a state
        "TaxMode.", // tax mode of a price
        "Work.", // kind of work
    ];

    private static readonly Dictionary<string, string> English = Read("Texts.resx");
    private static readonly Dictionary<string, string> Chinese = Read("Texts.zh-Hans.resx");

    [Fact]
    public void Every_text_is_there_in_both_languages() => Assert.Equal(English.Keys.Order(StringComparer.Ordinal), Chinese.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Both_languages_quote_the_same_values()
    {
        var different = English.Where(text => !Placeholders(text.Value).SetEquals(Placeholders(Chinese[text.Key]))).Select(text => text.Key);
        Assert.Empty(different);
    }

    [Fact]
    public void No_text_is_empty() => Assert.Empty(English.Concat(Chinese).Where(text => string.IsNullOrWhiteSpace(text.Value)).Select(text => text.Key));

    [Fact]
    public void Every_text_is_used()
    {
        var quoted = Repository.Sources(".cs", ".cshtml").SelectMany(file => Quoted().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).ToHashSet();
        var unused = English.Keys.Where(key => !quoted.Contains(key) && !PutTogether.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal))).ToList();
        Assert.Empty(unused);
    }

    [Fact]
    public void Every_text_a_source_asks_for_exists()
    {
        var asked = Repository.Sources(".cs", ".cshtml").SelectMany(file => Asked().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value));
        var missing = asked.Where(key => !English.ContainsKey(key) && !PutTogether.Contains(key)).ToList();
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_refusal_has_a_sentence()
    {
        var refused = Repository.Sources(".cs").SelectMany(file => Refused().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Distinct().ToList();
        Assert.True(refused.Count > 40);
        Assert.DoesNotContain(refused, code => !English.ContainsKey($"Refusal.{code}"));
    }

    // Braces that stand for themselves are written twice: a sentence that cannot be put together fails where somebody needs it.
    [Fact]
    public void Every_refusal_can_be_told()
    {
        object[] anything = [.. Enumerable.Repeat("x", 10)];
        Assert.All(English.Concat(Chinese).Where(text => text.Key.StartsWith("Refusal.", StringComparison.Ordinal)), text => Assert.NotEmpty(string.Format(System.Globalization.CultureInfo.InvariantCulture, text.Value, anything)));
    }

    [Fact]
    public void Every_state_has_a_word_and_an_icon()
    {
        Assert.Equal(States.Looks.Keys.Order(StringComparer.Ordinal), English.Keys.Where(key => key.StartsWith("State.", StringComparison.Ordinal)).Select(key => key["State.".Length..]).Order(StringComparer.Ordinal));
        Assert.All(States.Looks.Values, look => Icons.Svg(look.Icon));
    }

    [Fact]
    public void Every_menu_entry_has_words_and_an_icon()
    {
        Assert.All(NavigationMenu.Groups, group => Assert.Contains("Menu." + group.Key, English));
        Assert.All(NavigationMenu.Groups.SelectMany(group => group.Entries), entry =>
        {
            Assert.Contains("Menu." + entry.Key, English);
            Icons.Svg(entry.Icon);
        });
    }

    [Fact]
    public void Chinese_is_written_in_Chinese()
    {
        string[] namesAndTheOtherLanguage = ["DeliveryKind.api_key", "Layout.OtherLanguage"];
        Assert.Empty(Chinese.Where(text => Latin().IsMatch(text.Value) && !Han().IsMatch(text.Value)).Select(text => text.Key).Except(namesAndTheOtherLanguage));
    }

    [Fact]
    public void Chinese_has_full_width_punctuation_and_a_space_beside_Latin()
    {
        Assert.Empty(Chinese.Where(text => HalfWidth().IsMatch(text.Value) || Unspaced().IsMatch(text.Value)).Select(text => text.Key));
    }

    private static HashSet<string> Placeholders(string text) => [.. Placeholder().Matches(text).Select(match => match.Value)];

    private static Dictionary<string, string> Read(string file) => XDocument
        .Load(Path.Combine(Repository.Root, "src", "BackOffice.Jobs", "Texts", file))
        .Descendants("data")
        .ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    [GeneratedRegex("\"([A-Z][A-Za-z0-9]*\\.[A-Za-z0-9._]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("\\b(?:T|texts|Texts\\.English|Texts\\.Chinese)\\[\"([^\"]+)\"")]
    private static partial Regex Asked();

    [GeneratedRegex("(?:new Refusal|PutAside)\\(\"([A-Za-z]+)\"")]
    private static partial Regex Refused();

    [GeneratedRegex(@"\{\d+")]
    private static partial Regex Placeholder();

    [GeneratedRegex("[A-Za-z]{2}")]
    private static partial Regex Latin();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Han();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}[,;:?!()]|[,;:?!(]\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex HalfWidth();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}[A-Za-z0-9]|[A-Za-z0-9]\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Unspaced();
}
