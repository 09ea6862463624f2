using System.Globalization;
using System.Text;
using BackOffice.Domain;
using BackOffice.Domain.Imports;
using BackOffice.Jobs.Imports;
using CsCheck;

namespace BackOffice.Web.Tests.Imports;

public sealed class OrdersFileTests
{
    private const string Header =
        "order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at\n";

    private const string Good = "AC-1,starter,2,aster@example.com,CNY,72.00,EUR,9.98,exclusive,ord_1,2026-10-01T10:00:00+08:00";

    private static readonly string[] Columns = Header.TrimEnd().Split(',');

    [Fact]
    public void A_line_becomes_an_order()
    {
        var order = Assert.Single(Reading.Orders(Header + " AC-1 , starter ,2, Aster@Example.com ,CNY,72.00,JPY,1200,inclusive,,2026-10-01T10:00:00.1239+08:00\n").Records);
        Assert.Equal(
            new ImportedOrder
            {
                Line = 2,
                OrderNo = "AC-1",
                Package = "starter",
                Units = 2,
                CustomerEmail = "aster@example.com",
                List = new Money(7200, "CNY"),
                Charge = new Money(1200, "JPY"),
                TaxInclusive = true,
                CreemOrderId = null,
                CreatedAt = new DateTime(2026, 10, 1, 2, 0, 0, 123, DateTimeKind.Utc),
            },
            order);
        Assert.Equal(DateTimeKind.Utc, order.CreatedAt.Kind);
    }

    [Theory]
    [InlineData("order_no", "", "nothing is given.")]
    [InlineData("order_no", "AC 1", "not an identifier. Write letters, digits and signs of ASCII without spaces, at most 64.")]
    [InlineData("order_no", "订单1", "not an identifier. Write letters, digits and signs of ASCII without spaces, at most 64.")]
    [InlineData("package", "Starter", "“Starter” is not a package's short name. Write lower-case letters, digits and hyphens, at most 40, such as starter.")]
    [InlineData("package", " ", "nothing is given.")]
    [InlineData("units", "0", "0 is outside 1 to 100000.")]
    [InlineData("units", "100001", "100001 is outside 1 to 100000.")]
    [InlineData("units", "99999999999999999999", "99999999999999999999 is outside 1 to 100000.")]
    [InlineData("units", "1.0", "“1.0” is not a plain number. Write digits only, without separators, decimals or sign.")]
    [InlineData("units", "-1", "“-1” is not a plain number. Write digits only, without separators, decimals or sign.")]
    [InlineData("units", "aster@example.com", "“…” is not a plain number. Write digits only, without separators, decimals or sign.")]
    [InlineData("customer_email", "aster", "not one e-mail address. Write it like name@example.com, at most 320 characters.")]
    [InlineData("customer_email", "a@b@c", "not one e-mail address. Write it like name@example.com, at most 320 characters.")]
    [InlineData("customer_email", "@example.com", "not one e-mail address. Write it like name@example.com, at most 320 characters.")]
    [InlineData("customer_email", "a b@example.com", "not one e-mail address. Write it like name@example.com, at most 320 characters.")]
    [InlineData("list_currency", "", "nothing is given.")]
    [InlineData("list_currency", "cny", "“cny” is not in capitals. Write CNY.")]
    [InlineData("list_currency", "RMB", "“RMB” is not a currency. Write its three letters of ISO 4217, such as CNY.")]
    [InlineData("list_amount", "", "no amount. Write it in CNY, such as 22.00.")]
    [InlineData("list_amount", "22.005", "22.005 has more decimals (3) than CNY takes (2). Write it like 22.00.")]
    [InlineData("list_amount", "\"1,022.00\"", "“1,022.00” has a comma. Write a point before the decimals and nothing between thousands, such as 22.00.")]
    [InlineData("list_amount", "¥22", "“¥22” is not an amount. Write digits and at most one point, such as 22.00.")]
    [InlineData("list_amount", "12345678901.00", "12345678901.00 is too large. Look for a lost decimal point: amounts are written like 22.00.")]
    [InlineData("charge_amount", "-9.98", "-9.98 is negative. Write what was to be charged, 0 or more.")]
    [InlineData("tax_mode", "Inclusive", "“Inclusive” is unknown. Write inclusive or exclusive.")]
    [InlineData("tax_mode", "", "nothing is given.")]
    [InlineData("creem_order_id", "ord 1", "not an identifier. Write letters, digits and signs of ASCII without spaces, at most 80.")]
    [InlineData("created_at", "", "nothing is given.")]
    [InlineData("created_at", "2026-10-01T10:00:00", "no offset. Write 2026-10-01T10:00:00+08:00.")]
    [InlineData("created_at", "2026-10-01", "no time of day. Write 2026-10-01T10:00:00+08:00.")]
    [InlineData("created_at", "2026-10-01 10:00:00+08:00", "a space between day and time. Write T: 2026-10-01T10:00:00+08:00.")]
    [InlineData("created_at", "01/10/2026 10:00", "not a day and time. Write 2026-10-01T10:00:00+08:00.")]
    [InlineData("created_at", "2026-10-01T10:00:00+0800", "the offset cannot be read. Write 2026-10-01T10:00:00+08:00.")]
    [InlineData("created_at", "2026-10-01T10:00:00+15:00", "the offset cannot be read. Write 2026-10-01T10:00:00+08:00.")]
    [InlineData("created_at", "2026-09-31T10:00:00Z", "there is no day 2026-09-31. Write a day that exists.")]
    [InlineData("created_at", "2025-02-29T10:00:00Z", "there is no day 2025-02-29. Write a day that exists.")]
    [InlineData("created_at", "2026-10-01T24:00:00Z", "24:00:00 is 00:00 of the next day. Write 2026-10-02T00:00:00+08:00.")]
    [InlineData("created_at", "2026-10-01T23:60:00Z", "there is no time 23:60:00. Write hours to 23, minutes and seconds to 59.")]
    [InlineData("created_at", "1999-12-31T10:00:00Z", "the year 1999 is outside 2000 to 2100. Compare it with the source.")]
    [InlineData("created_at", "2101-01-01T10:00:00Z", "the year 2101 is outside 2000 to 2100. Compare it with the source.")]
    [InlineData("created_at", "\"2026-10-01T10:00:00,25Z\"", "a comma before the fraction of the second. Write a point: 2026-10-01T10:00:00.250+08:00.")]
    [InlineData("created_at", "2026-10-01T10:00:00.Z", "not a day and time. Write 2026-10-01T10:00:00+08:00.")]
    public void A_wrong_field_puts_its_line_aside_and_no_other(string column, string value, string sentence)
    {
        var read = Reading.Orders($"{Header}{Good}\n{With(column, value)}\n{Good}");
        Assert.Equal([$"orders.csv, line 3, {column}: {sentence}"], read.Asides);
        Assert.Equal([2L, 4L], read.Records.Select(order => order.Line));
    }

    [Theory]
    [InlineData("2026-10-01T10:00:00Z", "2026-10-01T10:00:00.0000000Z")]
    [InlineData("2026-10-01T10:00Z", "2026-10-01T10:00:00.0000000Z")]
    [InlineData("2024-02-29T23:59:59.9999999-05:30", "2024-03-01T05:29:59.9990000Z")]
    [InlineData("2026-01-01T00:00:00.5+14:00", "2025-12-31T10:00:00.5000000Z")]
    public void An_instant_is_taken_to_UTC_and_cut_to_milliseconds(string written, string instant) =>
        Assert.Equal(instant, Assert.Single(Reading.Orders(Header + With("created_at", written)).Records).CreatedAt.ToString("O", CultureInfo.InvariantCulture));

    [Fact]
    public void The_first_wrong_field_in_the_order_of_the_columns_is_named() =>
        Assert.Equal(
            ["orders.csv, line 2, units: “x” is not a plain number. Write digits only, without separators, decimals or sign."],
            Reading.Orders(Header + "AC-1,starter,x,nobody,cny,1.234,,,,,\n").Asides);

    [Fact]
    public void Columns_may_stand_in_any_order()
    {
        var text = string.Join(',', Columns.Reverse()) + "\n" + string.Join(',', Good.Split(',').Reverse()) + "\n";
        Assert.Equal(Reading.Orders(Header + Good).Records, Reading.Orders(text).Records);
    }

    [Fact]
    public void A_long_wrong_value_is_cut_and_its_control_characters_are_replaced()
    {
        var aside = Assert.Single(Reading.Orders(Header + With("package", "\"A\u0007\u202E" + new string('x', 100) + "\"")).Asides);
        Assert.StartsWith("orders.csv, line 2, package: “A\uFFFD\uFFFD" + new string('x', 57) + "…” is not", aside);
    }

    [Fact]
    public void An_open_quotation_mark_costs_its_own_line_only()
    {
        var read = Reading.Orders($"{Header}{Good}\n{With("package", "\"starter")}\n{Good}\n{With("customer_email", "\"aster@example.com\"")}\n{Good}\n");
        Assert.Equal(["orders.csv, line 3: a quotation mark is opened and not closed. Close it, or double it if it belongs to the text."], read.Asides);
        Assert.Equal([2L, 4L, 5L, 6L], read.Records.Select(order => order.Line));
    }

    [Fact]
    public void Lines_between_two_stray_marks_are_read_all_the_same()
    {
        var read = Reading.Orders($"{Header}{With("customer_email", "\"a@example.com")}\n{Good}\n{Good}\n{With("customer_email", "b@example.com\"")}\n");
        Assert.Equal([3L, 4L], read.Records.Select(order => order.Line));
        Assert.Equal(
            [
                "orders.csv, line 2, customer_email: not one e-mail address. Write it like name@example.com, at most 320 characters.",
                "orders.csv, line 5: a quotation mark stands inside a field. Put the whole field in quotation marks and double each one in it.",
            ],
            read.Asides);
    }

    [Fact]
    public void A_line_of_a_megabyte_costs_itself_only()
    {
        var read = Reading.Orders($"{Header}{Good}\n{With("package", new string('x', 1 << 20))}\n{Good}\n");
        Assert.Equal(["orders.csv, line 3: longer than 64 KB. Look for a lost line break."], read.Asides);
        Assert.Equal([2L, 4L], read.Records.Select(order => order.Line));
    }

    [Fact]
    public void A_line_with_a_comma_too_many_costs_itself_only()
    {
        var read = Reading.Orders($"{Header}{With("list_amount", "1,022.00")}\n{Good}\n");
        Assert.Equal(["orders.csv, line 2: fields found: 12, columns: 11. Put a field that holds a comma in quotation marks."], read.Asides);
        Assert.Single(read.Records);
    }

    [Theory]
    [InlineData("", "orders.csv: the file is empty. Export it again.")]
    [InlineData("PK\u0003\u0004", "orders.csv: this is a workbook or an archive, whatever its name says. Save it as CSV UTF-8.")]
    [InlineData("o\0r\0d\0", "orders.csv: the file is UTF-16. Save it as UTF-8.")]
    [InlineData("order_no;package\n", "orders.csv: the columns are parted by semicolons. Save the file with commas.")]
    public void A_file_that_is_no_orders_csv_is_refused_whole(string text, string sentence) =>
        Assert.Equal(sentence, Reading.WholeRefusal("orders.csv", new OrdersFile(Reading.Bytes(text))));

    [Fact]
    public void A_header_with_a_misspelt_column_says_which_and_what_would_be_right() =>
        Assert.Equal(
            $"orders.csv: the header lacks created_at and has the column “created”, which is unknown. Write: {Header.TrimEnd()}",
            Reading.WholeRefusal("orders.csv", new OrdersFile(Reading.Bytes(Header.Replace("created_at", "created") + Good))));

    [Theory]
    [InlineData("created_atsk-3f9a", "created_atsk…")]
    [InlineData("quantity 2", "quantity …")]
    [InlineData("3f9a", "…")]
    [InlineData("创建时间", "创建时间")]
    public void A_header_is_quoted_no_further_than_words_go_for_a_lost_line_break_puts_a_record_there(string column, string shown) =>
        Assert.Contains($"the column “{shown}”", Reading.WholeRefusal("orders.csv", new OrdersFile(Reading.Bytes(Header.Replace("created_at", column) + Good))));

    [Fact]
    public void Skipping_goes_on_where_an_earlier_attempt_stopped()
    {
        var text = $"{Header}{Good}\n{With("units", "x")}\n{Good}\n{Good}\n";
        var file = new OrdersFile(Reading.Bytes(text));
        file.Skip(2);
        Assert.Equal(2, file.RecordsRead);
        Assert.True(file.TryRead(out var order, out _));
        Assert.Equal(4, order!.Line);
        file.Skip(10);
        Assert.False(file.TryRead(out _, out _));
        Assert.Equal(4, file.RecordsRead);
        Assert.Equal(text.Length, file.BytesRead);
    }

    [Fact]
    public void Orders_written_as_CSV_are_read_back_however_the_stream_cuts_them()
    {
        var money = Gen.Select(Gen.Long[0, Money.Limit], Gen.OneOf("CNY", "JPY", "KWD"), (minor, currency) => new Money(minor, currency));
        var id = Gen.Char['!', '~'].Array[1, 64].Select(characters => new string(characters));
        var order = Gen.Select(
            Gen.Select(id, Gen.Char["az09-"].Array[1, 40], Gen.Int[1, 100_000], Gen.Char["abé9."].Array[1, 20]),
            Gen.Select(money, money, Gen.Bool, Gen.Bool),
            Gen.Select(Gen.Long[0, 3_000_000_000_000], Gen.Int[-14 * 60, 14 * 60], Gen.Bool),
            (names, prices, time) => (
                new ImportedOrder
                {
                    Line = 0,
                    OrderNo = names.Item1,
                    Package = new string(names.Item2),
                    Units = names.Item3,
                    CustomerEmail = new string(names.Item4) + "@example.com",
                    List = prices.Item1,
                    Charge = prices.Item2,
                    TaxInclusive = prices.Item3,
                    CreemOrderId = prices.Item4 ? null : names.Item1,
                    CreatedAt = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(time.Item1),
                },
                time.Item2, time.Item3));
        Gen.Select(order.Array[0, 20], Gen.Int[1, 5000].Array[1, 5]).Sample((orders, pieces) =>
        {
            var text = Header + string.Concat(orders.Select(item => Written(item.Item1, item.Item2, item.Item3)));
            var read = Reading.All("orders.csv", new OrdersFile(new PiecesStream(Encoding.UTF8.GetBytes(text), pieces)));
            Assert.Empty(read.Asides);
            Assert.Equal(orders.Select((item, index) => item.Item1 with { Line = index + 2 }), read.Records);
        });
    }

    private static string Written(ImportedOrder order, int offset, bool areQuoted)
    {
        var local = new DateTimeOffset(order.CreatedAt).ToOffset(TimeSpan.FromMinutes(offset));
        string[] fields =
        [
            order.OrderNo, order.Package, order.Units.ToString(CultureInfo.InvariantCulture), order.CustomerEmail, order.List.Currency,
            order.List.ToInvariantString(), order.Charge.Currency, order.Charge.ToInvariantString(), order.TaxInclusive ? "inclusive" : "exclusive",
            order.CreemOrderId ?? "", local.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture),
        ];
        return string.Join(',', fields.Select(field => areQuoted || field.AsSpan().ContainsAny(",\"") ? $"\"{field.Replace("\"", "\"\"")}\"" : field)) + "\n";
    }

    private static string With(string column, string value)
    {
        var fields = Good.Split(',');
        fields[Array.IndexOf(Columns, column)] = value;
        return string.Join(',', fields);
    }
}
