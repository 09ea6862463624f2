namespace BackOffice.Data.Tests;

/// <summary>Arguments with some value everywhere.</summary>
internal static class AnyValue
{
    public static object? Of(Type? type) => type switch
    {
        null => null,
        _ when Nullable.GetUnderlyingType(type) is { } value => Of(value),
        _ when type == typeof(string) => "x",
        _ when type == typeof(byte[]) => new byte[16],
        _ when type == typeof(DateTime) => DateTime.UnixEpoch,
        _ when type == typeof(DateOnly) => new DateOnly(2026, 10, 1),
        _ when type.IsPrimitive => Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture),
        _ when type.IsArray || type.GetInterface(typeof(System.Collections.IEnumerable).Name) is not null => ListOf(type.GetElementType() ?? type.GenericTypeArguments[0]),
        _ when type.IsValueType => Activator.CreateInstance(type),
        _ => Record(type),
    };

    private static Array ListOf(Type element)
    {
        var list = Array.CreateInstance(element, 2);
        list.SetValue(Of(element), 0);
        list.SetValue(Of(element), 1);
        return list;
    }

    private static object Record(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        var record = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType))]);
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
            property.SetValue(record, Of(property.PropertyType));
        return record;
    }
}
