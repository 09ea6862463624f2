namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Somebody asked for a batch of codes.</summary>
    public const string BatchRequested = "batch.requested";

    /// <summary>A batch may be made.</summary>
    public const string BatchApproved = "batch.approved";

    /// <summary>A batch that had failed is to be tried again.</summary>
    public const string BatchResumed = "batch.resumed";

    /// <summary>A whole batch is void.</summary>
    public const string BatchVoided = "batch.voided";

    /// <summary>A batch is on its way to the console.</summary>
    public const string BatchPublishing = "batch.publishing";

    /// <summary>The console knows the batch's codes.</summary>
    public const string BatchPublished = "batch.published";

    /// <summary>Somebody took the script that publishes or disables a batch.</summary>
    public const string BatchScripted = "batch.scripted";

    /// <summary>Somebody asked for a file of a batch's codes.</summary>
    public const string ExportRequested = "export.requested";

    /// <summary>The file may be made.</summary>
    public const string ExportApproved = "export.approved";

    /// <summary>Somebody saw the passphrase of the file.</summary>
    public const string ExportPassphraseShown = "export.passphrase_shown";

    /// <summary>Somebody took the file.</summary>
    public const string ExportTaken = "export.taken";

    /// <summary>The download of the file broke off, so that it can be taken once more.</summary>
    public const string ExportBrokenOff = "export.broken_off";

    /// <summary>Codes of a list, or a single one, are void.</summary>
    public const string CodesVoided = "codes.voided";

    /// <summary>What had failed to be done to codes is to be tried again.</summary>
    public const string CodeTaskResumed = "codes.task_resumed";

    /// <summary>Somebody saw a code in full.</summary>
    public const string CodeRevealed = "code.revealed";
}
