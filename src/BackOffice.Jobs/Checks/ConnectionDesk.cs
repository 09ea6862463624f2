using BackOffice.Data.Engine;
using BackOffice.Data.Outbox;
using BackOffice.Domain;
using BackOffice.Jobs.Outbox;

namespace BackOffice.Jobs.Checks;

/// <summary>Sends a message to see whether it goes out: by the same way as an alarm, once, while the person waits.</summary>
public sealed class ConnectionDesk(OutboxStore outbox, OutboxJob job, Alarm alarm, TimeProvider clock)
{
    /// <summary>The refusal of a way that is not set up; every other one is why the message did not go out.</summary>
    public const string NotSet = "ChannelNotSet";

    /// <exception cref="RefusedException">The way is not set up, or the message could not be sent; then it is not tried again.</exception>
    public async Task TestAsync(string channel, string by, CancellationToken token)
    {
        if (!alarm.Channels.Contains(channel))
            throw new RefusedException(new Refusal(NotSet, "", channel == OutboxChannels.Webhook ? "Alarm:Webhook" : "Alarm:Email"));
        var cause = FormattableString.Invariant($"{OutboxStore.TestCause}{Ids.New(clock.UtcNow()):N}");
        var id = await outbox.AddTestAsync(Alarm.InBothLanguages(cause, texts => texts["Test.Subject"], texts => texts["Test.Body"]), channel, by, token).ConfigureAwait(false);
        await job.RunAsync(id, token).ConfigureAwait(false);
    }
}
