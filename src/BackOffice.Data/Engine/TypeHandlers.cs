using System.Data;
using System.Globalization;
using Dapper;

namespace BackOffice.Data.Engine;

#pragma warning disable RS0030 // Engine is where Dapper may be used
/// <summary>How instants, days and ids pass between Dapper and both engines. Registered before the first query: cached statements keep the mapping they were made with.</summary>
internal static class TypeHandlers
{
    private static readonly Lock Once = new();
    private static bool _registered;

    public static void Register()
    {
        lock (Once)
        {
            if (_registered)
                return;
            Add<DateTime>(new InstantHandler());
            Add<DateOnly>(new DayHandler());
            Add<Guid>(new IdHandler());
            SqlMapper.Settings.PadListExpansions = true;
            _registered = true;
        }
    }

    private static void Add<T>(SqlMapper.ITypeHandler handler) where T : struct
    {
        SqlMapper.RemoveTypeMap(typeof(T));
        SqlMapper.RemoveTypeMap(typeof(T?));
        SqlMapper.AddTypeHandler(typeof(T), handler);
        SqlMapper.AddTypeHandler(typeof(T?), handler);
    }

    private sealed class InstantHandler : SqlMapper.ITypeHandler
    {
        public void SetValue(IDbDataParameter parameter, object value)
        {
            parameter.DbType = DbType.DateTime2;
            parameter.Value = value is DateTime instant ? Instants.Stored(instant) : DBNull.Value;
        }

        public object? Parse(Type destinationType, object value) => value switch
        {
            DBNull => null,
            DateTime instant => DateTime.SpecifyKind(instant, DateTimeKind.Utc),
            string text => Instants.Read(text),
            _ => throw new DataException($"An instant was stored as {value.GetType().Name}."),
        };
    }

    private sealed class DayHandler : SqlMapper.ITypeHandler
    {
        public void SetValue(IDbDataParameter parameter, object value)
        {
            parameter.DbType = DbType.Date;
            parameter.Value = value is DateOnly day ? day : DBNull.Value;
        }

        public object? Parse(Type destinationType, object value) => value switch
        {
            DBNull => null,
            DateOnly day => day,
            DateTime instant => DateOnly.FromDateTime(instant),
            string text => DateOnly.ParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => throw new DataException($"A day was stored as {value.GetType().Name}."),
        };
    }

    private sealed class IdHandler : SqlMapper.ITypeHandler
    {
        public void SetValue(IDbDataParameter parameter, object value)
        {
            parameter.DbType = DbType.Binary;
            parameter.Value = value is Guid id ? Ids.Bytes(id) : DBNull.Value;
        }

        public object? Parse(Type destinationType, object value) => value switch
        {
            DBNull => null,
            byte[] bytes => Ids.Of(bytes),
            _ => throw new DataException($"An id was stored as {value.GetType().Name}."),
        };
    }
}
#pragma warning restore RS0030
