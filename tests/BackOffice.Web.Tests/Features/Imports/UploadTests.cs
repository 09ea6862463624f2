using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BackOffice.Data.Imports;
using BackOffice.Domain;
using BackOffice.Jobs.Imports;
using Microsoft.Extensions.DependencyInjection;

namespace BackOffice.Web.Tests.Features.Imports;

public sealed class UploadTests(Site site) : IClassFixture<Site>
{
    [Fact]
    public async Task Nothing_goes_in_before_the_check_is_confirmed()
    {
        using var client = site.Visitor("en");
        var import = await site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-FIRST"), Seed.Order("AC-SECOND", package: "none")));
        Assert.Equal(("check", "checked", 2, 1, 1), (import.Stage, import.Status, import.RecordsRead, import.RecordsNew, import.RecordsPutAside));
        var page = await client.ReadAsync($"/imports/{import.Number}");
        Assert.Contains("Nothing has been taken in yet.", page);
        Assert.Contains("Take in 1 record", page);
        Assert.Contains("none is not sold here.", page);
        using (var before = await client.GetAsync("/orders/AC-FIRST", TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.NotFound, before.StatusCode);

        using (var confirmed = await client.ActAsync($"/imports/{import.Number}/confirmation"))
            Assert.Equal($"/imports/{import.Number}", confirmed.Headers.Location?.OriginalString);
        using (var pressedTwice = await client.ActAsync($"/imports/{import.Number}/confirmation"))
            Assert.Equal(HttpStatusCode.Redirect, pressedTwice.StatusCode);
        await site.RunAsync(import);

        import = await site.ImportOfAsync(import.Number);
        Assert.Equal(("take", "done", 2, 1, 1), (import.Stage, import.Status, import.RecordsRead, import.RecordsNew, import.RecordsPutAside));
        Assert.Contains("Taken in, except for what was put aside.", await client.ReadAsync($"/imports/{import.Number}"));
        Assert.Contains("AC-FIRST", await client.ReadAsync("/orders/AC-FIRST"));
        Assert.False(File.Exists(import.FilePath), "An uploaded file may hold secrets: it goes when it is in.");
    }

    [Fact]
    public async Task An_import_that_is_not_wanted_leaves_nothing_behind()
    {
        using var client = site.Visitor("zh-CN");
        var import = await site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-UNWANTED")));
        Assert.True(File.Exists(import.FilePath));
        for (var pressed = 0; pressed < 2; pressed++)
        {
            using var cancelled = await client.ActAsync($"/imports/{import.Number}/cancellation");
            Assert.Equal(HttpStatusCode.Redirect, cancelled.StatusCode);
        }
        Assert.False(File.Exists(import.FilePath));
        Assert.Contains("没有导入任何内容", await client.ReadAsync($"/imports/{import.Number}"));
        using (var tooLate = await client.ActAsync($"/imports/{import.Number}/confirmation"))
            Assert.Equal(HttpStatusCode.Conflict, tooLate.StatusCode);
        await site.RunAsync(import);
        using var order = await client.GetAsync("/orders/AC-UNWANTED", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, order.StatusCode);
    }

    [Theory]
    [InlineData(Seed.OrdersHeader, "x.csv", "orders")]
    [InlineData("created_at;order_no;customer_email", "x.csv", "orders")]
    [InlineData("\uFEFF\"order_no\",\"kind\",\"secret\"", "x.csv", "deliveries")]
    [InlineData(Seed.DeliveriesHeader, "orders.csv", "deliveries")]
    [InlineData(" \r\n [{\"id\":1}]", "x.txt", "creem")]
    [InlineData("{\"id\":\"tran_1\"}", "x.csv", "creem")]
    [InlineData("nothing known", "x.jsonl", "creem")]
    [InlineData("nothing known", "x.csv", "orders")]
    [InlineData("", "x.csv", "orders")]
    public async Task The_kind_is_told_by_the_first_line(string content, string fileName, string kind)
    {
        using var client = site.Visitor();
        using var answer = await client.UploadAsync(content, fileName);
        var import = await site.ImportOfAsync(NumberOf(answer));
        Assert.Equal(kind, import.Kind);
        using var _ = await client.ActAsync($"/imports/{import.Number}/cancellation");
    }

    [Theory]
    [InlineData("Shop-EU ", "shop-eu")]
    [InlineData("", "neutral")]
    public async Task Usage_of_another_console_is_taken_in_under_its_name(string typed, string source)
    {
        using var client = site.Visitor("en");
        var line = string.Join(',', UsageCsvFile.Header) + $"\nnamed-{source},2026-09-01T00:10:00Z,deepseek,chat,k1,5,,,,,\n";
        using var answer = await client.UploadAsync(line, "usage.csv", fields: ("source_name", typed));
        var import = await site.ImportOfAsync(NumberOf(answer));
        await site.RunAsync(import);
        using var taken = await client.ActAsync($"/imports/{import.Number}/confirmation");
        await site.RunAsync(import);
        Assert.Equal([source], ShopRows.Of(site.Shop, $"SELECT S.Name FROM UsageRecords R JOIN UsageSources S ON S.Id = R.SourceId WHERE R.ExternalId = 'named-{source}'"));
    }

    [Fact]
    public async Task A_name_that_no_console_can_have_is_said_beside_its_field()
    {
        using var client = site.Visitor("en");
        using var answer = await client.UploadAsync(string.Join(',', UsageCsvFile.Header) + "\n", "usage.csv", fields: ("source_name", "a/b"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("Console's name: a/b is no name of a console", Html.Text(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_wrong_kind_can_be_corrected_after_the_check()
    {
        using var client = site.Visitor("en");
        using var answer = await client.UploadAsync(Seed.File(Seed.OrdersHeader, Seed.Order("AC-KIND")), kind: "deliveries");
        var import = await site.ImportOfAsync(NumberOf(answer));
        var job = site.Services.GetRequiredService<ImportJob>();
        await Assert.ThrowsAsync<RefusedException>(() => job.RunAsync(import.Id, TestContext.Current.CancellationToken));
        await job.RunAsync(import.Id, TestContext.Current.CancellationToken);

        var english = await client.ReadAsync($"/imports/{import.Number}");
        Assert.Contains("The check could not be finished. Nothing was taken in.", english);
        Assert.Contains("orders.csv: the header lacks kind, tokens, secret", english);
        var chinese = await site.Visitor("zh-CN").ReadAsync($"/imports/{import.Number}");
        Assert.Contains("没有导入任何内容", chinese);
        Assert.DoesNotContain("the header lacks", chinese);

        using (var unknownKind = await client.ActAsync($"/imports/{import.Number}/check", ("kind", "recipes")))
            Assert.Equal(HttpStatusCode.BadRequest, unknownKind.StatusCode);
        using (var again = await client.ActAsync($"/imports/{import.Number}/check", ("kind", "orders")))
            Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
        await site.RunAsync(import);
        import = await site.ImportOfAsync(import.Number);
        Assert.Equal(("orders", "checked", 1), (import.Kind, import.Status, import.RecordsNew));
    }

    [Theory]
    [InlineData("", "orders.csv: the file is empty.", "orders.csv：文件为空")]
    [InlineData("PK\u0003\u0004", "orders.csv: this is a workbook or an archive", "orders.csv：")]
    [InlineData("order_no\torder\n", "the columns are parted by tabs", "orders.csv：")]
    public async Task A_file_that_cannot_be_read_says_why_in_both_languages(string content, string english, string chinese)
    {
        using var client = site.Visitor("en");
        using var answer = await client.UploadAsync(content, kind: "orders");
        var import = await site.ImportOfAsync(NumberOf(answer));
        await Assert.ThrowsAsync<RefusedException>(() => site.RunAsync(import));
        Assert.Contains(english, await client.ReadAsync($"/imports/{import.Number}"));
        Assert.Contains(chinese, await site.Visitor("zh-CN").ReadAsync($"/imports/{import.Number}"));
        Assert.Contains("Failed", await client.ReadAsync("/imports"));
    }

    [Fact]
    public async Task An_import_that_failed_on_the_way_goes_on_from_there()
    {
        using var client = site.Visitor("en");
        var import = await site.UploadAndCheckAsync(client, Seed.File(Seed.OrdersHeader, Seed.Order("AC-RETRY")));
        using (var confirmed = await client.ActAsync($"/imports/{import.Number}/confirmation"))
            Assert.Equal(HttpStatusCode.Redirect, confirmed.StatusCode);
        var hidden = import.FilePath + ".hidden";
        File.Move(import.FilePath, hidden);
        var job = site.Services.GetRequiredService<ImportJob>();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            await Assert.ThrowsAsync<FileNotFoundException>(() => job.RunAsync(import.Id, TestContext.Current.CancellationToken));
            Assert.Contains(attempt < 5 ? "The last try failed." : "Stopped on the way.", await client.ReadAsync($"/imports/{import.Number}"));
        }
        Assert.Contains("请检查路径和当前账户的权限", await site.Visitor("zh-CN").ReadAsync($"/imports/{import.Number}"));
        File.Move(hidden, import.FilePath);

        using (var again = await client.ActAsync($"/imports/{import.Number}/retry"))
            Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
        await site.RunAsync(import);
        Assert.Equal(("done", 1), ((await site.ImportOfAsync(import.Number)).Status, (await site.ImportOfAsync(import.Number)).RecordsNew));
    }

    [Fact]
    public async Task A_form_from_elsewhere_is_refused_before_its_file_is_read()
    {
        using var client = site.Visitor();
        var before = await CountAsync();
        using var withoutToken = await client.UploadAsync(Seed.OrdersHeader, csrf: "");
        using var withWrongToken = await client.UploadAsync(Seed.OrdersHeader, csrf: "made up");
        using var noForm = await client.PostAsync("/imports", new StringContent("file=x", Encoding.UTF8, "application/x-www-form-urlencoded"), TestContext.Current.CancellationToken);
        Assert.All([withoutToken, withWrongToken, noForm], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task A_token_behind_the_file_comes_too_late()
    {
        using var client = site.Visitor();
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent("order_no"u8.ToArray()), "file", "orders.csv" },
            { new StringContent(await client.TokenAsync()), "csrf" },
        };
        using var answer = await client.PostAsync("/imports", form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_script_sends_the_token_in_its_header_and_is_led_on_by_one()
    {
        using var client = site.Visitor();
        using var form = new MultipartFormDataContent { { new StringContent("orders"), "kind" }, { new ByteArrayContent("order_no"u8.ToArray()), "file", "orders.csv" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/imports") { Content = form };
        request.Headers.Add("HX-Request", "true");
        request.Headers.Add("X-CSRF-Token", await client.TokenAsync());
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Matches("^/imports/[0-9]+$", Assert.Single(answer.Headers.GetValues("HX-Redirect")));
    }

    [Fact]
    public async Task A_form_without_a_file_keeps_what_was_chosen()
    {
        using var client = site.Visitor("en");
        using var form = new MultipartFormDataContent { { new StringContent(await client.TokenAsync()), "csrf" }, { new StringContent("creem"), "kind" } };
        var noFile = new ByteArrayContent([]);
        noFile.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "\"file\"", FileName = "\"\"" };
        form.Add(noFile);
        using var answer = await client.PostAsync("/imports", form, TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("File: none is chosen. Choose a file.", page);
        Assert.Contains("<option value=\"creem\" selected=\"selected\">", page);
        Assert.Contains("<title>Error:", page);
    }

    [Fact]
    public async Task A_kind_that_does_not_exist_is_refused()
    {
        using var client = site.Visitor();
        using var answer = await client.UploadAsync(Seed.OrdersHeader, kind: "recipes");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_request_that_breaks_off_leaves_no_file()
    {
        using var client = site.Visitor("en");
        var uploads = Path.Combine(site.Folder, "uploads");
        Directory.CreateDirectory(uploads);
        var before = Directory.GetFiles(uploads).Length;
        var body = $"--cut\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{await client.TokenAsync()}\r\n--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\norder_no,pack";
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=cut");
        using var answer = await client.PostAsync("/imports", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("File: it broke off on the way", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(before, Directory.GetFiles(uploads).Length);
    }

    [Theory]
    [InlineData("GET", "/imports/999")]
    [InlineData("GET", "/imports/999/progress")]
    [InlineData("GET", "/imports/999/put-aside.csv")]
    [InlineData("GET", "/imports/x")]
    [InlineData("POST", "/imports/999/confirmation")]
    [InlineData("POST", "/imports/999/cancellation")]
    [InlineData("POST", "/imports/999/retry")]
    public async Task An_import_that_does_not_exist_is_not_found(string method, string path)
    {
        using var client = site.Visitor();
        using var answer = method == "GET" ? await client.GetAsync(path, TestContext.Current.CancellationToken) : await client.ActAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static long NumberOf(HttpResponseMessage answer) =>
        long.Parse(answer.Headers.Location!.OriginalString.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<int> CountAsync() =>
        (await site.Services.GetRequiredService<ImportQueries>().ListAsync(null, null, 1000, TestContext.Current.CancellationToken)).Rows.Count;
}
