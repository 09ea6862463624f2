using BackOffice.Data.Engine;
using BackOffice.Data.Outbox;
using BackOffice.Domain;
using Hangfire;

namespace BackOffice.Jobs.Outbox;

/// <summary>Sends one message. What fails is tried again by the sweeper, for days: a mail server that is down at night must not swallow the alarm.</summary>
public sealed class OutboxJob(Database database, OutboxStore store, MailSender mail, WebhookSender webhook, Work work)
{
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(Guid id, CancellationToken token)
    {
        if (!await database.WriteAsync(WriteRank.Job, session => OutboxStore.Queue.ClaimAsync(session, id, token), token).ConfigureAwait(false))
            return;
        var message = await store.GetAsync(id, token).ConfigureAwait(false);
        await work.RunAsync(OutboxStore.Queue, id, new WorkName("message", id.ToString("N")), message.Attempts, stop => SendAsync(message, stop), token).ConfigureAwait(false);
    }

    // Killed between the sending and the note of it, the message is sent twice; never not at all.
    private async Task SendAsync(OutboxMessage message, CancellationToken token)
    {
        try
        {
            await SendOutAsync(message, token).ConfigureAwait(false);
        }
        catch (Exception failure) when (message.Cause.StartsWith(OutboxStore.TestCause, StringComparison.Ordinal) && !token.IsCancellationRequested)
        {
            throw new RefusedException(Trouble.Of(failure)); // who asked is told now, and by no later message
        }
        await database.WriteAsync(WriteRank.Job, session => OutboxStore.Queue.EndAsync(session, message.Id, "done", token), token).ConfigureAwait(false);
    }

    private async Task SendOutAsync(OutboxMessage message, CancellationToken token)
    {
        await (message.Channel switch
        {
            OutboxChannels.Mail => mail.SendAsync(message, token),
            OutboxChannels.Webhook => webhook.SendAsync(message, token),
            var other => throw new RefusedException(new Refusal("ChannelUnknown", "", other)),
        }).ConfigureAwait(false);
    }
}
