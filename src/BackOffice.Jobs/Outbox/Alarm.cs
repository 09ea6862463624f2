using BackOffice.Data.Outbox;

namespace BackOffice.Jobs.Outbox;

/// <summary>Tells a person outside the building, by every way that is set up. To tell a thing again is to tell it once.</summary>
public sealed class Alarm(OutboxStore outbox, Settings settings)
{
    /// <summary>The ways that are set up, in <see cref="OutboxChannels"/>' words.</summary>
    public IReadOnlyList<string> Channels { get; } =
    [
        .. settings.Alarm.Email is not null && settings.Mail.IsOn ? [OutboxChannels.Mail] : Array.Empty<string>(),
        .. settings.Alarm.Webhook is not null ? [OutboxChannels.Webhook] : Array.Empty<string>(),
    ];

    public async Task TellAsync(OutboxText text, CancellationToken token)
    {
        foreach (var channel in Channels)
            await outbox.AddAsync(text, channel, token).ConfigureAwait(false);
    }

    /// <summary>The same in English and, below, in Chinese: who is woken may read either.</summary>
    public static OutboxText InBothLanguages(string cause, Func<Texts, string> subject, Func<Texts, string> body) => new(
        cause,
        $"{subject(Texts.English)} | {subject(Texts.Chinese)}",
        $"{body(Texts.English)}{Environment.NewLine}{Environment.NewLine}{body(Texts.Chinese)}");
}
