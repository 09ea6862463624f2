using System.Globalization;
using System.Text;
using System.Text.Json;
using BackOffice.Domain.Imports;
using BackOffice.Jobs.Imports;
using CsCheck;

namespace BackOffice.Web.Tests.Imports;

public sealed class CreemFileTests
{
    private const string BrokenHere = "the JSON cannot be read from here on. All before this place is in; export the file again for the rest.";
    private const string EndsInTheMiddle = "the file ends in the middle. All before this place is in; export the file again for the rest.";
    private const string NoObject = "not one whole JSON object. Export the transactions again, one on each line.";

    private static readonly JsonSerializerOptions OverLines = new() { WriteIndented = true };
    private static readonly JsonSerializerOptions OnOneLine = new();

    [Fact]
    public void An_object_becomes_a_transaction()
    {
        var transaction = Assert.Single(Reading.Creem("""
            [{"id": "tran_1", "object": "transaction", "mode": "prod", "amount": 1000, "amount_paid": 1089, "discount_amount": -100, "currency": "EUR",
              "type": "payment", "tax_country": "NL", "tax_amount": 189, "status": "partially_refunded", "refunded_amount": 5, "order": {"id": "ord_1", "amount": 7},
              "customer": {"id": "cust_1", "email": "aster@example.com"}, "checkout": {"id": "ch_1", "request_id": "AC-1"}, "created_at": 1790830512123}]
            """).Records);
        Assert.Equal(
            new ImportedTransaction
            {
                Line = 1,
                TransactionId = "tran_1",
                Status = "partially_refunded",
                Mode = "prod",
                Currency = "EUR",
                AmountMinor = 1000,
                AmountPaidMinor = 1089,
                DiscountMinor = 100,
                TaxMinor = 189,
                RefundedMinor = 5,
                CreemOrderId = "ord_1",
                RequestId = "AC-1",
                TaxCountry = "NL",
                CustomerId = "cust_1",
                CreatedAt = DateTime.UnixEpoch.AddMilliseconds(1790830512123),
                PayloadHash = transaction.PayloadHash,
            },
            transaction);
        Assert.Equal(16, transaction.PayloadHash.Length);
        Assert.Equal(DateTimeKind.Utc, transaction.CreatedAt.Kind);
    }

    [Theory]
    [InlineData("[", ",", "]")]
    [InlineData("", "\n", "")]
    [InlineData("{\"items\":[", ",", "],\"\\ud800\":1}")]
    public void A_name_that_is_no_character_costs_its_transaction_only(string before, string between, string after)
    {
        var read = Reading.Creem($$"""{{before}}{"\ud800":1,"id":"tran_1","status":"paid","created_at":1790830512000}{{between}}{"id":"tran_2","status":"paid","created_at":1790830512000}{{after}}""");
        Assert.EndsWith("a \\u escape that is no character. Export the file again.", Assert.Single(read.Asides), StringComparison.Ordinal);
        Assert.Equal("tran_2", Assert.Single(read.Records).TransactionId);
    }

    [Fact]
    public void What_is_absent_or_null_stays_absent()
    {
        var read = Reading.Creem("""
            {"id":"tran_1","status":"odd","created_at":"2026-10-01T10:00:00.5+08:00"}
            {"id":"tran_1","status":"odd","created_at":1790820000500,"mode":null,"amount":null,"currency":null,"order":null,"customer":null,"checkout":"ch_1","request_id":""}
            """);
        Assert.Empty(read.Asides);
        Assert.Equal(read.Records[0] with { Line = 2, PayloadHash = read.Records[1].PayloadHash }, read.Records[1]);
        Assert.Equal(read.Records[0].PayloadHash, read.Records[1].PayloadHash);
        Assert.Null(read.Records[0].AmountMinor);
        Assert.Null(read.Records[0].Currency);
        Assert.Null(read.Records[0].RequestId);
    }

    [Theory]
    [InlineData("id", "null", "nothing is given.")]
    [InlineData("id", "\" \"", "nothing is given.")]
    [InlineData("id", "7", "7 is not text. Write it in quotation marks.")]
    [InlineData("id", "\"tran 1\"", "not an identifier. Write letters, digits and signs of ASCII without spaces, at most 80.")]
    [InlineData("object", "\"refund\"", "\"refund\" is not a transaction. Leave it out; a refund is read from its transaction.")]
    [InlineData("amount", "1.5", "1.5 is not a whole number of minor units. Write it without decimals, exponent or quotation marks: 899 for 8.99.")]
    [InlineData("amount", "\"12\"", "\"12\" is not a whole number of minor units. Write it without decimals, exponent or quotation marks: 899 for 8.99.")]
    [InlineData("amount_paid", "1e3", "1e3 is not a whole number of minor units. Write it without decimals, exponent or quotation marks: 899 for 8.99.")]
    [InlineData("tax_amount", "1.0", "1.0 is not a whole number of minor units. Write it without decimals, exponent or quotation marks: 899 for 8.99.")]
    [InlineData("discount_amount", "-1000000000000", "-1000000000000 is too large. The limit is 999999999999 minor units.")]
    [InlineData("refunded_amount", "99999999999999999999", "99999999999999999999 is too large. The limit is 999999999999 minor units.")]
    [InlineData("currency", "\"eur\"", "“eur” is not in capitals. Write EUR.")]
    [InlineData("currency", "\"Euro\"", "“Euro” is not a currency. Write its three letters of ISO 4217, such as CNY.")]
    [InlineData("tax_country", "\"Germany\"", "“Germany” is not a country. Write its two letters of ISO 3166, such as DE.")]
    [InlineData("status", "\"\"", "nothing is given.")]
    [InlineData("status", "null", "nothing is given.")]
    [InlineData("status", "true", "true is not text. Write it in quotation marks.")]
    [InlineData("order", "{\"amount\":1}", "nothing is given.")]
    [InlineData("order", "[1]", "[1] is not text. Write it in quotation marks.")]
    [InlineData("customer", "{\"id\":{\"email\":\"a@example.com\"}}", "… is not text. Write it in quotation marks.")]
    [InlineData("created_at", "null", "nothing is given.")]
    [InlineData("created_at", "1790830512", "1790830512 counts seconds. Creem counts milliseconds: write 1790830512000.")]
    [InlineData("created_at", "17908305120000000", "“17908305120000000” is not a time between 2000 and 2100. Write whole milliseconds since 1970, such as 1790830512000.")]
    [InlineData("created_at", "1790830512000.5", "“1790830512000.5” is not a time between 2000 and 2100. Write whole milliseconds since 1970, such as 1790830512000.")]
    [InlineData("created_at", "false", "“false” is not a time between 2000 and 2100. Write whole milliseconds since 1970, such as 1790830512000.")]
    [InlineData("created_at", "\"2026-10-01T10:00:00\"", "no offset. Write 2026-10-01T10:00:00+08:00.")]
    public void A_wrong_field_puts_its_object_aside_and_no_other(string property, string value, string sentence)
    {
        var wrong = Json(property, value);
        foreach (var text in new[] { $"{Json()}\n{wrong}\n{Json()}\n", $"[{Json()},\n{wrong},\n{Json()}]", $"{{\"items\":[{Json()},\n{wrong},\n{Json()}]}}" })
        {
            var read = Reading.Creem(text);
            Assert.Equal([$"creem.json, line 2, {property}: {sentence}"], read.Asides);
            Assert.Equal([1L, 3L], read.Records.Select(transaction => transaction.Line));
        }
    }

    [Fact]
    public void A_status_of_forty_characters_is_kept_and_a_longer_one_is_refused()
    {
        Assert.Equal(new string('x', 40), Assert.Single(Reading.Creem(Json("status", $"\"{new string('x', 40)}\"")).Records).Status);
        Assert.Equal(["creem.json, line 1, status: longer than 40 characters. Shorten it."], Reading.Creem(Json("status", $"\"{new string('x', 41)}\"")).Asides);
    }

    [Theory]
    [InlineData("[1,\"x\",[{}],null,", "]")]
    [InlineData("{\"items\":[1,\"x\",[{}],null,", "]}")]
    public void What_is_no_object_is_put_aside(string beginning, string end)
    {
        var read = Reading.Creem(beginning + "\n" + Json() + end);
        Assert.Equal(Enumerable.Repeat("creem.json, line 1: this is not a transaction. Write an object with id, status and created_at.", 4), read.Asides);
        Assert.Equal(2, Assert.Single(read.Records).Line);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData(" [ ] \n")]
    [InlineData("{\"items\":[]}")]
    [InlineData("{\"pagination\":{\"items\":[1]},\"items\":[]}\n")]
    [InlineData("[{\"items\":[],\"pagination\":{}}]")]
    [InlineData("[\n]\n[]")]
    public void A_file_without_transactions_is_read(string text)
    {
        var file = new CreemFile(Reading.Bytes(text));
        Assert.False(file.TryRead(out _, out _));
        Assert.False(file.TryRead(out _, out _));
        Assert.Equal(text.Length, file.BytesRead);
    }

    [Fact]
    public void Pages_are_read_whatever_else_they_hold()
    {
        var text = "\uFEFF[{\"object\":\"list\",\"pagination\":{\"total_records\":3},\"items\":[" + Json("id", "\"tran_1\"") + "]},\n{\"items\":null,\"id\":\"tran_2\",\"status\":\"paid\",\"created_at\":1790830512000},\n"
            + "{\"items\":[" + Json("id", "\"tran_3\"") + ",\n" + Json("id", "\"tran_4\"") + "],\"more\":[{}],\"has_more\":false}]";
        var read = Reading.Creem(text);
        Assert.Empty(read.Asides);
        Assert.Equal([(1, "tran_1"), (2, "tran_2"), (3, "tran_3"), (4, "tran_4")], read.Records.Select(transaction => ((int)transaction.Line, transaction.TransactionId)));
    }

    [Fact]
    public void Objects_over_several_lines_are_read_one_after_another()
    {
        var text = Json().Replace(",", ",\n") + "\n" + Json();
        Assert.Equal([1L, 1L + text.Count(character => character == '\n')], Reading.Creem(text).Records.Select(transaction => transaction.Line));
    }

    [Theory]
    [InlineData("{\"id\":\"tran_1\",\"amount\":}", NoObject)]
    [InlineData("{\"id\":\"tran_1", NoObject)]
    [InlineData("{\"id\":\"tran_1\",", NoObject)]
    [InlineData("hello", NoObject)]
    [InlineData("{} {}", NoObject)]
    [InlineData("[]", "this is not a transaction. Write an object with id, status and created_at.")]
    [InlineData("{\"\\ud800\":1}", "a \\u escape that is no character. Export the file again.")]
    [InlineData("{\"id\":\"\\ud800\"}", "a \\u escape that is no character. Export the file again.")]
    public void A_broken_line_costs_itself_only(string broken, string sentence)
    {
        var read = Reading.Creem($"{Json()}\n\n{broken}\n{Json()}\n{broken}");
        Assert.Equal([$"creem.json, line 3: {sentence}", $"creem.json, line 5: {sentence}"], read.Asides);
        Assert.Equal([1L, 4L], read.Records.Select(transaction => transaction.Line));
    }

    [Theory]
    [InlineData("{\"id\":\"tran_1\",\"amount\":}")]
    [InlineData("{\"id\":\"tran_1")]
    [InlineData("{\"id\":")]
    public void A_broken_first_line_of_many_costs_itself_only(string broken)
    {
        var read = Reading.Creem($"{broken}\n{Json()}\n{Json()}\n");
        Assert.Equal([$"creem.json, line 1: {NoObject}"], read.Asides);
        Assert.Equal(2, read.Records.Count);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_cost_their_object_only()
    {
        foreach (var (begin, between, end) in new[] { ("", "\n", "\n"), ("[", ",\n", "]") })
        {
            byte[] file =
            [
                .. Encoding.UTF8.GetBytes(begin + Json() + between), .. Encoding.Latin1.GetBytes(Json("status", "\"\u00e9\"") + between),
                .. Encoding.UTF8.GetBytes(Json() + end),
            ];
            var read = Reading.All("creem.json", new CreemFile(new MemoryStream(file)));
            Assert.Equal(["creem.json, line 2: not UTF-8. Save the file as UTF-8."], read.Asides);
            Assert.Equal(2, read.Records.Count);
        }
    }

    [Fact]
    public void A_torn_document_gives_all_that_was_whole_and_says_where_it_ends()
    {
        var whole = "[\n" + Json() + ",\n" + Json() + "\n]";
        var second = whole.LastIndexOf('{');
        for (var length = 1; length < whole.Length; length++)
        {
            var read = Reading.Creem(whole[..length]);
            var line = 1 + whole[..length].TrimEnd().Count(character => character == '\n');
            Assert.Equal([$"creem.json, line {line}: {EndsInTheMiddle}"], read.Asides);
            Assert.Equal(length > whole.LastIndexOf('}') ? 2 : length > whole.IndexOf('}') ? 1 : 0, read.Records.Count);
        }
    }

    [Theory]
    [InlineData("{\"items\":[{0}")]
    [InlineData("{\"items\":[{0}]")]
    [InlineData("[{\"items\":[{0}],\"pagination\":{")]
    [InlineData("[{\"items\":[{0}],\"pagination\":{}}")]
    public void A_torn_page_gives_all_that_was_whole(string text)
    {
        var read = Reading.Creem(text.Replace("{0}", Json()));
        Assert.Equal([$"creem.json, line 1: {EndsInTheMiddle}"], read.Asides);
        Assert.Single(read.Records);
    }

    [Theory]
    [InlineData("[{0},\n{\"id\":}]")]
    [InlineData("[{0}\n{0}]")]
    [InlineData("[{0},\n]")]
    [InlineData("{\"items\":[{0},\n{\"id\":'x'}]}")]
    [InlineData("{\"items\":[{0}],\n]")]
    [InlineData("[{0}]\nEND")]
    public void A_broken_document_gives_all_before_the_place_and_names_it(string text)
    {
        var read = Reading.Creem(text.Replace("{0}", Json()));
        Assert.Equal([$"creem.json, line 2: {BrokenHere}"], read.Asides);
        Assert.Single(read.Records);
    }

    [Fact]
    public void A_broken_place_far_behind_the_buffer_is_named_by_its_line()
    {
        var text = "[" + string.Concat(Enumerable.Repeat(Json() + ",\n", 80_000)) + "}]";
        Assert.True(text.Length > 8 * JsonObjectsFile.LongestObject);
        var read = Reading.Creem(text);
        Assert.Equal([$"creem.json, line 80001: {BrokenHere}"], read.Asides);
        Assert.Equal(Enumerable.Range(1, 80_000), read.Records.Select(transaction => (int)transaction.Line));
    }

    [Theory]
    [InlineData("[\n", ",\n", "]", "creem.json, line 3: an object longer than 1 MB. All before it is in; export the file again for the rest.", 1)]
    [InlineData("{\"items\":[\n", ",\n", "]}", "creem.json, line 3: an object longer than 1 MB. All before it is in; export the file again for the rest.", 1)]
    [InlineData("\n", "\n", "\n", "creem.json, line 3: longer than 1 MB. Look for a lost line break.", 2)]
    public void An_object_longer_than_a_megabyte_is_not_kept(string beginning, string between, string end, string sentence, int records)
    {
        var head = beginning + Json() + between + "{\"id\":\"";
        var tail = "\"}" + between + Json() + end;
        var whole = Reading.All("creem.json", new CreemFile(new LongLineStream(head, (byte)'x', JsonObjectsFile.LongestObject - 9, tail)));
        Assert.Equal(["creem.json, line 3, id: longer than 80 characters. Shorten it."], whole.Asides);
        Assert.Equal(2, whole.Records.Count);
        foreach (var length in new[] { JsonObjectsFile.LongestObject, 2L * JsonObjectsFile.LongestObject, 32L * JsonObjectsFile.LongestObject })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = Reading.All("creem.json", new CreemFile(new LongLineStream(head, (byte)'x', length, tail)));
            Assert.Equal([sentence], read.Asides);
            Assert.Equal(records, read.Records.Count);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 6 << 20);
        }
    }

    [Theory]
    [InlineData("", "creem.json: the file is empty. Export it again.")]
    [InlineData("\uFEFF\n ", "creem.json: the file is empty. Export it again.")]
    [InlineData("PK\u0003\u0004", "creem.json: this is a workbook or an archive, whatever its name says. Save it as JSON.")]
    [InlineData("[\0{\0", "creem.json: the file is UTF-16. Save it as UTF-8.")]
    [InlineData("\u0002\u0003", "creem.json: this is not a text file. Export it as JSON.")]
    [InlineData("id,status\ntran_1,paid\n", "creem.json: this is not JSON. Export the transactions again.")]
    [InlineData("\"text\"", "creem.json: this is not JSON. Export the transactions again.")]
    public void A_file_that_is_no_JSON_of_transactions_is_refused_whole(string text, string sentence) =>
        Assert.Equal(sentence, Reading.WholeRefusal("creem.json", new CreemFile(Reading.Bytes(text))));

    [Fact]
    public void The_hash_tells_absent_from_zero_and_one_field_from_another()
    {
        string[] different =
        [
            Json(), Json("amount", "0"), Json("amount", "null"), Json("amount_paid", "899"), Json("tax_amount", "0"), Json("order", "\"ord_2\""),
            Json("order", "null"), Json("customer", "\"ord_1\""), Json("request_id", "\"ord_1\""), Json("mode", "\"test\""), Json("created_at", "1790830512001"),
            Json("currency", "\"USD\""), Json("tax_country", "\"DE\""), Json("status", "\"Paid\""), Json("discount_amount", "899"), Json("refunded_amount", "899"),
        ];
        Assert.Equal(different.Length, Reading.Creem(string.Join('\n', different)).Records.Select(Hash).Distinct().Count());
    }

    [Fact]
    public void The_hash_is_made_of_the_normal_form_that_is_described()
    {
        // id, status, then absent: mode, currency, five amounts but the first, order, request id, country, customer; last the milliseconds.
        byte[] form =
        [
            6, 0, 0, 0, .. "tran_1"u8, 4, 0, 0, 0, .. "paid"u8, .. Absent(2), 8, 0, 0, 0, 0x83, 3, 0, 0, 0, 0, 0, 0, .. Absent(8),
            8, 0, 0, 0, .. BitConverter.GetBytes(1790830512000L),
        ];
        var hash = Assert.Single(Reading.Creem("{\"id\":\"tran_1\",\"status\":\"paid\",\"amount\":899,\"created_at\":1790830512000}").Records).PayloadHash;
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(form)[..16], hash);

        static IEnumerable<byte> Absent(int fields) => Enumerable.Repeat((byte)0xFF, 4 * fields);
    }

    [Fact]
    public void Transactions_written_in_any_form_are_read_back_with_one_hash_however_the_stream_cuts_them()
    {
        var text = Gen.Char["aé\"\\表/ {}[]\n"].Array[1, 10].Select(characters => "x" + new string(characters)).Null();
        var id = Gen.Char['!', '~'].Array[1, 30].Select(characters => new string(characters)).Null();
        var minor = Gen.Long[-Domain.Money.Limit, Domain.Money.Limit].Nullable();
        var transaction = Gen.Select(
            Gen.Select(id, text, text, text, id, id),
            Gen.Select(minor, minor, minor, minor, minor),
            Gen.Select(Gen.Long[946_684_800_000, 4_133_980_799_999], Gen.OneOf("USD", "JPY", null), Gen.OneOf("NL", null)),
            (words, amounts, others) => new ImportedTransaction
            {
                Line = 0,
                TransactionId = words.Item1 ?? "tran_0",
                Status = words.Item2 ?? "paid",
                Mode = words.Item3,
                RequestId = words.Item4,
                CreemOrderId = words.Item5,
                CustomerId = words.Item6,
                AmountMinor = amounts.Item1,
                AmountPaidMinor = amounts.Item2,
                TaxMinor = amounts.Item3,
                DiscountMinor = amounts.Item4 is { } discount ? Math.Abs(discount) : null,
                RefundedMinor = amounts.Item5,
                Currency = others.Item2,
                TaxCountry = others.Item3,
                CreatedAt = DateTime.UnixEpoch.AddMilliseconds(others.Item1),
                PayloadHash = [],
            });
        Gen.Select(transaction.Array[1, 12], Gen.Int[0, 4], Gen.Int[0, 1000].Array[12], Gen.Int[1, 300].Array[1, 4]).Sample((transactions, form, ways, pieces) =>
        {
            var objects = transactions.Select((item, index) => Written(item, ways[index], form != 3)).ToArray();
            var file = form switch
            {
                0 => "[" + string.Join(",\r\n", objects) + "]",
                1 => "[" + string.Join(",\n", objects.Chunk(3).Select(page => $"{{\"items\":[{string.Join(",\n", page)}],\"pagination\":{{\"next_page\":null}}}}")) + "]",
                2 => "{\"pagination\":{\"total_records\":1},\n\"items\":[" + string.Join(",", objects) + "]}",
                3 => string.Join("\r\n", objects),
                _ => string.Join("\n", objects.Chunk(3).Select(page => $"{{\"items\":[{string.Join(",\n", page)}]}}")),
            };
            var read = Reading.All("creem.json", new CreemFile(new PiecesStream(Encoding.UTF8.GetBytes(file), pieces)));
            Assert.Empty(read.Asides);
            Assert.Equal(transactions, read.Records.Select(item => item with { Line = 0, PayloadHash = transactions[0].PayloadHash }).Select((item, index) => item with { PayloadHash = transactions[index].PayloadHash }));
            Assert.Equal(transactions.Select(item => Convert.ToHexString(CreemTransaction.Hash(item))), read.Records.Select(Hash));
            if (form == 3)
                Assert.Equal(Enumerable.Range(1, transactions.Length), read.Records.Select(item => (int)item.Line));
        });
    }

    private static string Hash(ImportedTransaction transaction) => Convert.ToHexString(transaction.PayloadHash);

    /// <summary>The object with its properties in an order, with extra ones, and on one line or several, as the number says.</summary>
    private static string Written(ImportedTransaction item, int way, bool mayBreak)
    {
        var milliseconds = (item.CreatedAt - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        object? order = item.CreemOrderId is { } orderId && way % 3 == 0 ? new { status = "paid", id = orderId } : item.CreemOrderId;
        (string Name, object? Value)[] properties =
        [
            ("id", item.TransactionId), ("object", "transaction"), ("status", item.Status), ("mode", item.Mode), ("currency", item.Currency),
            ("amount", item.AmountMinor), ("amount_paid", item.AmountPaidMinor), ("tax_amount", item.TaxMinor),
            ("discount_amount", way % 5 == 0 ? -item.DiscountMinor : item.DiscountMinor), ("refunded_amount", item.RefundedMinor), ("order", order),
            way % 2 == 0 ? ("request_id", item.RequestId) : ("checkout", new { request_id = item.RequestId }), ("tax_country", item.TaxCountry),
            ("customer", item.CustomerId), ("extra", new[] { way }),
            ("created_at", way % 7 == 0 ? item.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : milliseconds),
        ];
        var kept = properties.Where(property => property.Value is not null || way % 4 == 0);
        var turned = kept.Skip(way % properties.Length).Concat(kept.Take(way % properties.Length));
        return JsonSerializer.Serialize(turned.ToDictionary(property => property.Name, property => property.Value), mayBreak && way % 11 == 0 ? OverLines : OnOneLine);
    }

    private static string Json(string property = "amount", string value = "899")
    {
        var properties = new Dictionary<string, string>
        {
            ["id"] = "\"tran_1\"",
            ["object"] = "\"transaction\"",
            ["status"] = "\"paid\"",
            ["amount"] = "899",
            ["currency"] = "\"EUR\"",
            ["order"] = "\"ord_1\"",
            ["created_at"] = "1790830512000",
            [property] = value,
        };
        return "{" + string.Join(",", properties.Select(pair => $"\"{pair.Key}\":{pair.Value}")) + "}";
    }
}
