using BackOffice.Data.Outbox;
using BackOffice.Domain;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace BackOffice.Jobs.Outbox;

/// <summary>Sends mail by SMTP, or lays it into a folder where no server is to be had.</summary>
public sealed class MailSender(Settings settings, TimeProvider clock)
{
    private const int TimeoutMilliseconds = 20_000;

    public async Task SendAsync(OutboxMessage message, CancellationToken token)
    {
        if (settings.Alarm.Email is not { } to || !settings.Mail.IsOn)
            throw new RefusedException(new Refusal("ChannelNotSet", "", "Alarm:Email"));
        using var mail = new MimeMessage
        {
            Subject = message.Subject,
            Date = clock.GetUtcNow(),
            MessageId = $"{message.Id:N}@backoffice",
            Body = new TextPart("plain") { Text = message.Body },
        };
        mail.From.Add(MailboxAddress.Parse(settings.Mail.From));
        mail.To.Add(MailboxAddress.Parse(to));
        await (settings.Mail.Folder is { } folder ? LayDownAsync(mail, folder, message.Id, token) : SendAsync(mail, token)).ConfigureAwait(false);
    }

    private static async Task LayDownAsync(MimeMessage mail, string folder, Guid id, CancellationToken token)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{id:N}.eml");
        await mail.WriteToAsync(file + ".partial", token).ConfigureAwait(false);
        File.Move(file + ".partial", file, overwrite: true);
    }

    private async Task SendAsync(MimeMessage mail, CancellationToken token)
    {
        using var client = new SmtpClient { Timeout = TimeoutMilliseconds };
        await client.ConnectAsync(settings.Mail.Host!, settings.Mail.Port, SecurityOf(settings.Mail.Security), token).ConfigureAwait(false);
        if (settings.Mail.User is { } user)
            await client.AuthenticateAsync(user, settings.Mail.Password ?? "", token).ConfigureAwait(false);
        await client.SendAsync(mail, token).ConfigureAwait(false);
        await client.DisconnectAsync(quit: true, token).ConfigureAwait(false);
    }

    private static SecureSocketOptions SecurityOf(MailSecurity security) => security switch
    {
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };
}
