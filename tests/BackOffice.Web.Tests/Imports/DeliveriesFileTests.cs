using BackOffice.Domain.Imports;
using BackOffice.Jobs.Imports;

namespace BackOffice.Web.Tests.Imports;

public sealed class DeliveriesFileTests
{
    private const string Header = "order_no,kind,tokens,secret,reference,delivered_at,revoked_at\n";
    private const string Secret = "sk-Zq7wTn2VbXy8LmKcRd5Jf0PsHg4AeUi";
    private const string Good = $"AC-1,api_key,5000000,{Secret},,2026-10-01T10:00:00+08:00,";

    [Fact]
    public void A_line_becomes_a_delivery()
    {
        var delivery = Assert.Single(Reading.Deliveries(Header + "AC-1,redemption_code,0,\" aB\"\"c \",console 7,2026-10-01T10:00:00Z,2026-10-02T10:00:00Z\n").Records);
        Assert.Equal(
            new ImportedDelivery
            {
                Line = 2,
                OrderNo = "AC-1",
                Kind = "redemption_code",
                Tokens = 0,
                Secret = " aB\"c ",
                Reference = "console 7",
                DeliveredAt = new DateTime(2026, 10, 1, 10, 0, 0, DateTimeKind.Utc),
                RevokedAt = new DateTime(2026, 10, 2, 10, 0, 0, DateTimeKind.Utc),
            },
            delivery);
    }

    [Theory]
    [InlineData("kind", "apikey", "“…” is unknown. Write api_key or redemption_code.")]
    [InlineData("tokens", "\"5,000,000\"", "“5,000,000” is not a plain number. Write digits only, without separators, decimals or sign.")]
    [InlineData("tokens", "5000000.0", "“5000000.0” is not a plain number. Write digits only, without separators, decimals or sign.")]
    [InlineData("tokens", "9000000000000001", "9000000000000001 is outside 0 to 9000000000000000.")]
    [InlineData("secret", "", "nothing is given.")]
    [InlineData("secret", "  ", "nothing is given.")]
    [InlineData("secret", "-", "nothing is given.")]
    [InlineData("secret", "——", "nothing is given.")]
    [InlineData("delivered_at", "2026-10-01T10:00:00", "no offset. Write 2026-10-01T10:00:00+08:00.")]
    [InlineData("revoked_at", "2026-10-01T09:59:59+08:00", "earlier than delivered_at. Compare both with the source.")]
    [InlineData("revoked_at", "yesterday", "not a day and time. Write 2026-10-01T10:00:00+08:00.")]
    public void A_wrong_field_puts_its_line_aside_and_no_other(string column, string value, string sentence)
    {
        var read = Reading.Deliveries($"{Header}{With(column, value)}\n{Good}\n");
        Assert.Equal([$"deliveries.csv, line 2, {column}: {sentence}"], read.Asides);
        Assert.Equal(3, Assert.Single(read.Records).Line);
    }

    [Fact]
    public void Texts_end_at_their_limits()
    {
        Assert.Single(Reading.Deliveries(Header + With("secret", new string('x', 500))).Records);
        Assert.Single(Reading.Deliveries(Header + With("reference", new string('额', 200))).Records);
        Assert.Equal(["deliveries.csv, line 2, secret: longer than 500 characters. Shorten it."], Reading.Deliveries(Header + With("secret", new string('x', 501))).Asides);
        Assert.Equal(["deliveries.csv, line 2, reference: longer than 200 characters. Shorten it."], Reading.Deliveries(Header + With("reference", new string('x', 201))).Asides);
    }

    [Fact]
    public void A_revocation_in_the_moment_of_delivery_is_taken() =>
        Assert.NotNull(Assert.Single(Reading.Deliveries(Header + With("revoked_at", "2026-10-01T02:00:00Z")).Records).RevokedAt);

    [Theory]
    [InlineData("kind")]
    [InlineData("tokens")]
    [InlineData("delivered_at")]
    [InlineData("revoked_at")]
    public void A_secret_in_a_wrong_column_is_not_shown(string column)
    {
        foreach (var secret in new[] { Secret, "68a29a0d347301ef56e64dc3cd608906", "7K3M 9QXT 2HVD 4N8P", "密钥一二三" })
        {
            var aside = Assert.Single(Reading.Deliveries(Header + With(column, secret)).Asides);
            Assert.StartsWith($"deliveries.csv, line 2, {column}: ", aside, StringComparison.Ordinal);
            Assert.DoesNotContain(secret[^4..], aside, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Good)]
    [InlineData("order_no,kind,tokens,secret,reference,delivered_at,revoked_at" + Good)]
    [InlineData("order_no,kind,tokens,secret,reference,delivered_at,revoked_at\r" + Good)]
    public void A_secret_in_the_first_line_is_not_shown(string firstLine) =>
        Assert.DoesNotContain("sk-", Reading.WholeRefusal("deliveries.csv", new DeliveriesFile(Reading.Bytes(firstLine + "\n" + Good))), StringComparison.Ordinal);

    [Fact]
    public void A_delivery_does_not_write_its_secret_into_a_log() =>
        Assert.DoesNotContain("sk-", $"{Assert.Single(Reading.Deliveries(Header + Good).Records)}", StringComparison.Ordinal);

    private static string With(string column, string value)
    {
        var fields = Good.Split(',');
        fields[Array.IndexOf(Header.TrimEnd().Split(','), column)] = value;
        return string.Join(',', fields);
    }
}
