using System.Text;
using BackOffice.Domain;
using BackOffice.Jobs.Imports;
using CsCheck;

namespace BackOffice.Web.Tests.Imports;

public sealed class CsvRecordsTests
{
    private const string OtherLines = "4,5\n6,7\n";

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n", "2:1|2 3:3|4")]
    [InlineData("a,b\r\n1,2\r\n3,4", "2:1|2 3:3|4")]
    [InlineData("\uFEFFa,b\n1,2\n", "2:1|2")]
    [InlineData("\uFEFF\"a\",\"b\"\r\n1,2\r", "2:1|2")]
    [InlineData("b,a\n1,2\n", "2:2|1")]
    [InlineData("a,b\n\n  \t\n1,2\n\r\n3,4\n\n", "4:1|2 6:3|4")]
    [InlineData("\n\na,b\n1,2\n", "4:1|2")]
    [InlineData("a,b\n\"1,5\",\"say \"\"x\"\"\"\n3,4", "2:1,5|say \"x\" 3:3|4")]
    [InlineData("a,b\n\"one\r\ntwo\",\"\"\n3,4\n", "2:one\r\ntwo| 4:3|4")]
    [InlineData("a,b\n1,\"2\n4,5\n6,\"\n7,8\n", "2:1|2\n4,5\n6, 5:7|8")]
    [InlineData("a,b\n1,\n,\n", "2:1| 3:|")]
    [InlineData("a,b\n1,\"2\"\r\n3,\"4\"\r", "2:1|2 3:3|4")]
    [InlineData("a,b\n 1 ,2\n", "2: 1 |2")]
    [InlineData("a,b\n表,订单 №1\n", "2:表|订单 №1")]
    [InlineData("a,b\n", "")]
    [InlineData("a,b", "")]
    public void Records_are_given_with_the_line_on_which_they_begin(string text, string expected) =>
        Assert.Equal(expected, Outcome(Reading.Bytes(text)));

    [Theory]
    [InlineData("1,2,3\n", "FieldCountWrong(3;2)")]
    [InlineData("1\n", "FieldCountWrong(1;2)")]
    [InlineData("\"1,2\n", "QuoteNotClosed")]
    [InlineData("1,\"2\n", "QuoteNotClosed")]
    [InlineData("1,\"\"\"2\n", "QuoteNotClosed")]
    [InlineData("1,x\"2\n", "QuoteMisplaced")]
    [InlineData("1,\"x\"2\n", "QuoteMisplaced")]
    [InlineData("1, \"x\"\n", "QuoteMisplaced")]
    public void A_record_that_cannot_be_read_costs_one_physical_line(string line, string reason)
    {
        Assert.Equal($"2:{reason} 3:4|5 4:6|7", Outcome(Reading.Bytes("a,b\n" + line + OtherLines)));
        Assert.Equal($"2:4|5 3:6|7 4:{reason}", Outcome(Reading.Bytes("a,b\n" + OtherLines + line.TrimEnd('\n'))));
    }

    [Fact]
    public void A_mark_that_is_closed_by_the_next_quoted_field_costs_one_physical_line() =>
        Assert.Equal("2:QuoteNotClosed 3:4|5 4:6|7", Outcome(Reading.Bytes("a,b\n1,\"2\n4,\"5\"\n6,7\n")));

    [Theory]
    [InlineData(100, "102:4|5")]
    [InlineData(101, "QuoteNotClosed")]
    public void A_quoted_field_may_span_a_hundred_lines(int lines, string expected)
    {
        var text = "a,b\n1,\"" + string.Join('\n', Enumerable.Repeat("9,9", lines)) + "\"\n4,5\n";
        Assert.Contains(expected, Outcome(Reading.Bytes(text)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_that_is_never_closed_leaves_the_ten_thousand_lines_behind_it()
    {
        var text = "a,b\n1,\"2\n" + string.Concat(Enumerable.Repeat("4,5\n", 10_000));
        var outcome = Outcome(Reading.Bytes(text)).Split(' ');
        Assert.Equal("2:QuoteNotClosed", outcome[0]);
        Assert.Equal(10_000, outcome.Count(record => record.EndsWith(":4|5", StringComparison.Ordinal)));
        Assert.Equal(10_001, outcome.Length);
    }

    [Fact]
    public void A_record_of_64_KB_is_read_and_one_byte_more_is_put_aside()
    {
        var longest = new string('x', CsvRecords.LongestRecord - 2);
        Assert.Equal($"2:1|{longest} 3:4|5", Outcome(Reading.Bytes($"a,b\n1,{longest}\r\n4,5")));
        Assert.Equal("2:LineTooLong(64 KB) 3:4|5", Outcome(Reading.Bytes($"a,b\n1,x{longest}\r\n4,5")));
        Assert.Equal("2:LineTooLong(64 KB)", Outcome(Reading.Bytes($"a,b\n1,x{longest}")));
    }

    [Theory]
    [InlineData('x')]
    [InlineData('"')]
    [InlineData(',')]
    public void A_line_of_64_megabytes_is_put_aside_without_being_kept(char filling)
    {
        using var file = new LongLineStream("a,b\n1,", (byte)filling, 64L << 20, "\n4,5\n");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("2:LineTooLong(64 KB) 3:4|5", Outcome(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 1 << 20);
    }

    [Fact]
    public void A_line_that_is_not_UTF_8_is_put_aside()
    {
        byte[] file = [.. "a,b\n1,"u8, 0xD6, 0xD0, .. "\n4,5\n6,\""u8, 0xC3, .. "\n\"\n"u8];
        Assert.Equal("2:LineNotUtf8 3:4|5 4:LineNotUtf8 5:QuoteNotClosed", Outcome(new MemoryStream(file)));
    }

    [Fact]
    public void Bytes_read_grow_to_the_length_of_the_file()
    {
        var csv = new CsvRecords(Reading.Bytes("a,b\n1,2\n\n3,4\n"), "a", "b");
        var seen = new List<long>();
        while (csv.Read())
            seen.Add(csv.BytesRead);
        Assert.Equal([8, 13], seen);
        Assert.Equal(13, csv.BytesRead);
    }

    [Theory]
    [InlineData("", "FileEmpty")]
    [InlineData("\uFEFF", "FileEmpty")]
    [InlineData(" \n\r\n", "FileEmpty")]
    [InlineData("PK\u0003\u0004\u0014", "FileIsWorkbook(CSV UTF-8)")]
    [InlineData("\u0001\u0002\u0003,", "FileIsBinary(CSV UTF-8)")]
    [InlineData("\0\0\0\0", "FileIsBinary(CSV UTF-8)")]
    [InlineData("a;b\n1;2\n", "HeaderHasSemicolons(a,b)")]
    [InlineData("\"a\";\"b\"\n", "HeaderHasSemicolons(a,b)")]
    [InlineData("a\tb\n1\t2\n", "HeaderHasTabs(a,b)")]
    [InlineData("a,b\r1,sk-secret\r", "FileHasBareCarriageReturns")]
    [InlineData("1,sk-secret\n", "HeaderMissing(a,b)")]
    [InlineData("\"a,b\n1,2\n", "HeaderMissing(a,b)")]
    [InlineData("[{\"id\":1}]", "HeaderMissing(a,b)")]
    [InlineData("A,B\n", "HeaderMissing(a,b)")]
    [InlineData("a\n1\n", "HeaderLacksColumns(b;a,b)")]
    [InlineData("a,b,c\n1,2,3\n", "HeaderHasUnknownColumn(c;a,b)")]
    [InlineData("a,b,\n1,2,\n", "HeaderHasUnknownColumn(;a,b)")]
    [InlineData("a,c\n1,2\n", "HeaderLacksColumnsAndHasUnknown(b;c;a,b)")]
    [InlineData("a,b1,sk-secret\n", "HeaderLacksColumnsAndHasUnknown(b;b…;a,b)")]
    [InlineData("a,b,b\n1,2,3\n", "HeaderRepeatsColumn(b)")]
    public void A_file_with_another_beginning_is_refused_whole(string text, string reason) =>
        Assert.Equal(reason, WholeRefusal(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_file_in_UTF_16_is_refused_whole(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        Assert.Equal("FileIsUtf16", WholeRefusal([.. encoding.GetPreamble(), .. encoding.GetBytes("a,b\n1,2\n")]));
        Assert.Equal("FileIsUtf16", WholeRefusal(encoding.GetBytes("a,b\n1,2\n")));
    }

    [Fact]
    public void Other_bytes_that_are_no_text_are_refused_whole()
    {
        Assert.Equal("FileIsWorkbook(CSV UTF-8)", WholeRefusal([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]));
        Assert.Equal("FileNotUtf8", WholeRefusal([.. "a,b,"u8, 0xD6, 0xD0, .. "\n1,2,3\n"u8]));
        Assert.Equal("HeaderMissing(a,b)", WholeRefusal(Encoding.UTF8.GetBytes(new string('x', 100_000))));
    }

    [Fact]
    public void Records_written_as_CSV_are_read_back_however_the_stream_cuts_them()
    {
        var field = Gen.OneOf(Gen.Char["ab ,\"\n\r;é表"].Array[0, 12].Select(characters => new string(characters)), Gen.Const(""));
        var record = Gen.Select(field, field, Gen.Bool, Gen.Bool);
        Gen.Select(record.Array[0, 30], Gen.Int[1, 7].Array[1, 5], Gen.Bool, Gen.Bool).Sample((records, pieces, hasMark, isWindows) =>
        {
            var lineEnd = isWindows ? "\r\n" : "\n";
            var text = (hasMark ? "\uFEFF" : "") + "a,b" + lineEnd
                + string.Concat(records.Select(item => $"{Written(item.Item1, item.Item3)},{Written(item.Item2, item.Item4)}{lineEnd}"));
            var csv = new CsvRecords(new PiecesStream(Encoding.UTF8.GetBytes(text), pieces), "a", "b");
            foreach (var item in records)
            {
                Assert.True(csv.Read());
                Assert.Null(csv.Refusal);
                Assert.Equal((item.Item1, item.Item2), (Encoding.UTF8.GetString(csv[0]), Encoding.UTF8.GetString(csv[1])));
            }
            Assert.False(csv.Read());
        });
    }

    [Fact]
    public void Any_bytes_after_the_header_are_read_to_the_end_line_by_line()
    {
        Gen.Select(Gen.Char["1,\"\n\r\u00e9"].Array[0, 60], Gen.Int[1, 9].Array[1, 3]).Sample((characters, pieces) =>
        {
            var text = "a,b\n" + new string(characters);
            var csv = new CsvRecords(new PiecesStream(Encoding.Latin1.GetBytes(text), pieces), "a", "b");
            var line = 1L;
            while (csv.Read())
            {
                Assert.True(csv.Line > line);
                line = csv.Line;
            }
            Assert.Equal(text.Length, csv.BytesRead);
            Assert.True(line <= text.Count(character => character == '\n') + 1);
        });
    }

    private static string Written(string field, bool isQuoted) =>
        isQuoted || field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"")}\"" : field;

    private static string Outcome(Stream stream)
    {
        var csv = new CsvRecords(stream, "a", "b");
        var records = new List<string>();
        while (csv.Read())
            records.Add($"{csv.Line}:{(csv.Refusal is { } refusal ? Short(refusal) : $"{Encoding.UTF8.GetString(csv[0])}|{Encoding.UTF8.GetString(csv[1])}")}");
        return string.Join(' ', records);
    }

    private static string WholeRefusal(byte[] file) =>
        Short(Assert.Throws<RefusedException>(() => new CsvRecords(new MemoryStream(file), "a", "b").Read()).Refusal);

    private static string Short(Refusal refusal) => refusal.Args.Length == 0 ? refusal.Code : $"{refusal.Code}({string.Join(';', refusal.Args)})";
}
