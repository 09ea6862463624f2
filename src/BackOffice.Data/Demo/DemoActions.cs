namespace BackOffice.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A demo shop was begun: its prices and fee rules are in, its facts follow.</summary>
    public const string DemoLoaded = "demo.loaded";
}
