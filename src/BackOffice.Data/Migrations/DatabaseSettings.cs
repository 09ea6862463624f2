using BackOffice.Data.Engine;
using Microsoft.Data.Sqlite;

namespace BackOffice.Data.Migrations;

/// <summary>Which engines there are (<c>Database:Provider</c>).</summary>
public enum DatabaseProvider
{
    /// <summary>Embedded, one file.</summary>
    Sqlite,

    /// <summary>SQL Server 2019 or newer.</summary>
    SqlServer,
}

/// <summary>Where the database is.</summary>
/// <param name="Provider">The engine.</param>
/// <param name="ConnectionString">The driver's own connection string.</param>
public sealed record DatabaseSettings(DatabaseProvider Provider, string ConnectionString)
{
    /// <summary>The file of a SQLite database, absolute.</summary>
    public string SqliteFile => Path.GetFullPath(new SqliteConnectionStringBuilder(ConnectionString).DataSource);

    /// <summary>The engine's dialect.</summary>
    public Dialect Dialect() => Provider == DatabaseProvider.Sqlite ? new SqliteDialect(ConnectionString) : new SqlServerDialect(ConnectionString);
}
