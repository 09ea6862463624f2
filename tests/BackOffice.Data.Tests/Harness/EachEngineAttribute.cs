using System.Reflection;
using BackOffice.Data.Migrations;
using Xunit.Sdk;
using Xunit.v3;

namespace BackOffice.Data.Tests;

/// <summary>
/// Runs a test body once on SQLite and once on SQL Server; the body asks <see cref="TestDatabase"/> for a database of that engine, which skips the case,
/// with the reason, where there is no server.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachEngineAttribute : DataAttribute
{
    public override bool SupportsDiscoveryEnumeration() => true;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([new TheoryDataRow<DatabaseProvider>(DatabaseProvider.Sqlite), new TheoryDataRow<DatabaseProvider>(DatabaseProvider.SqlServer)]);
}
