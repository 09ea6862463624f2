using BackOffice.Data.Migrations;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using BackOffice.Jobs.Integrations.OneApi;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace BackOffice.Jobs;

/// <summary>A failure as a person is told of it: what happened, whether anything is lost, what to do. No stack, no secret.</summary>
public static class Trouble
{
    private const int ConnectionBroken = 20; // severity; the numbers differ from one system to the next

    /// <summary>In one line of English, for the person on call.</summary>
    public static string Sentence(Exception failure) => Texts.English.WithField(Of(failure));

    /// <summary>For pages, which say it in the reader's language.</summary>
    public static Refusal Of(Exception failure) => failure switch
    {
        RefusedException refused => refused.Refusal,
        ConsoleException console => console.Refusal,
        SettingException or NewerDatabaseException or KeyRingException => new Refusal("Trouble", "", failure.Message),
        SqliteException sqlite => Of(sqlite),
        SqlException server => Of(server),
        DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException => new Refusal("PathUnusable", "", OneLine(failure.Message)),
        IOException full when IsDiskFull(full) => new Refusal("DiskFull", ""),
        IOException { InnerException: null } => new Refusal("PathUnusable", "", $"{OneLine(failure.Message).TrimEnd('.')}."),
        AggregateException { InnerException: { } inner } => Of(inner),
        _ => new Refusal("Trouble", "", OneLine(failure.Message)),
    };

    /// <summary>Somebody else holds the database: it is worth trying again in a moment.</summary>
    public static bool IsBusy(Exception failure) => failure is SqliteException { SqliteErrorCode: 5 or 6 } or SqlException { Number: 1205 or 1222 or -2 };

    private static Refusal Of(SqliteException failure) => failure.SqliteErrorCode switch
    {
        5 or 6 => new Refusal("DatabaseLocked", ""),
        8 => new Refusal("DatabaseReadOnly", ""),
        11 or 26 => new Refusal("DatabaseDamaged", ""),
        10 => new Refusal("DatabaseDiskBroken", ""),
        13 => new Refusal("DatabaseDiskFull", ""),
        14 => new Refusal("DatabaseUnopened", ""),
        _ => new Refusal("DatabaseAnswered", "", OneLine(failure.Message)),
    };

    private static Refusal Of(SqlException failure) => failure.Number switch
    {
        4060 => new Refusal("ServerDatabaseUnknown", ""),
        18456 => new Refusal("ServerLoginRefused", ""),
        1105 or 9002 => new Refusal("ServerDiskFull", ""),
        1222 or -2 => new Refusal("ServerSlow", ""),
        -1 or 2 or 53 or 10061 or 11001 => new Refusal("ServerSilent", ""),
        _ when failure.Class >= ConnectionBroken => new Refusal("ServerSilent", ""),
        _ => new Refusal("ServerAnswered", "", OneLine(failure.Message)),
    };

    private static bool IsDiskFull(IOException failure) => (failure.HResult & 0xFFFF) is 28 or 112 or 39;

    private static string OneLine(string message)
    {
        var line = message.ReplaceLineEndings(" ").Trim();
        return line.Length > 400 ? line[..400] + "…" : line;
    }
}
