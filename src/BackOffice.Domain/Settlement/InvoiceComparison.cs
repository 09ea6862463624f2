using System.Numerics;
using BackOffice.Domain.Usage;

namespace BackOffice.Domain.Settlement;

/// <summary>One line of an upstream's invoice, as it stands in the file.</summary>
/// <param name="Day">Day of the upstream's zone; null for a line of the whole month.</param>
/// <param name="Model">The model as the invoice calls it.</param>
/// <param name="Part">Part of the tokens; null for <c>input</c>, all input parts together.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="AmountNano">Amount in 10^-9 of the currency unit.</param>
public sealed record InvoiceLine(DateOnly? Day, string Model, TokenPart? Part, long Tokens, long AmountNano);

/// <summary>
/// Where the difference between an invoice and ours comes from, 10^-9 of the currency unit, each figure rounded half to even; they sum exactly to the invoice
/// less ours. Positive: the invoice is higher. Source: settlement rules 7.
/// </summary>
/// <param name="Quantity">Other numbers of tokens, at our prices and mix.</param>
/// <param name="Mix">Other shares of the input parts, at our prices.</param>
/// <param name="Price">Other prices, at their numbers of tokens.</param>
/// <param name="Unmapped">Models and parts that one side lacks, and amounts without tokens.</param>
/// <param name="Rounding">What is left.</param>
public sealed record Variance(long Quantity, long Mix, long Price, long Unmapped, long Rounding)
{
    /// <summary>The invoice less ours.</summary>
    public Int128 Total => (Int128)Quantity + Mix + Price + Unmapped + Rounding;
}

/// <summary>One model, on the invoice and here. Its figures are rounded by themselves, so those of all models may differ from the whole by nanos.</summary>
/// <param name="Model">The upstream's model.</param>
/// <param name="InvoiceTokens">Tokens on the invoice.</param>
/// <param name="OurTokens">Our tokens.</param>
/// <param name="InvoiceNano">Sum of the invoice's lines, 10^-9 of the unit.</param>
/// <param name="OursNano">Sum of our lines, 10^-9 of the unit.</param>
/// <param name="Variance">Where their difference comes from.</param>
public sealed record ModelVariance(string Model, long InvoiceTokens, long OurTokens, long InvoiceNano, long OursNano, Variance Variance);

/// <summary>An invoice held against a settlement.</summary>
/// <param name="InvoiceNano">The stated total, else the sum of the invoice's lines, 10^-9 of the unit.</param>
/// <param name="OursNano">The settlement's total, 10^-9 of the unit.</param>
/// <param name="Variance">Where the difference comes from.</param>
/// <param name="Models">The same of each model, ordered by name (ordinal).</param>
/// <param name="IsUnexplained">Whether the rounding is more than one minor unit: the finding <c>invoice_unexplained</c>.</param>
public sealed record InvoiceDifference(long InvoiceNano, long OursNano, Variance Variance, IReadOnlyList<ModelVariance> Models, bool IsUnexplained);

/// <summary>Explains the difference between an upstream's invoice and a settlement to the nano. Source: settlement rules 7.</summary>
public static class InvoiceComparison
{
    /// <summary>The finding of an invoice whose rounding is more than one minor unit.</summary>
    public const string Unexplained = "invoice_unexplained";

    /// <summary>Holds an invoice against a settlement's lines in the invoice's currency.</summary>
    /// <param name="invoice">The invoice's lines.</param>
    /// <param name="statedNano">The total the invoice states, 10^-9 of the unit; null when it states none.</param>
    /// <param name="ours">The settlement's lines, adjustments among them; those in another currency are left out.</param>
    /// <param name="currency">Currency of both; an invoice in another one than the settlement's is refused before.</param>
    /// <param name="modelOf">What an invoice line's model is called here, by the mappings; see <see cref="RateBook.ModelOfInvoice"/>.</param>
    /// <exception cref="RefusedException">An amount leaves 64 bits: <c>SettlementTooLarge</c>.</exception>
    public static InvoiceDifference Compare(
        IEnumerable<InvoiceLine> invoice, long? statedNano, IEnumerable<SettlementLine> ours, string currency, Func<InvoiceLine, string> modelOf)
    {
        var models = new SortedDictionary<string, ModelSums>(StringComparer.Ordinal);
        foreach (var line in invoice)
            ModelSums.Of(models, modelOf(line)).AddInvoice(line.Part, line.Tokens, line.AmountNano);
        foreach (var line in ours.Where(line => line.Currency == currency))
            ModelSums.Of(models, line.Model).AddOurs(line.Part, line.Tokens, line.AmountNano);
        var details = models.Select(model => (Name: model.Key, Sums: model.Value, Causes: model.Value.Causes())).ToList();
        var total = SettlementMath.Fit(statedNano ?? Sum(details.Select(detail => detail.Sums.InvoiceNano)));
        var oursNano = SettlementMath.Fit(Sum(details.Select(detail => detail.Sums.OursNano)));
        var variance = details.Aggregate(Causes.None, (sum, detail) => sum + detail.Causes).Rounded(total - (BigInteger)oursNano);
        return new InvoiceDifference(
            total, oursNano, variance, [.. details.Select(detail => detail.Sums.Line(detail.Name, detail.Causes))],
            BigInteger.Abs(variance.Rounding) > SettlementMath.NanoPerMinor(currency));
    }

    /// <summary>Both sides by model and part, ordered by model (ordinal) and part; of a model of which the invoice tells its input as a whole, so is ours.</summary>
    /// <param name="invoice">The invoice's lines.</param>
    /// <param name="ours">The settlement's lines; those in another currency are left out.</param>
    /// <param name="currency">Currency of both.</param>
    /// <param name="modelOf">What an invoice line's model is called here.</param>
    /// <exception cref="RefusedException">A figure leaves 64 bits: <c>SettlementTooLarge</c>.</exception>
    public static IReadOnlyList<PartDifference> Parts(IReadOnlyCollection<InvoiceLine> invoice, IEnumerable<SettlementLine> ours, string currency, Func<InvoiceLine, string> modelOf)
    {
        var whole = invoice.Where(line => line.Part is null).Select(modelOf).ToHashSet(StringComparer.Ordinal);
        var sides = invoice.Select(line => (Model: modelOf(line), line.Part, Our: (Tokens: 0L, Nano: 0L), Their: (line.Tokens, Nano: line.AmountNano)))
            .Concat(ours.Where(line => line.Currency == currency).Select(line => (line.Model, Part: (TokenPart?)line.Part, Our: (line.Tokens, Nano: line.AmountNano), Their: (Tokens: 0L, Nano: 0L))));
        return [.. sides.GroupBy(side => (side.Model, Part: side.Part is { } part && !(TokenParts.IsInput(part) && whole.Contains(side.Model)) ? part : (TokenPart?)null))
            .OrderBy(group => group.Key.Model, StringComparer.Ordinal).ThenBy(group => group.Key.Part ?? TokenPart.UncachedInput)
            .Select(group => new PartDifference(
                group.Key.Model, group.Key.Part is { } part ? TokenParts.NameOf(part) : InvoiceRules.Input,
                SettlementMath.Fit(Sum(group.Select(side => (BigInteger)side.Our.Tokens))), SettlementMath.Fit(Sum(group.Select(side => (BigInteger)side.Our.Nano))),
                SettlementMath.Fit(Sum(group.Select(side => (BigInteger)side.Their.Tokens))), SettlementMath.Fit(Sum(group.Select(side => (BigInteger)side.Their.Nano)))))];
    }

    private static BigInteger Sum(IEnumerable<BigInteger> values) => values.Aggregate(BigInteger.Zero, (sum, value) => sum + value);
}

/// <summary>The four causes of a difference that are worked out, exact; rounding is what they leave.</summary>
internal readonly record struct Causes(Fraction Quantity, Fraction Mix, Fraction Price, Fraction Unmapped)
{
    public static Causes None => default;

    public static Causes operator +(Causes left, Causes right) =>
        new(left.Quantity + right.Quantity, left.Mix + right.Mix, left.Price + right.Price, left.Unmapped + right.Unmapped);

    public Variance Rounded(BigInteger difference)
    {
        var (quantity, mix, price, unmapped) = (Quantity.RoundHalfEven(), Mix.RoundHalfEven(), Price.RoundHalfEven(), Unmapped.RoundHalfEven());
        return new Variance(
            SettlementMath.Fit(quantity), SettlementMath.Fit(mix), SettlementMath.Fit(price), SettlementMath.Fit(unmapped),
            SettlementMath.Fit(difference - quantity - mix - price - unmapped));
    }
}

/// <summary>Both sides of one model, by part.</summary>
internal sealed class ModelSums
{
    private readonly Dictionary<TokenPart, PartSums> parts = [];
    private PartSums? input;

    public BigInteger InvoiceNano => All.Aggregate(BigInteger.Zero, (sum, part) => sum + part.InvoiceNano);

    public BigInteger OursNano => All.Aggregate(BigInteger.Zero, (sum, part) => sum + part.OursNano);

    private IEnumerable<PartSums> All => input is null ? parts.Values : parts.Values.Append(input);

    public static ModelSums Of(SortedDictionary<string, ModelSums> models, string model)
    {
        if (!models.TryGetValue(model, out var sums))
            models[model] = sums = new ModelSums();
        return sums;
    }

    public void AddInvoice(TokenPart? part, long tokens, long amountNano)
    {
        var sums = part is { } one ? Part(one) : input ??= new PartSums();
        (sums.InvoiceTokens, sums.InvoiceNano) = (sums.InvoiceTokens + tokens, sums.InvoiceNano + amountNano);
    }

    public void AddOurs(TokenPart part, long tokens, long amountNano)
    {
        var sums = Part(part);
        (sums.OurTokens, sums.OursNano) = (sums.OurTokens + tokens, sums.OursNano + amountNano);
    }

    public Causes Causes() => OfOutput() + OfInput();

    public ModelVariance Line(string model, Causes causes) => new(
        model, Tokens(part => part.InvoiceTokens), Tokens(part => part.OurTokens), SettlementMath.Fit(InvoiceNano), SettlementMath.Fit(OursNano),
        causes.Rounded(InvoiceNano - OursNano));

    private PartSums Part(TokenPart part)
    {
        if (!parts.TryGetValue(part, out var sums))
            parts[part] = sums = new PartSums();
        return sums;
    }

    private long Tokens(Func<PartSums, BigInteger> tokensOf) => SettlementMath.Fit(All.Aggregate(BigInteger.Zero, (sum, part) => sum + tokensOf(part)));

    private Causes OfOutput() => parts.TryGetValue(TokenPart.Output, out var output) ? OfParts([output]) : default;

    // With a total of the input on the invoice nothing is known of its parts, so both sides are added up first.
    private Causes OfInput()
    {
        var inputs = parts.Where(part => TokenParts.IsInput(part.Key)).Select(part => part.Value).ToList();
        return OfParts(input is null ? inputs : [inputs.Aggregate(input, (sum, part) => sum + part)]);
    }

    // Of a single part the mix is 0 and the formulas of input are those of output.
    private static Causes OfParts(List<PartSums> all)
    {
        var both = all.FindAll(part => part.HasBoth);
        var total = both.Aggregate(new PartSums(), (sum, part) => sum + part);
        // Only adjustments can take our tokens off to nothing; then there is no average price to speak of.
        if (total.OurTokens.IsZero)
            both = [];
        var unmapped = all.Except(both).Aggregate(Fraction.Zero, (sum, part) => sum + (part.InvoiceNano - part.OursNano));
        if (both.Count == 0)
            return new Causes(0, 0, 0, unmapped);
        var average = new Fraction(total.OursNano, total.OurTokens);
        var atOurPrices = both.Aggregate(Fraction.Zero, (sum, part) => sum + new Fraction(part.InvoiceTokens * part.OursNano, part.OurTokens));
        return new Causes(
            (total.InvoiceTokens - total.OurTokens) * average, atOurPrices - total.InvoiceTokens * average, total.InvoiceNano - atOurPrices, unmapped);
    }

    private sealed class PartSums
    {
        public BigInteger InvoiceTokens { get; set; }
        public BigInteger InvoiceNano { get; set; }
        public BigInteger OurTokens { get; set; }
        public BigInteger OursNano { get; set; }

        public bool HasBoth => !InvoiceTokens.IsZero && !OurTokens.IsZero;

        public static PartSums operator +(PartSums left, PartSums right) => new()
        {
            InvoiceTokens = left.InvoiceTokens + right.InvoiceTokens,
            InvoiceNano = left.InvoiceNano + right.InvoiceNano,
            OurTokens = left.OurTokens + right.OurTokens,
            OursNano = left.OursNano + right.OursNano,
        };
    }
}
