using System.Text.RegularExpressions;
using BackOffice.Jobs;
using BackOffice.Jobs.Reports.Pdf;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokens;

namespace BackOffice.Web.Tests.Reports;

public sealed partial class PdfReportTests
{
    [Theory]
    [InlineData("en", "as of 2026-11-01 00:00:05 (UTC+8)", "Page 1 of 1")]
    [InlineData("zh-Hans", "截止时点 2026-11-01 00:00:05 (UTC+8)", "第 1 页，共 1 页")]
    public async Task Every_word_is_read_back_in_both_languages(string language, string when, string number)
    {
        var report = PdfCast.Report(
            language == "en" ? Texts.English : Texts.Chinese,
            new PdfHeading("What it rests on 依据"),
            new PdfParameters(new PdfParameter("Window 期间", "1 to 31 October 2026"), new PdfParameter("Zone 时区", "Asia/Shanghai")),
            new PdfText("First paragraph 第一段。\nSecond paragraph 第二段。"),
            new PdfSignatures("Prepared by 编制人", "Approved by 批准人", "Seen by 审阅人"));

        var page = Assert.Single(await PdfCast.ReadAsync(report));

        Assert.Equal(
            $"{report.Title}{report.Subtitle}What it rests on 依据Window 期间1 to 31 October 2026Zone 时区Asia/Shanghai"
            + $"First paragraph 第一段。Second paragraph 第二段。Prepared by 编制人Approved by 批准人Seen by 审阅人{report.Title} · mara@example.com · {when}{number}",
            page);
    }

    [Fact]
    public async Task A_table_over_many_pages_keeps_its_rows_in_order_under_a_header_on_each()
    {
        var pages = await PdfCast.ReadAsync(PdfCast.Report(Texts.English, new PdfTable<int>(PdfCast.Columns, Enumerable.Range(1, 200), ["Total", "", "1,000,020,100"])));

        Assert.InRange(pages.Count, 6, 10);
        Assert.All(pages, page => Assert.Single(Header().Matches(page)));
        Assert.Equal(Enumerable.Range(1, 200).Select(PdfCast.Order), pages.SelectMany(page => OrderNumber().Matches(page)).Select(match => match.Value));
        Assert.Equal(Enumerable.Range(1, pages.Count).Select(page => $"Page {page} of {pages.Count}"), pages.Select(page => PageNumber().Match(page).Value));
        Assert.All(pages.SkipLast(1), page => Assert.DoesNotContain("Total", page));
        Assert.Contains("Total1,000,020,100", pages[^1]);
    }

    /// <summary>Whatever number of rows fills a page to the end: totals without a row above them would seem to be those of nothing.</summary>
    [Fact]
    public async Task Totals_stand_on_the_page_of_the_last_row()
    {
        for (var rows = 27; rows < 45; rows++)
        {
            var last = (await PdfCast.ReadAsync(PdfCast.Report(Texts.English, new PdfTable<int>(PdfCast.Columns, Enumerable.Range(1, rows), ["Total", "", "1"]))))[^1];
            Assert.Contains(PdfCast.Order(rows), last);
            Assert.Contains("Total", last);
        }
    }

    [Fact]
    public async Task What_comes_after_a_table_has_no_header_of_it()
    {
        var pages = await PdfCast.ReadAsync(PdfCast.Report(Texts.English, new PdfTable<int>(PdfCast.Columns, [1]), new PdfText(string.Concat(Enumerable.Repeat("a line\n", 80)))));
        Assert.Equal(2, pages.Count);
        Assert.DoesNotContain("Customer", pages[1]);
    }

    [Fact]
    public async Task A_heading_stays_with_what_it_is_about()
    {
        for (var lines = 38; lines < 50; lines++)
        {
            var pages = await PdfCast.ReadAsync(PdfCast.Report(Texts.English, new PdfText(string.Concat(Enumerable.Repeat("a line\n", lines))), new PdfHeading("Orders"), new PdfTable<int>(PdfCast.Columns, [1])));
            Assert.Contains(PdfCast.Order(1), Assert.Single(pages, page => page.Contains("Orders", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("en", null, "There is nothing to list.")]
    [InlineData("zh-Hans", null, "没有可列出的记录。")]
    [InlineData("en", "No finding is open.", "No finding is open.")]
    public async Task A_table_without_rows_says_so(string language, string? words, string said)
    {
        var table = new PdfTable<int>(PdfCast.Columns, []) { WhenEmpty = words };
        Assert.Contains($"Tokens{said}", Assert.Single(await PdfCast.ReadAsync(PdfCast.Report(language == "en" ? Texts.English : Texts.Chinese, table))));
    }

    [Fact]
    public async Task A_hash_is_one_line_of_characters_of_one_width()
    {
        const string hash = "7f5cf6a91ff4eeede36dee54e54e1ec1e7d64dd2559109dec1fb4faff4e63b4e";
        var letters = await PdfCast.LettersAsync(new PdfHash("SHA-256", hash), new PdfHash("SHA-512", hash + hash));

        var lines = PdfCast.Lines(letters);
        Assert.Contains(hash, lines);
        Assert.Contains(hash + hash, lines);
        var steps = letters.Where(letter => letter.FontName!.Contains("Mono", StringComparison.Ordinal)).Take(64).ToList();
        Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.Equal(steps[1].StartBaseLine.X - steps[0].StartBaseLine.X, pair.Second.StartBaseLine.X - pair.First.StartBaseLine.X, 2));
    }

    [Fact]
    public async Task Numbers_end_on_one_edge_and_are_never_broken()
    {
        string[] numbers = ["1", "22.00", "123,456,789,012,345,678,901,234,567.89"];
        var letters = await PdfCast.LettersAsync(new PdfTable<string>([new("Name", 60, PdfCells.Words, _ => "Aster"), new("Amount", 14, PdfCells.Number, number => number)], numbers));

        Assert.All(numbers, number => Assert.Contains($"Aster{number}", PdfCast.Lines(letters)));
        var ends = letters.Zip(letters.Skip(1)).Where(pair => char.IsDigit(pair.First.Value[0]) && pair.Second.Value is "A").Select(pair => pair.First.EndBaseLine.X).ToList();
        Assert.Equal(2, ends.Count);
        Assert.Equal(ends[0], ends[1], 1);
    }

    [Fact]
    public async Task A_long_cell_is_broken_at_words_and_an_id_only_where_it_must_be()
    {
        const string words = "Aster Limited, who wants every word of a rather long name to be written out, 一位名字很长的客户，希望把所有内容都完整地写出来。";
        PdfColumn<string>[] columns = [new("Id", 14, PdfCells.Code, _ => "AC-0000-0001"), new("Words", 20, PdfCells.Words, text => text), new("Rest", 66, PdfCells.Words, _ => "")];

        var lines = PdfCast.Lines(await PdfCast.LettersAsync(new PdfTable<string>(columns, [words, "mara.von.aster@example.com"])));

        Assert.Contains(lines, line => line.StartsWith("AC-0000-0001Aster", StringComparison.Ordinal));
        Assert.Equal("example.com", lines[lines.IndexOf("AC-0000-0001mara.von.aster@") + 1]);
        var broken = lines.SkipWhile(line => !line.StartsWith("AC-", StringComparison.Ordinal)).TakeWhile(line => !line.Contains("mara.von", StringComparison.Ordinal)).ToList();
        Assert.InRange(broken.Count, 4, 8);
        Assert.Equal(words.Replace(" ", ""), string.Concat(broken)["AC-0000-0001".Length..].Replace(" ", ""));
        Assert.All(broken.SkipLast(1), line => Assert.Matches("[ a-z,，。]$|\\p{IsCJKUnifiedIdeographs}$", line));
    }

    [Fact]
    public async Task A_cell_of_too_many_lines_is_cut_and_says_so()
    {
        PdfColumn<string>[] columns = [new("Words", 10, PdfCells.Words, text => text) { MostLines = 2 }, new("Rest", 90, PdfCells.Words, _ => "")];
        var lines = PdfCast.Lines(await PdfCast.LettersAsync(new PdfTable<string>(columns, ["one two three four five six seven eight nine ten"])));
        var cut = lines.FindIndex(line => line.StartsWith("one", StringComparison.Ordinal));
        Assert.EndsWith("…", lines[cut + 1]);
        Assert.DoesNotContain(lines, line => line.Contains("ten", StringComparison.Ordinal));
    }

    /// <summary>The character and the radical of one shape are one glyph in the font, as are Å and the sign of the unit: a reader must still be told which one was written.</summary>
    [Theory]
    [InlineData("一\u2F00 人\u2F08 \u00C5\u212B", "一\u2F00 人\u2F08 \u00C5\u212B")]
    [InlineData("𠀀𪚥 😀 ก ع", "𠀀𪚥 😀 ก ع")]
    [InlineData("a\u0000b\u0007c", "a\uFFFDb\uFFFDc")]
    [InlineData("a\tb\r\nc", "a b  c")]
    [InlineData("mara\u202Egpj.exe\u200B\uFE0F", "maragpj.exe")]
    [InlineData("\uFFFF\uFDD0", "\uFFFF\uFDD0")]
    public Task What_a_person_may_have_typed_is_read_back(string typed, string read) => ReadBackAsync(typed, read);

    // Test names are UTF-8 and could not hold it.
    [Fact]
    public Task Half_a_pair_shows_that_something_stands_there() => ReadBackAsync("half \uD83D pair \uDE00", "half \uFFFD pair \uFFFD");

    [Fact]
    public async Task The_same_report_gives_the_same_bytes()
    {
        PdfReport Report() => PdfCast.Report(Texts.Chinese, new PdfTable<int>(PdfCast.Columns, Enumerable.Range(1, 90)), new PdfHash("SHA-256", "7f5c"));
        Assert.Equal(ReportCast.Sha256(await PdfCast.WriteAsync(Report())), ReportCast.Sha256(await PdfCast.WriteAsync(Report())));
    }

    [Fact]
    public async Task A_document_says_its_title_author_language_and_the_time_of_its_figures()
    {
        using var document = PdfDocument.Open(await PdfCast.WriteAsync(PdfCast.Report(Texts.Chinese)));
        var said = document.Information;
        Assert.Equal(("2026 年 10 月结算单", "mara@example.com"), (said.Title, said.Author));
        Assert.StartsWith("D:20261031160005", said.CreationDate);
        Assert.Equal(said.CreationDate, said.ModifiedDate);
        Assert.Equal("zh-Hans", Assert.IsType<StringToken>(document.Structure.Catalog.CatalogDictionary.Data["Lang"]).Data);
        Assert.Contains("2026", Assert.Single(document.GetPages()).Text);
    }

    [Fact]
    public async Task Pages_may_lie_on_their_side()
    {
        using var document = PdfDocument.Open(await PdfCast.WriteAsync(new PdfReport(Texts.English, new(TimeZoneInfo.Utc))
        {
            Title = "Wide",
            Who = "Mara",
            AsOf = new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc),
            Landscape = true,
            Sections = [new PdfTable<int>(PdfCast.Columns, Enumerable.Range(1, 60))],
        }));
        Assert.All(document.GetPages(), page => Assert.True(page.Width > page.Height && page.Letters.Max(letter => letter.EndBaseLine.X) is > 700 and < 842));
    }

    [Fact]
    public async Task Rows_that_change_between_the_readings_are_refused()
    {
        var readings = 0;
        Func<IAsyncEnumerable<int>>[] sources = [() => Enumerable.Range(1, ++readings * 100).ToAsyncEnumerable(), () => new[] { ++readings == 1 ? 1 : 2 }.ToAsyncEnumerable()];
        foreach (var rows in sources)
        {
            readings = 0;
            await Assert.ThrowsAsync<InvalidOperationException>(() => PdfCast.WriteAsync(PdfCast.Report(Texts.English, new PdfTable<int>([new("Row", 1, PdfCells.Words, row => row == 1 ? "one" : "zwölf")], rows))));
        }
    }

    /// <summary>Skia writes from native code, which an exception must not cross: it would end the worker.</summary>
    [Fact]
    public async Task A_full_disk_is_an_exception_like_any_other()
    {
        using var full = new FullDisk();
        await Assert.ThrowsAsync<IOException>(() => PdfCast.Report(Texts.English, new PdfText("text")).WriteAsync(full, CancellationToken.None));
    }

    private static async Task ReadBackAsync(string typed, string read)
    {
        PdfColumn<string>[] columns = [new("Words", 1, PdfCells.Words, text => text), new("Code", 1, PdfCells.Code, text => text), new("Number", 1, PdfCells.Number, text => text)];
        Assert.Contains($"{read}{read}{read}", Assert.Single(await PdfCast.ReadAsync(PdfCast.Report(Texts.English, new PdfTable<string>(columns, [typed])))));
    }

    [GeneratedRegex("Order 订单CustomerTokens")]
    private static partial Regex Header();

    [GeneratedRegex(@"AC-\d{8}")]
    private static partial Regex OrderNumber();

    [GeneratedRegex(@"Page \d+ of \d+")]
    private static partial Regex PageNumber();

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > 2_000)
                throw new IOException("No space left on device");
            base.Write(buffer, offset, count);
        }
    }
}
