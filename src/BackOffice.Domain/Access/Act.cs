namespace BackOffice.Domain.Access;

/// <summary>What a person may or may not do: the rows of DESIGN 8, a row that says "see" apart from the same row's "yes". Every route names one.</summary>
public enum Act
{
    /// <summary>To choose a password or set up codes, where that is asked for before anything else.</summary>
    SecureOwnAccount,

    /// <summary>Home, own account, what runs now.</summary>
    Work,

    /// <summary>Find orders, see the timeline, draft a reply.</summary>
    FindOrders,

    /// <summary>Reveal a key or code, resend, deliver again.</summary>
    Deliver,

    /// <summary>Imports; start a refund, enter payouts.</summary>
    TakeIn,

    /// <summary>See payments, reconciliation, settlement, rates, reports.</summary>
    SeeMoney,

    /// <summary>Start runs and reports, work on findings, change rates.</summary>
    WorkOnMoney,

    /// <summary>Close a period, approve a settlement.</summary>
    Sign,

    /// <summary>Look one code up.</summary>
    SeeOneCode,

    /// <summary>See packages, prices, code batches.</summary>
    SeeCatalogue,

    /// <summary>Change packages and prices, issue, publish, void and export codes.</summary>
    RunCatalogue,

    /// <summary>See the audit trail.</summary>
    SeeAudit,

    /// <summary>Staff, settings, jobs.</summary>
    RunOffice,
}

/// <summary>Who may do what: DESIGN 8, and the only place that says so.</summary>
public static class RoleTable
{
    private static readonly Role[] Everybody = [Role.Support, Role.Finance, Role.Admin];

    /// <summary>The roles that may do something, in the order of the table.</summary>
    public static IReadOnlyList<Role> For(Act act) => act switch
    {
        Act.SecureOwnAccount or Act.Work => Everybody,
        Act.FindOrders => Everybody,
        Act.Deliver => [Role.Support, Role.Admin],
        Act.TakeIn => [Role.Finance, Role.Admin],
        Act.SeeMoney => Everybody,
        Act.WorkOnMoney or Act.Sign => [Role.Finance, Role.Admin],
        Act.SeeOneCode => Everybody,
        Act.SeeCatalogue => [Role.Finance, Role.Admin],
        Act.RunCatalogue => [Role.Admin],
        Act.SeeAudit => [Role.Finance, Role.Admin],
        Act.RunOffice => [Role.Admin],
        _ => [],
    };

    /// <summary>Whether a role may do something.</summary>
    public static bool May(this Role role, Act act) => For(act).Contains(role);
}
