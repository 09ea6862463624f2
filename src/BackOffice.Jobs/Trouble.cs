using BackOffice.Data.Migrations;
using BackOffice.Data.Vault;
using BackOffice.Domain;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace BackOffice.Jobs;

/// <summary>A failure in one line for the person on call: what happened, whether anything is lost, what to do. No stack, no secret.</summary>
public static class Trouble
{
    public static string Sentence(Exception failure) => failure switch
    {
        RefusedException refused => Texts.English.WithField(refused.Refusal),
        SettingException or NewerDatabaseException or KeyRingException => failure.Message,
        SqliteException sqlite => Sentence(sqlite),
        SqlException server => Sentence(server),
        DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException => $"{OneLine(failure.Message)} Check the path and the rights of this account.",
        IOException full when IsDiskFull(full) => "The disk is full. Nothing half-written is kept. Free space, then run it again.",
        AggregateException { InnerException: { } inner } => Sentence(inner),
        _ => OneLine(failure.Message),
    };

    /// <summary>Somebody else holds the database: it is worth trying again in a moment.</summary>
    public static bool IsBusy(Exception failure) => failure is SqliteException { SqliteErrorCode: 5 or 6 } or SqlException { Number: 1205 or 1222 or -2 };

    private static string Sentence(SqliteException failure) => failure.SqliteErrorCode switch
    {
        5 or 6 => "The database is locked by another program that does not let go. Nothing of this step was written. Close what holds it, then run it again.",
        8 => "The database cannot be written: the file or its folder is read-only for this account. Give it the right to write, then run it again.",
        13 => "The disk that holds the database is full. Nothing of this step was written. Free space, then run it again.",
        14 => "The database cannot be opened: the file or its folder is missing, or this account may not read it. Check ConnectionStrings:BackOffice and Data:Directory, or run migrate to make a new one.",
        11 or 26 => "The file is not a SQLite database, or it is damaged. Restore a backup, or correct ConnectionStrings:BackOffice.",
        _ => $"The database answered: {OneLine(failure.Message)}",
    };

    private static string Sentence(SqlException failure) => failure.Number switch
    {
        4060 => "The SQL Server has no such database, or this login may not open it. Create it, or correct ConnectionStrings:BackOffice.",
        18456 => "The SQL Server refuses the login. Correct ConnectionStrings:BackOffice.",
        1105 or 9002 => "The SQL Server's disk or log is full. Nothing of this step was written. Free space, then run it again.",
        1222 or -2 => "The SQL Server did not answer in time: something holds a lock, or it is overloaded. Nothing of this step was written. Run it again later.",
        -1 or 2 or 53 or 10061 or 11001 => "The SQL Server does not answer. Check that it runs and that ConnectionStrings:BackOffice names it.",
        _ => $"The SQL Server answered: {OneLine(failure.Message)}",
    };

    private static bool IsDiskFull(IOException failure) => (failure.HResult & 0xFFFF) is 28 or 112 or 39;

    private static string OneLine(string message)
    {
        var line = message.ReplaceLineEndings(" ").Trim();
        return line.Length > 400 ? line[..400] + "…" : line;
    }
}
