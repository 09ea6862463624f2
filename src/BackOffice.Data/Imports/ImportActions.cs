namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A file was handed in, to be checked or to be taken in at once.</summary>
    public const string ImportAdded = "import.added";

    /// <summary>After the check, the file is to be taken in.</summary>
    public const string ImportConfirmed = "import.confirmed";

    /// <summary>The file is to be checked once more, perhaps as another kind.</summary>
    public const string ImportCheckedAgain = "import.checked_again";

    /// <summary>A failed import is to go on.</summary>
    public const string ImportRetried = "import.retried";

    /// <summary>An import that did not get to its end was taken up again with the same file.</summary>
    public const string ImportResumed = "import.resumed";

    /// <summary>After the check, the file is not wanted.</summary>
    public const string ImportCancelled = "import.cancelled";
}
