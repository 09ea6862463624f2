namespace BackOffice.Data.Engine;

/// <summary>Ids of rows: UUIDv7, made in the application, stored as 16 big-endian bytes, so that both engines order them by time.</summary>
public static class Ids
{
    /// <summary>A new id of the given instant (UTC).</summary>
    public static Guid New(DateTime at) => Guid.CreateVersion7(new DateTimeOffset(at, TimeSpan.Zero));

    /// <summary>The stored form.</summary>
    public static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    /// <summary>Reads the stored form.</summary>
    public static Guid Of(byte[] bytes) => new(bytes, bigEndian: true);
}

/// <summary>Instants as they are stored: UTC, whole milliseconds.</summary>
public static class Instants
{
    /// <summary>Cuts to whole milliseconds.</summary>
    /// <exception cref="ArgumentException">The instant is not in UTC.</exception>
    public static DateTime Stored(DateTime instant) =>
        instant.Kind == DateTimeKind.Utc
            ? new DateTime(instant.Ticks - instant.Ticks % TimeSpan.TicksPerMillisecond, DateTimeKind.Utc)
            : throw new ArgumentException($"{instant:O} is not UTC.", nameof(instant));

    /// <summary>The clock's instant in UTC, whole milliseconds.</summary>
    public static DateTime UtcNow(this TimeProvider clock) => Stored(clock.GetUtcNow().UtcDateTime);
}
