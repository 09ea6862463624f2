using System.Reflection;
using System.Text.RegularExpressions;
using BackOffice.Data.Engine;

namespace BackOffice.Data.Tests;

/// <summary>The tests of all statements are worth what they find: so a statement is made by the initializer of a static field and nowhere else.</summary>
public sealed partial class HolderTests
{
    [Fact]
    public void Statements_and_bulk_tables_are_made_for_static_fields_only() =>
        Complaints.None(MadeElsewhere(Statement.Program.SelectMany(assembly => assembly.GetTypes())));

    [Fact]
    public void A_statement_made_elsewhere_is_noticed() => Assert.Equal(
        ["ForAnInstance..ctor", "ForAList..cctor", "ForAWritableField..cctor", "InAMethod.Make"],
        MadeElsewhere([typeof(ForAStaticField), typeof(ForAnInstance), typeof(ForAList), typeof(ForAWritableField), typeof(InAMethod)]));

    [Fact]
    public void What_holds_several_statements_gives_every_one_of_them() => Complaints.None(
        from source in Statement.Fields(typeof(ISqlSource))
        from field in source.Value.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        where field.GetValue(source.Value) is Sql held && !((ISqlSource)source.Value).All().Contains(held)
        select $"{source.Name} keeps {field.Name} to itself");

    [Fact]
    public void Nothing_but_Engine_and_Migrator_speaks_to_a_driver() => Assert.Equal(
        [
            "src/BackOffice.Data/Engine/SqlServerDialect.cs", "src/BackOffice.Data/Engine/SqliteCopy.cs", "src/BackOffice.Data/Engine/SqliteDialect.cs",
            "src/BackOffice.Data/Migrations/Migrator.cs", "src/BackOffice.Data/Migrations/ScriptConnection.cs",
            "src/BackOffice.Jobs/Integrations/OneApi/ConsoleDatabase.cs", // somebody else's database, with statements of its own
        ],
        Repository.Sources("src").Where(file => SpeaksToADriver().IsMatch(File.ReadAllText(file))).Select(Repository.Relative).Order(StringComparer.Ordinal));

    // A static initializer makes as many as its static fields hold; what holds several statements makes them itself.
    private static IEnumerable<string> MadeElsewhere(IEnumerable<Type> types) =>
        from type in types
        where !typeof(ISqlSource).IsAssignableFrom(type)
        from made in Constructions.In(type).Where(one => IsHolder(one.Made)).GroupBy(one => one.Maker)
        where made.Key is not ConstructorInfo { IsStatic: true } || made.Count() != HeldBy(type)
        select $"{type.Name}.{made.Key.Name}";

    private static int HeldBy(Type type) => type
        .GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Count(field => field.IsInitOnly && IsHolder(field.FieldType));

    private static bool IsHolder(Type type) =>
        typeof(Sql).IsAssignableFrom(type) || typeof(ISqlSource).IsAssignableFrom(type) || typeof(IBulkTable).IsAssignableFrom(type);

    [GeneratedRegex(@"\bCommandText\b|\bCreateCommand\b|\bnew (Sql|Sqlite)(Connection|Command)\(|\bnew SqlBulkCopy\b")]
    private static partial Regex SpeaksToADriver();

    private static class ForAStaticField
    {
        public static readonly Sql One = new("SELECT Name FROM Counters");
        public static readonly Sql<Samples.Word> Two = new("SELECT Name FROM Counters WHERE Name = @Words");
    }

    private sealed class ForAnInstance
    {
        public readonly Sql One = new("SELECT Name FROM Counters");
    }

    private static class ForAList
    {
        public static readonly List<Sql> Some = [new("SELECT Name FROM Counters")];
    }

    private static class ForAWritableField
    {
        public static Sql one = new("SELECT Name FROM Counters");
    }

    private static class InAMethod
    {
        public static Sql Make() => new("SELECT Name FROM Counters");
    }
}
