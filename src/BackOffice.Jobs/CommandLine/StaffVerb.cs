using System.CommandLine;
using BackOffice.Data.Staff;
using BackOffice.Domain;
using BackOffice.Domain.Access;
using BackOffice.Jobs.Staff;

namespace BackOffice.Jobs.CommandLine;

/// <summary><c>staff add | reset | disable | enable</c>: the first admin, and the way back in when no admin can. A password is never an argument.</summary>
internal static class StaffVerb
{
    public static Command Command(SharedOptions shared)
    {
        var email = new Argument<string>("email") { Description = "E-mail address the person signs in with." };
        return new Command("staff", "Who may sign in.") { Add(shared, email), Reset(shared, email), Turn(shared, email, "disable"), Turn(shared, email, "enable") };
    }

    private static Command Add(SharedOptions shared, Argument<string> email)
    {
        var role = new Option<string>("--role") { Description = $"One of {string.Join(", ", Roles.Words)}.", Required = true };
        var name = new Option<string>("--name") { Description = "What colleagues call the person.", DefaultValueFactory = _ => "" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password from standard input, one line. Without it a one-time password is made and printed once." };
        var add = new Command("add", "Add a person.") { email, role, name, fromInput };
        add.SetAction(async (parsed, token) =>
        {
            var password = parsed.GetValue(fromInput) ? await Console.In.ReadLineAsync(token).ConfigureAwait(false) ?? "" : null;
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var by = await shared.ByAsync(parsed, office, Act.RunOffice, token).ConfigureAwait(false);
            await using var scope = office.Scope();
            var address = EmailAddress.Canonical(parsed.GetValue(email)!);
            var oneTime = await scope.Get<StaffDesk>().AddAsync(address, parsed.GetValue(name)!, parsed.GetValue(role)!, password, by).ConfigureAwait(false);
            shared.Answer(parsed, new { Email = address, Role = parsed.GetValue(role), OneTimePassword = oneTime }, oneTime is null ? $"{address} may sign in as {parsed.GetValue(role)}." : Sentence(address, oneTime));
            return 0;
        });
        return add;
    }

    private static Command Reset(SharedOptions shared, Argument<string> email)
    {
        var reset = new Command("reset", "Give a new one-time password, take the codes away, end the sessions and the pause.") { email };
        reset.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var by = await shared.ByAsync(parsed, office, Act.RunOffice, token).ConfigureAwait(false);
            await using var scope = office.Scope();
            var member = await RequireAsync(office, parsed.GetValue(email)!, token).ConfigureAwait(false);
            var oneTime = await scope.Get<StaffDesk>().ResetAsync(member.Id, null, by).ConfigureAwait(false);
            shared.Answer(parsed, new { member.Email, OneTimePassword = oneTime }, Sentence(member.Email, oneTime));
            return 0;
        });
        return reset;
    }

    private static Command Turn(SharedOptions shared, Argument<string> email, string way)
    {
        var turn = new Command(way, way == "disable" ? "End a person's sessions and let the person sign in no more." : "Let a person sign in again.") { email };
        turn.SetAction(async (parsed, token) =>
        {
            await using var office = await Office.OpenAsync(token).ConfigureAwait(false);
            var by = await shared.ByAsync(parsed, office, Act.RunOffice, token).ConfigureAwait(false);
            await using var scope = office.Scope();
            var member = await RequireAsync(office, parsed.GetValue(email)!, token).ConfigureAwait(false);
            var desk = scope.Get<StaffDesk>();
            await (way == "disable" ? desk.DisableAsync(member.Id, null, by) : desk.EnableAsync(member.Id, null, by)).ConfigureAwait(false);
            shared.Answer(parsed, new { member.Email, Disabled = way == "disable" }, $"{member.Email} is {way}d.");
            return 0;
        });
        return turn;
    }

    private static async Task<StaffMember> RequireAsync(Office office, string email, CancellationToken token) =>
        await office.Get<StaffQueries>().FindAsync(EmailAddress.Canonical(email), token).ConfigureAwait(false) ?? throw new RefusedException(new Refusal("NoSuchPerson", ""));

    private static string Sentence(string email, string oneTime) =>
        $"{email} signs in with the one-time password {oneTime} within {StaffDesk.OneTimePasswordHolds.TotalHours:0} hours, and then chooses another. It is not shown again.";
}
