using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Jobs;
using BackOffice.Jobs.Imports;

namespace BackOffice.Web.Tests.Imports;

public sealed class RefusalTextTests
{
    private static readonly Refusal NoOffset = new("InstantWithoutOffset", "created_at");

    [Fact]
    public void A_record_is_named_by_file_line_and_field()
    {
        var aside = new PutAside(14, NoOffset);
        Assert.Equal("orders.csv, line 14, created_at: no offset. Write 2026-10-01T10:00:00+08:00.", RefusalText.OfRecord("orders.csv", aside, Texts.English));
        Assert.Equal("orders.csv 第 14 行 created_at：缺少时区偏移，应写作 2026-10-01T10:00:00+08:00。", RefusalText.OfRecord("orders.csv", aside, Texts.Chinese));
    }

    [Fact]
    public void A_line_without_a_field_is_named_by_file_and_line()
    {
        var aside = new PutAside(1_234_567, new Refusal("LineNotUtf8", ""));
        Assert.Equal("orders.csv, line 1234567: not UTF-8. Save the file as UTF-8.", RefusalText.OfRecord("orders.csv", aside, Texts.English));
        Assert.Equal("orders.csv 第 1234567 行：编码不是 UTF-8。请将文件另存为 UTF-8。", RefusalText.OfRecord("orders.csv", aside, Texts.Chinese));
    }

    [Fact]
    public void A_file_is_named_alone()
    {
        var empty = new Refusal("FileEmpty", "");
        Assert.Equal("orders.csv: the file is empty. Export it again.", RefusalText.OfFile("orders.csv", empty, Texts.English));
        Assert.Equal("orders.csv：文件为空。请重新导出。", RefusalText.OfFile("orders.csv", empty, Texts.Chinese));
    }

    [Fact]
    public void A_value_with_braces_is_shown_as_it_stands() =>
        Assert.Equal("a.csv: “{0}” is unknown. Write a or b.", RefusalText.OfFile("a.csv", new Refusal("WordUnknown", "", "{0}", "a", "b"), Texts.English));
}
