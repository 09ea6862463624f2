using BackOffice.Data.Approvals;
using BackOffice.Data.Codes;
using BackOffice.Domain.Codes;
using BackOffice.Jobs.Codes;
using BackOffice.Web.Shared;

namespace BackOffice.Web.Features.Codes;

/// <summary>What a second person is asked for about codes: the same figures as whoever asked saw, as they are now.</summary>
public sealed record CodesAsked
{
    public static readonly IReadOnlyList<string> Kinds = [BatchStore.ApprovalKind, BatchVoiding.Word, ListVoiding.Word, CodeExportStore.ApprovalKind];

    /// <summary>The batch; null for a list.</summary>
    public BatchRow? Batch { get; init; }

    /// <summary>Its package's name.</summary>
    public string Package { get; init; } = "";

    /// <summary>Stock of such codes today; null when there never was any.</summary>
    public StockRow? Stock { get; init; }

    /// <summary>Codes of the same format that there are, these included.</summary>
    public CodeStrength? Strength { get; init; }

    /// <summary>What would be made void; null when codes are to be made.</summary>
    public VoidedStates? Voids { get; init; }

    /// <summary>The list; null for a batch.</summary>
    public CodeTaskRow? List { get; init; }

    /// <summary>The export; null when none is asked for.</summary>
    public CodeExportRow? Export { get; init; }

    /// <summary>Codes that the button carries.</summary>
    public long Codes => Voids?.Codes ?? Export?.RowsTotal ?? Batch!.Wanted;

    /// <summary>Stock as it would be, at the rate of today.</summary>
    public StockForecast After => new((Stock?.Level?.Available ?? 0) + Batch!.Wanted, Stock?.Level?.Taken ?? 0);

    public string Url => Batch is { } batch ? Links.Batch(batch.Number) : Links.CodeList(List!.Number);
}

/// <summary>Reads what a request is about.</summary>
public sealed class CodesAskedBook(BatchQueries batches, CodeExportStore exports, CodeTaskStore tasks, StockBook stock, Data.Packages.PackageQueries packages, Jobs.Texts texts)
{
    /// <summary>Null for a request about something else, and when what it is about is not there.</summary>
    public async Task<CodesAsked?> ReadAsync(ApprovalRow approval, CancellationToken token)
    {
        if (approval.Kind == ListVoiding.Word)
            return await OfListAsync(approval, token);
        if (approval.Kind == CodeExportStore.ApprovalKind)
            return await OfExportAsync(approval, token);
        if (!CodesAsked.Kinds.Contains(approval.Kind) || await batches.FindAsync(BatchIssue.BatchOf(approval), token) is not { } batch)
            return null;
        var asked = new CodesAsked { Batch = batch, Package = (await packages.ListAsync(token)).NameOf(batch.Package, texts) };
        if (approval.Kind == BatchStore.ApprovalKind)
        {
            var ofFormat = await batches.CountOfFormatAsync(batch.Format, token);
            return asked with { Stock = await stock.FindAsync(batch.Package, batch.Units, token), Strength = CodeStrength.Of(batch.FormatOf, Math.Max(ofFormat, 1)) };
        }
        var form = new VoidBatchForm { Delivered = VoidPayload.Of(approval).WithDelivered ? "yes" : "no" };
        return asked with { Voids = new VoidBatchPage(batch, asked.Package, form, NeedsSecondPerson: true).States };
    }

    private async Task<CodesAsked?> OfExportAsync(ApprovalRow approval, CancellationToken token)
    {
        if (await exports.FindAsync(CodeExportAct.ExportOf(approval), token) is not { } export || await batches.FindAsync(export.BatchNo, token) is not { } batch)
            return null;
        return new CodesAsked { Batch = batch, Package = (await packages.ListAsync(token)).NameOf(batch.Package, texts), Export = export };
    }

    private async Task<CodesAsked?> OfListAsync(ApprovalRow approval, CancellationToken token)
    {
        if (await tasks.FindAsync(ListVoiding.ListOf(approval), token) is not { } list)
            return null;
        var listed = await tasks.StatesAsync(list.Id, token);
        return new CodesAsked { List = list, Voids = VoidListPage.StatesOf(listed, VoidPayload.Of(approval).WithDelivered, isDraft: list.Status == "draft") };
    }
}
