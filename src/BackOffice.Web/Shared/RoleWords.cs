using BackOffice.Domain.Access;
using BackOffice.Jobs;

namespace BackOffice.Web.Shared;

public static class RoleWords
{
    public static string Of(Texts texts, Role role) => texts["Role." + role.Word()];

    /// <summary>"finance or admin".</summary>
    public static string Any(Texts texts, IReadOnlyList<Role> roles) => roles.Select(role => Of(texts, role)).Aggregate((first, other) => texts["Role.Or", first, other]);
}
