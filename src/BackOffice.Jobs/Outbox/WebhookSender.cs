using System.Net.Http.Json;
using BackOffice.Data.Outbox;
using BackOffice.Domain;

namespace BackOffice.Jobs.Outbox;

/// <summary>Posts a message to the shop's own address. The address is a secret: it is in no log and no failure.</summary>
public sealed class WebhookSender(Settings settings) : IDisposable
{
    // Not from the factory, whose clients log the addresses they call. A redirect would lead the message elsewhere.
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = TimeSpan.FromSeconds(20) };

    /// <exception cref="InvalidOperationException">The address did not take the message.</exception>
    public async Task SendAsync(OutboxMessage message, CancellationToken token)
    {
        var address = settings.Alarm.Webhook ?? throw new RefusedException(new Refusal("ChannelNotSet", "", "Alarm:Webhook"));
        // "text" is what chat programs show.
        var content = new { Id = message.Id.ToString("N"), message.Cause, message.Subject, message.Body, Text = $"{message.Subject}\n{message.Body}" };
        try
        {
            using var answer = await _client.PostAsJsonAsync(address, content, token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException(FormattableString.Invariant($"The address of Alarm:Webhook answered {(int)answer.StatusCode}."));
        }
        catch (HttpRequestException failure)
        {
            throw new InvalidOperationException($"The address of Alarm:Webhook could not be reached: {failure.HttpRequestError}.");
        }
        catch (TaskCanceledException) when (!token.IsCancellationRequested)
        {
            throw new InvalidOperationException("The address of Alarm:Webhook did not answer in time.");
        }
    }

    public void Dispose() => _client.Dispose();
}
