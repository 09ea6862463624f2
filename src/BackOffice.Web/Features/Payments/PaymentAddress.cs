using System.Globalization;
using System.Text;
using BackOffice.Data.Engine;
using BackOffice.Data.Orders;
using BackOffice.Data.Payments;
using BackOffice.Domain;
using BackOffice.Jobs;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Payments;

/// <summary>The filter of the payments as it stands in the address: a state, a currency, days of the shop's zone, both included, and one id.</summary>
public sealed record PaymentAddress
{
    public const string Path = "/payments";

    /// <summary>States by their word in the address, which is that of <see cref="States"/>, with the word of the row.</summary>
    public static readonly IReadOnlyList<(string Word, string Stored)> Statuses =
        [("paid", "paid"), ("refunded", "refunded"), ("charged_back", "charged_back"), ("unpaid", "unpaid"), ("unknown_status", "unknown")];

    private static readonly DateOnly FirstDay = new(2000, 1, 1);
    private static readonly DateOnly LastDay = new(2100, 12, 31);

    public string? Text { get; init; }

    public string? Status { get; init; }

    public string? Currency { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public bool HasFilters => this != new PaymentAddress();

    /// <summary>Only what can be filtered by: an unknown state is left out.</summary>
    public PaymentAddress Known() => new()
    {
        Text = Given(Text),
        Status = Address.OneOf(Status, Statuses.Select(status => status.Word)),
        Currency = Given(Currency)?.ToUpperInvariant(),
        From = Given(From),
        To = Given(To),
    };

    /// <summary>The filter in the database's terms.</summary>
    /// <param name="shop">The shop's days.</param>
    /// <param name="refused">Fields that cannot be read, each with the reason.</param>
    public PaymentFilter Filter(BusinessTime shop, ICollection<Refusal> refused)
    {
        var (from, to) = (Day("from", From, refused), Day("to", To, refused));
        if (Currency is not null && !Currencies.IsKnown(Currency))
            refused.Add(new Refusal("CurrencyNotOne", "currency", Currency));
        return new PaymentFilter(
            Text?.Normalize(NormalizationForm.FormKC),
            Statuses.SingleOrDefault(status => status.Word == Status).Stored,
            Currency,
            from is { } first ? shop.StartOf(first) : null,
            to is { } last ? shop.StartOf(last.AddDays(1)) : null);
    }

    public string Url(params (string Name, string? Value)[] place) =>
        Address.With(Path, [("text", Text), ("status", Status), ("currency", Currency), ("from", From), ("to", To), .. place]);

    /// <summary>The active filters in words, each with the address without it.</summary>
    public IEnumerable<(string Words, string Url)> Chips(Texts texts)
    {
        if (Text is not null)
            yield return (texts["Common.Labelled", texts["Payments.Field.text"], Text], (this with { Text = null }).Url());
        if (Status is not null)
            yield return (texts["Common.Labelled", texts["Payments.Field.status"], texts[$"State.{Status}"]], (this with { Status = null }).Url());
        if (Currency is not null)
            yield return (texts["Common.Labelled", texts["Payments.Field.currency"], Currency], (this with { Currency = null }).Url());
        if (From is not null)
            yield return (texts["Common.Labelled", texts["Payments.Field.from"], From], (this with { From = null }).Url());
        if (To is not null)
            yield return (texts["Common.Labelled", texts["Payments.Field.to"], To], (this with { To = null }).Url());
    }

    private static DateOnly? Day(string field, string? text, ICollection<Refusal> refused)
    {
        if (text is null)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day >= FirstDay && day <= LastDay)
            return day;
        refused.Add(new Refusal("DayUnreadable", field, text));
        return null;
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}

/// <summary>A place of the list in an address: milliseconds since 1970 and the transaction.</summary>
public static class PaymentListPlace
{
    public static string Text(PaymentRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{new DateTimeOffset(row.CreatedAt, TimeSpan.Zero).ToUnixTimeMilliseconds()}_{row.TransactionId}");

    /// <summary>Null for the newest page, also when the address is mutilated.</summary>
    public static PaymentPlace? Read(string? before, string? after)
    {
        var text = before ?? after ?? "";
        var end = text.IndexOf('_');
        return end > 0 && long.TryParse(text.AsSpan(0, end), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) && Math.Abs(milliseconds) < 4_000_000_000_000
            ? new PaymentPlace(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime, text[(end + 1)..], Newer: before is null)
            : null;
    }
}

/// <summary>What the list's page shows.</summary>
public sealed record PaymentListPage(PaymentAddress Wanted, KeyedPage<PaymentRow> Page)
{
    public string? Newer => Page.HasBefore ? Wanted.Url(("after", PaymentListPlace.Text(Page.Rows[0]))) : null;

    public string? Older => Page.HasAfter ? Wanted.Url(("before", PaymentListPlace.Text(Page.Rows[^1]))) : null;

    /// <summary>What is filtered, as the words of the table's caption.</summary>
    public string Filters(Texts texts) => string.Join(", ", Wanted.Chips(texts).Select(chip => chip.Words));
}

/// <summary>The words of <see cref="States"/> for what a payment has come to.</summary>
public static class PaymentWords
{
    public static string State(PaymentRow payment) => payment.IsPartlyRefunded ? "partially_refunded" : payment.Status == "unknown" ? "unknown_status" : payment.Status;
}

/// <summary>What a payment's page shows.</summary>
/// <param name="Payment">Its state now.</param>
/// <param name="Table">What each source said.</param>
/// <param name="Findings">About it.</param>
/// <param name="IsOtherMode">Of another mode than the shop's: kept, and never counted.</param>
public sealed record PaymentPage(PaymentRow Payment, ObservationTable Table, IReadOnlyList<OrderFindingRow> Findings, bool IsOtherMode)
{
    /// <summary>What is, and whether the sources agree.</summary>
    public string Answer(Texts texts, DateOnly madeOn)
    {
        var amount = Payment is { AmountPaidMinor: { } paid, Currency: { } currency } ? Figures.Money(new Money(paid, currency), MoneyStyle.Code) : texts["Common.Unknown"];
        var what = texts["Payment.Says." + PaymentWords.State(Payment), amount, madeOn.ToString(texts["Format.Day"], CultureInfo.InvariantCulture)];
        var sources = Payment.IsConflicting ? texts["Payment.Contradict"] : Table.Records.Count == 1 ? texts["Payment.OneSource"] : texts["Payment.Agree", Table.Records.Count];
        return texts["Common.TwoSentences", what, sources];
    }
}
