using System.Collections.Frozen;
using System.Diagnostics;
using System.Reflection;

namespace BackOffice.Data.Engine;

/// <summary>
/// Tells of statements that take long, by the name of the field that holds them, <c>OrderQueries.List</c>: it finds the text, and no value of a parameter is ever told. A
/// statement that is fast costs two readings of the clock.
/// </summary>
/// <param name="threshold">What takes as long or longer is told.</param>
/// <param name="tell">Takes the name and how long it took.</param>
public sealed class SlowStatements(TimeSpan threshold, Action<string, TimeSpan> tell)
{
    // Looked for once something is slow, and only then; again when it is not among them: its assembly may have been loaded since.
    private static FrozenDictionary<Sql, string> _names = FrozenDictionary<Sql, string>.Empty;

    internal static readonly SlowStatements Untold = new(TimeSpan.MaxValue, static (_, _) => { });

    /// <summary>The name of a statement of the program, <c>Type.Field</c>; <c>?</c> when no static field holds it.</summary>
    public static string NameOf(Sql sql) => _names.GetValueOrDefault(sql) ?? (_names = FindNames()).GetValueOrDefault(sql, "?");

    internal void Note(Sql sql, long startedAt)
    {
        var took = Stopwatch.GetElapsedTime(startedAt);
        if (took >= threshold)
            tell(NameOf(sql), took);
    }

    internal IAsyncEnumerable<TRow> Watch<TRow>(Sql sql, IAsyncEnumerable<TRow> rows) => new Watched<TRow>(this, sql, rows);

    private static FrozenDictionary<Sql, string> FindNames()
    {
        var names = new Dictionary<Sql, string>(ReferenceEqualityComparer.Instance);
        // The program's own before those of its tests, which may hold the same.
        foreach (var (name, value) in AppDomain.CurrentDomain.GetAssemblies().Where(IsOurs).OrderBy(assembly => assembly.GetName().Name!.Length).SelectMany(assembly => assembly.GetTypes()).SelectMany(HeldBy))
        {
            foreach (var sql in value is Sql one ? [one] : ((ISqlSource)value).All())
                names.TryAdd(sql, name);
        }
        return names.ToFrozenDictionary();
    }

    private static bool IsOurs(Assembly assembly) => assembly.GetName().Name?.StartsWith("BackOffice.", StringComparison.Ordinal) == true;

    private static IEnumerable<(string Name, object Value)> HeldBy(Type type) =>
        from field in type.ContainsGenericParameters ? [] : type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where typeof(Sql).IsAssignableFrom(field.FieldType) || typeof(ISqlSource).IsAssignableFrom(field.FieldType)
        let value = field.GetValue(null)
        where value is not null
        select ($"{type.Name}.{field.Name}", value);

    private sealed class Watched<TRow>(SlowStatements slow, Sql sql, IAsyncEnumerable<TRow> rows) : IAsyncEnumerable<TRow>
    {
        public IAsyncEnumerator<TRow> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Reader(slow, sql, rows.GetAsyncEnumerator(cancellationToken));

        private sealed class Reader(SlowStatements slow, Sql sql, IAsyncEnumerator<TRow> rows) : IAsyncEnumerator<TRow>
        {
            private bool _begun;

            public TRow Current => rows.Current;

            public ValueTask<bool> MoveNextAsync() => _begun ? rows.MoveNextAsync() : FirstAsync();

            public ValueTask DisposeAsync() => rows.DisposeAsync();

            private async ValueTask<bool> FirstAsync()
            {
                _begun = true;
                var startedAt = Stopwatch.GetTimestamp();
                var any = await rows.MoveNextAsync().ConfigureAwait(false);
                slow.Note(sql, startedAt);
                return any;
            }
        }
    }
}
