using System.Net;
using System.Text.Json;
using BackOffice.Domain;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>What came back of one call, as far as it came.</summary>
/// <param name="Status">Null when there was no answer.</param>
/// <param name="Body">What was received of it.</param>
/// <param name="Trouble">Why there was no answer, or not the whole of it.</param>
/// <param name="WasSent">False when the call certainly did not arrive.</param>
/// <param name="RetryAfter">How long the console asked to be left alone.</param>
/// <param name="Elsewhere">Where a redirect leads.</param>
internal sealed record ConsoleAnswer(HttpStatusCode? Status, ReadOnlyMemory<byte> Body, Refusal? Trouble, bool WasSent = true, TimeSpan? RetryAfter = null, Uri? Elsewhere = null)
{
    private const int TooManyRequests = 429;

    // Of these it is certain that nothing was done: whoever gave them did not come to the work.
    private static readonly int[] Undone = [400, 404, 405, 406, 410, 411, 413, 414, 415, 422, 431];

    public int Code => (int)(Status ?? 0);

    public bool IsLimited => Code == TooManyRequests;

    private bool IsUnauthorised => Code is 401 or 403;

    private bool IsMoved => Code is >= 300 and < 400;

    private bool IsSuccess => Code is >= 200 and < 300;

    /// <summary>The parts of the envelope, also of one that is broken off: what was complete before the break counts.</summary>
    public ConsoleEnvelope Envelope => ConsoleEnvelope.Read(Body.Span);

    /// <summary>The answer's <c>data</c>, which must be there and whole; dispose it.</summary>
    /// <exception cref="ConsoleException">There is none.</exception>
    public JsonDocument Data(string? secret)
    {
        var envelope = Envelope;
        if (Trouble is not null || !IsSuccess || envelope is not { IsWhole: true, Success: true })
            throw new ConsoleException(Why(envelope, secret), IsPassing(envelope));
        return JsonDocument.Parse(WithoutMark(Body));
    }

    /// <summary>What the answer to a create means. No key that came is lost, whatever else is wrong with the answer.</summary>
    public ConsoleCreation Creation(int count, string? secret)
    {
        var envelope = Envelope;
        var state = State(envelope, count);
        return new(state, envelope.Keys, state == ConsoleCreationState.Created ? null : Why(envelope, secret), RetryAfter);
    }

    private ConsoleCreationState State(ConsoleEnvelope envelope, int count)
    {
        var isWhole = Trouble is null && IsSuccess && envelope.IsWhole;
        if (envelope.Keys.Count > 0)
        {
            return isWhole && envelope.Success == true && envelope.Keys.Count == count ? ConsoleCreationState.Created
                : isWhole && envelope.Success == false ? ConsoleCreationState.Partial
                : ConsoleCreationState.Unclear;
        }
        return !WasSent ? ConsoleCreationState.Unreachable
            : IsLimited ? ConsoleCreationState.Limited
            : IsUnauthorised ? ConsoleCreationState.Unauthorised
            : IsMoved || Undone.Contains(Code) || (isWhole && envelope.Success == false) ? ConsoleCreationState.Refused
            : ConsoleCreationState.Unclear;
    }

    private Refusal Why(ConsoleEnvelope envelope, string? secret) =>
        IsLimited ? new Refusal("ConsoleLimited", "")
        : IsUnauthorised ? new Refusal("ConsoleUnauthorised", "", Said(envelope, secret))
        : IsMoved ? new Refusal("ConsoleMoved", "", Moved())
        : Trouble ?? (IsSuccess && envelope is { IsWhole: true, Success: false } ? new Refusal("ConsoleRefused", "", Said(envelope, secret))
            : IsSuccess ? new Refusal("ConsoleNonsense", "")
            : new Refusal("ConsoleAnswered", "", Code.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private bool IsPassing(ConsoleEnvelope envelope) => IsLimited || (!IsUnauthorised && !IsMoved && !Undone.Contains(Code) && envelope is not { IsWhole: true, Success: false });

    private static string Said(ConsoleEnvelope envelope, string? secret) => ConsoleRules.Said(envelope.Message, secret) is { Length: > 0 } said ? said : "—";

    // Neither the name and password nor the question that an address may carry.
    private string Moved()
    {
        if (Elsewhere is not { IsAbsoluteUri: true } there)
            return "—";
        var address = there.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        var api = address.IndexOf("/api/", StringComparison.Ordinal);
        return api < 0 ? address : address[..(api + 1)];
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
}

/// <summary><c>{ success, message, data }</c>, with the texts of <c>data</c> when that is a list of them.</summary>
/// <param name="Success">Null when it does not say.</param>
/// <param name="Message">For people; logic never rests on it.</param>
/// <param name="Keys">The texts.</param>
/// <param name="IsWhole">Whether it was JSON to the end.</param>
internal sealed record ConsoleEnvelope(bool? Success, string? Message, IReadOnlyList<string> Keys, bool IsWhole)
{
    public static ConsoleEnvelope Read(ReadOnlySpan<byte> body)
    {
        var (success, message, keys, name, isList) = ((bool?)null, (string?)null, new List<string>(), "", false);
        var reader = new Utf8JsonReader(body.StartsWith("\uFEFF"u8) ? body[3..] : body);
        try
        {
            var isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName when reader.CurrentDepth == 1:
                        name = reader.GetString()!;
                        break;
                    case JsonTokenType.True or JsonTokenType.False when reader.CurrentDepth == 1 && name == "success":
                        success = reader.GetBoolean();
                        break;
                    case JsonTokenType.String when reader.CurrentDepth == 1 && name == "message":
                        message = reader.GetString();
                        break;
                    case JsonTokenType.StartArray or JsonTokenType.StartObject when reader.CurrentDepth == 1:
                        isList = isObject && name == "data" && reader.TokenType == JsonTokenType.StartArray;
                        break;
                    case JsonTokenType.String when reader.CurrentDepth == 2 && isList:
                        keys.Add(reader.GetString()!);
                        break;
                }
            }
            return new(success, message, keys, isObject);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return new(success, message, keys, false);
        }
    }
}
