using BackOffice.Data.Codes;
using BackOffice.Data.Engine;
using BackOffice.Data.Packages;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Domain.Codes;
using VaultOfSecrets = BackOffice.Data.Vault.Vault;

namespace BackOffice.Jobs.Codes;

/// <summary>Where batches of codes are asked for, by a page or the command line: packages become tokens here, rules sentences.</summary>
public sealed class BatchDesk(Database database, BatchStore store, BatchQueries batches, PackageQueries packages, PriceQueries prices, VaultOfSecrets vault, Settings settings)
{
    /// <summary>What a wish comes to before anything is made: worth, strength, whether it takes two people, and what is wrong with it.</summary>
    public async Task<BatchPreview> PreviewAsync(BatchRequest request, string by, CancellationToken token)
    {
        var now = database.Clock.UtcNow();
        var package = await packages.FindAsync(request.Package, token).ConfigureAwait(false);
        var wish = new BatchWish(package?.Tokens ?? 0, request.Units, request.Count, request.Format, request.Prefix, request.PublishBy, request.Note.Trim(), request.ExpiresAt);
        var others = await batches.CountOfFormatAsync(Word(request.Format), token).ConfigureAwait(false);
        var refusals = new List<Refusal>();
        if (package is null)
            refusals.Add(new Refusal("PackageUnknown", "package", request.Package, string.Join(", ", (await packages.ListAsync(token).ConfigureAwait(false)).Select(one => one.Slug))));
        else
            refusals.AddRange(wish.Refusals(others, settings.Console.QuotaPerToken, now));
        var list = package is null ? null : (await prices.InForceAsync(package.Slug, now, token).ConfigureAwait(false)).Where(price => price.Purpose == "list").OrderBy(price => price.Currency == "CNY" ? 0 : 1).FirstOrDefault();
        var asked = await batches.AskedOnAsync(by, settings.Business.DayOf(now), token).ConfigureAwait(false);
        return new BatchPreview(package, wish, others, list is null ? null : ListOf(list, request.Units), asked.Codes, asked.Tokens, refusals)
        {
            NeedsSecondPerson = settings.Codes.Limits.AreExceeded(asked.Codes + request.Count, asked.Tokens + wish.TotalTokens),
        };
    }

    /// <summary>Asks for a batch: approved at once within the limits, else waiting for a second person.</summary>
    /// <exception cref="RefusedException">It cannot be made.</exception>
    /// <exception cref="KeyRingException">The key ring is missing: nothing could be sealed, so nothing is made.</exception>
    public async Task<BatchRow> RequestAsync(BatchRequest request, string by, CancellationToken token)
    {
        var preview = await PreviewAsync(request, by, token).ConfigureAwait(false);
        if (preview.Refusals.Count > 0)
            throw new RefusedException(preview.Refusals[0]);
        await vault.RequireAsync(token).ConfigureAwait(false);
        var wish = preview.Wish;
        var wanted = new NewBatch(
            request.Id, request.Package, wish.Units, (int)wish.Count, (long)wish.Tokens, wish.Quota(settings.Console.QuotaPerToken)!.Value, Word(wish.Format), wish.CleanPrefix,
            Word(wish.PublishBy), wish.Note, wish.ExpiresAt, preview.ListEach, by, settings.Business.DayOf(database.Clock.UtcNow()));
        return await store.RequestAsync(wanted, settings.Codes.Limits, token).ConfigureAwait(false);
    }

    /// <summary>The word of a format in rows, addresses and options.</summary>
    public static string Word(CodeFormat format) => format == CodeFormat.Console ? "console" : "friendly";

    /// <summary>The word of a way to publish.</summary>
    public static string Word(PublishWay way) => way switch
    {
        PublishWay.Script => "script",
        PublishWay.Database => "database",
        PublishWay.Api => "api",
        _ => throw new ArgumentOutOfRangeException(nameof(way), way, "Not a way to publish."),
    };

    private static Money? ListOf(PriceRow price, int units) =>
        (Int128)price.AmountMinor * units is var minor && minor <= Money.Limit ? new Money((long)minor, price.Currency) : null;
}

/// <summary>A batch as somebody asked for it. Instants are UTC.</summary>
/// <param name="Id">Made by the form: the same request sent twice is one batch.</param>
/// <param name="Package">Slug of the package.</param>
/// <param name="Units">Units of one code.</param>
/// <param name="Count">Codes.</param>
/// <param name="Format">How they look.</param>
/// <param name="Prefix">As it was typed.</param>
/// <param name="PublishBy">How they reach the console.</param>
/// <param name="Note">What it is for.</param>
/// <param name="ExpiresAt">When the codes end; null for never.</param>
public sealed record BatchRequest(Guid Id, string Package, int Units, long Count, CodeFormat Format, string Prefix, PublishWay PublishBy, string Note, DateTime? ExpiresAt);

/// <summary>What a wish comes to.</summary>
/// <param name="Package">The package; null when there is none of that name.</param>
/// <param name="Wish">The wish.</param>
/// <param name="OthersOfFormat">Codes of the same format that there are already.</param>
/// <param name="ListEach">List price of one code; null when it has none.</param>
/// <param name="CodesToday">Codes that the same person asked for today.</param>
/// <param name="TokensToday">Tokens of those.</param>
/// <param name="Refusals">What is wrong with it; empty when it can be made.</param>
public sealed record BatchPreview(PackageRow? Package, BatchWish Wish, long OthersOfFormat, Money? ListEach, long CodesToday, Int128 TokensToday, IReadOnlyList<Refusal> Refusals)
{
    /// <summary>Whether it waits for somebody else's word.</summary>
    public required bool NeedsSecondPerson { get; init; }

    /// <summary>How well the codes hide; null when their number cannot be used.</summary>
    public CodeStrength? Strength => Wish.Count is >= 1 and <= BatchWish.MostCodes ? CodeStrength.Of(Wish.Format, OthersOfFormat + Wish.Count) : null;
}
