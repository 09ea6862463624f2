using System.Reflection;
using System.Text.RegularExpressions;
using BackOffice.Data.Engine;
using BackOffice.Jobs;
using BackOffice.Web;

namespace BackOffice.Data.Tests;

/// <summary>One statement of the program, named after the field that holds it.</summary>
internal sealed partial record Statement(string Name, Sql Sql)
{
    /// <summary>The assemblies whose statements and bulk tables are tested.</summary>
    public static readonly IReadOnlyList<Assembly> Program = [typeof(Database).Assembly, typeof(WorkerHost).Assembly, typeof(WebHost).Assembly];

    /// <summary>Every statement that a static field holds, alone or in an <see cref="ISqlSource"/>.</summary>
    public static IReadOnlyList<Statement> All { get; } = [.. Fields(typeof(Sql), typeof(ISqlSource)).SelectMany(Of)];

    /// <summary>The statement's arguments.</summary>
    public IReadOnlyList<Argument> Arguments { get; } = [.. (Sql.ArgsType?.GetProperties() ?? []).Select(property => new Argument(property))];

    /// <summary>Whether it is one page of a list.</summary>
    public bool IsPage => Sql.Text.Contains("{page}", StringComparison.Ordinal);

    /// <summary>Asks SQL Server about itself: such a statement is run on no other engine.</summary>
    public bool IsForSqlServerOnly => Sql.Text.Contains(" sys.", StringComparison.Ordinal);

    /// <summary>The text as SQL Server gets it; a list has as many values as asked for, which Dapper would name each.</summary>
    public string TSql { get; } = WithLists(Sql.Text.Replace("{page}", new SqlServerDialect("").Page, StringComparison.Ordinal), 1);

    /// <summary>The text as SQLite gets it, with two values in each list: a list of one is planned as an equation.</summary>
    public string Sqlite { get; } = WithLists(Sql.Text.Replace("{page}", new SqliteDialect("").Page, StringComparison.Ordinal), 2);

    /// <summary>Static fields of the program whose type is one of these, with the field's name as a person would write it.</summary>
    public static IEnumerable<(string Name, object Value)> Fields(params Type[] types) =>
        from type in Program.SelectMany(assembly => assembly.GetTypes())
        where !type.ContainsGenericParameters
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where types.Any(wanted => wanted.IsAssignableFrom(field.FieldType))
        select ($"{type.Name}.{field.Name}", field.GetValue(null)!);

    public override string ToString() => Name;

    private static IEnumerable<Statement> Of((string Name, object Value) field) => field.Value is Sql sql
        ? [new Statement(field.Name, sql)]
        : ((ISqlSource)field.Value).All().Select((one, i) => new Statement($"{field.Name}#{i}", one));

    private static string WithLists(string text, int values) =>
        InList().Replace(text, list => $"IN ({string.Join(", ", Enumerable.Repeat(list.Groups[1].Value, values))})");

    [GeneratedRegex(@"\bIN\s+(@\w+)")]
    private static partial Regex InList();
}

/// <summary>One property of a statement's arguments.</summary>
internal sealed class Argument
{
    private static readonly Dictionary<Type, string> TSqlTypes = new()
    {
        [typeof(string)] = "nvarchar(4000)",
        [typeof(int)] = "int",
        [typeof(long)] = "bigint",
        [typeof(bool)] = "bit",
        [typeof(byte[])] = "varbinary(8000)",
        [typeof(DateTime)] = "datetime2(3)",
        [typeof(DateOnly)] = "date",
        [typeof(Guid)] = "binary(16)",
    };

    // Dapper passes list items by without asking the type handlers (two-engines 2).
    private static readonly Type[] ListTypes = [typeof(string), typeof(int), typeof(long), typeof(byte[])];

    public Argument(PropertyInfo property)
    {
        Name = property.Name;
        var list = property.PropertyType.GetInterfaces().Append(property.PropertyType)
            .FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        IsList = list is not null && property.PropertyType != typeof(string) && property.PropertyType != typeof(byte[]);
        var type = IsList ? list!.GenericTypeArguments[0] : property.PropertyType;
        Type = Nullable.GetUnderlyingType(type) ?? type;
    }

    public string Name { get; }

    public bool IsList { get; }

    /// <summary>The type of the value, or of a value of the list.</summary>
    public Type Type { get; }

    /// <summary>The type SQL Server sees; null when the program has no business passing such a value.</summary>
    public string? TSqlType => TSqlTypes.TryGetValue(Type, out var name) && (!IsList || ListTypes.Contains(Type)) ? name : null;

    public string Family => Column.FamilyOf(TSqlType ?? "");
}
