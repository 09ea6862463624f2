using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Data.Jobs;
using BackOffice.Domain;

namespace BackOffice.Data.Outbox;

/// <summary>What a person outside the building is told: rows that are sent by a job, each at least once and tried for days.</summary>
public sealed class OutboxStore(Database database)
{
    /// <summary>A message is given up after so many tries, a quarter of an hour apart: three days.</summary>
    public const int MostAttempts = 288;

    /// <summary>Characters of the longest subject.</summary>
    public const int LongestSubject = 200;

    /// <summary>Characters of the longest body.</summary>
    public const int LongestBody = 4000;

    /// <summary>How the causes of test messages begin: they are sent once, and not tried again.</summary>
    public const string TestCause = "test:";

    /// <summary>The rows as work.</summary>
    public static readonly WorkQueue Queue = new("OutboxMessages", MostAttempts);

    /// <summary>Adds a message for a channel, unless its cause was told there before.</summary>
    /// <param name="message">What to say.</param>
    /// <param name="channel">One of <see cref="OutboxChannels"/>.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>Whether this call added it.</returns>
    public async Task<bool> AddAsync(OutboxText message, string channel, CancellationToken token = default)
    {
        var known = await database.ReadAsync(session => session.FindAsync<string>(ReadStatus, new CauseArgs(message.Cause, channel), token), token).ConfigureAwait(false);
        if (known is not null)
            return false;
        try
        {
            await database.WriteAsync(WriteRank.Job, session => session.ExecuteAsync(Insert, new InsertArgs(
                Ids.New(session.At), message.Cause, channel, Cut(message.Subject, LongestSubject), Cut(message.Body, LongestBody), session.At), token), token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            return false;
        }
    }

    /// <summary>Adds a test message, with the act on record.</summary>
    /// <param name="message">What to say; its cause begins with <see cref="TestCause"/>.</param>
    /// <param name="channel">One of <see cref="OutboxChannels"/>.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="token">To stop waiting.</param>
    /// <returns>The message's id.</returns>
    public Task<Guid> AddTestAsync(OutboxText message, string channel, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var id = Ids.New(session.At);
            await session.ExecuteAsync(Insert, new InsertArgs(
                id, message.Cause, channel, Cut(message.Subject, LongestSubject), Cut(message.Body, LongestBody), session.At), token).ConfigureAwait(false);
            await AuditLog.AppendAsync(session, new AuditAct { Who = by, Action = AuditActions.ConnectionTested, Subject = AuditSubject.Of("channel", channel) }, token).ConfigureAwait(false);
            return id;
        }, token);

    /// <summary>One message by its id.</summary>
    public Task<OutboxMessage> GetAsync(Guid id, CancellationToken token = default) =>
        database.ReadAsync(session => session.GetAsync<OutboxMessage>(ReadById, new ById(id), token), token);

    /// <summary>The newest message of a state; null when there is none.</summary>
    public Task<OutboxMessage?> FindNewestAsync(string status, CancellationToken token = default) =>
        database.ReadAsync(async session => (await session.ListAsync<OutboxMessage>(ReadNewest, new NewestArgs(status, 0, 1), token).ConfigureAwait(false)).SingleOrDefault(), token);

    /// <summary>The newest message of a state that went or was to go one way; null when there is none.</summary>
    public Task<OutboxMessage?> FindNewestAsync(string status, string channel, CancellationToken token = default) =>
        database.ReadAsync(async session => (await session.ListAsync<OutboxMessage>(ReadNewestOfChannel, new ChannelArgs(status, channel, 0, 1), token).ConfigureAwait(false)).SingleOrDefault(), token);

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";

    /// <summary>Which message.</summary>
    public sealed record ById(Guid Id);

    /// <summary>What was to be told, and where.</summary>
    public sealed record CauseArgs(string Cause, string Channel);

    /// <summary>The newest of a state.</summary>
    public sealed record NewestArgs(string Status, int Skip, int Take) : IPaged;

    /// <summary>The newest of a state and a way.</summary>
    public sealed record ChannelArgs(string Status, string Channel, int Skip, int Take) : IPaged;

    /// <summary>Columns of a new row.</summary>
    public sealed record InsertArgs(Guid Id, string Cause, string Channel, string Subject, string Body, DateTime RecordedAt);

    /// <summary>Whether a cause was told.</summary>
    public static readonly Sql<CauseArgs> ReadStatus = new("SELECT Status FROM OutboxMessages WHERE Cause = @Cause AND Channel = @Channel");

    /// <summary>A message to be sent.</summary>
    public static readonly Sql<InsertArgs> Insert = new("""
        INSERT INTO OutboxMessages (Id, Cause, Channel, Subject, Body, Status, RecordedAt, Attempts) VALUES (@Id, @Cause, @Channel, @Subject, @Body, 'pending', @RecordedAt, 0)
        """);

    /// <summary>One message.</summary>
    public static readonly Sql<ById> ReadById = new($"SELECT {OutboxMessage.Columns} FROM OutboxMessages WHERE Id = @Id");

    /// <summary>The newest of a state.</summary>
    public static readonly Sql<NewestArgs> ReadNewest = new($$"""
        SELECT {{OutboxMessage.Columns}}
        FROM OutboxMessages
        WHERE Status = @Status
        ORDER BY RecordedAt DESC, Id DESC
        {page}
        """);

    /// <summary>The newest of a state and a way.</summary>
    public static readonly Sql<ChannelArgs> ReadNewestOfChannel = new($$"""
        SELECT {{OutboxMessage.Columns}}
        FROM OutboxMessages
        WHERE Status = @Status AND Channel = @Channel
        ORDER BY RecordedAt DESC, Id DESC
        {page}
        """);
}

/// <summary>Ways out of the building.</summary>
public static class OutboxChannels
{
    /// <summary>E-mail.</summary>
    public const string Mail = "mail";

    /// <summary>A POST to an address of the shop's choice.</summary>
    public const string Webhook = "webhook";
}

/// <summary>Something to be told once.</summary>
/// <param name="Cause">What it is about, unique: <c>night:nightly-backup:2026-11-10</c>; at most 120 characters.</param>
/// <param name="Subject">One line; what is longer than <see cref="OutboxStore.LongestSubject"/> is cut.</param>
/// <param name="Body">Plain text without secrets; what is longer than <see cref="OutboxStore.LongestBody"/> is cut.</param>
public sealed record OutboxText(string Cause, string Subject, string Body);

/// <summary>A message as it is kept. Instants are UTC.</summary>
public sealed class OutboxMessage
{
    internal const string Columns = "Id, Cause, Channel, Subject, Body, Status, RecordedAt, EndedAt, Failure, FailureJson, Attempts";

    /// <summary>The row's id, which the message carries so that a repeat can be told from a second one.</summary>
    public Guid Id { get; init; }

    /// <summary>What it is about.</summary>
    public string Cause { get; init; } = "";

    /// <summary>One of <see cref="OutboxChannels"/>.</summary>
    public string Channel { get; init; } = "";

    /// <summary>One line.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Plain text.</summary>
    public string Body { get; init; } = "";

    /// <summary><c>pending</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>When it was noticed.</summary>
    public DateTime RecordedAt { get; init; }

    /// <summary>When it was sent or given up.</summary>
    public DateTime? EndedAt { get; init; }

    /// <summary>Why it could not be sent, one line.</summary>
    public string? Failure { get; init; }

    /// <summary>The reason as the row keeps it for every language.</summary>
    public string? FailureJson { get; init; }

    /// <summary>Why it could not be sent; null when it was, or was not tried.</summary>
    public Refusal? FailureReason => WorkQueue.ReadReason(FailureJson, Failure);

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }
}
