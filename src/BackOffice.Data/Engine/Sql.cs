using System.Collections.Concurrent;

namespace BackOffice.Data.Engine;

/// <summary>
/// One statement in words both engines know, beside its caller in a static field: the only thing a <see cref="Session"/> can run, so that a test finds
/// every text of the program, parses it and binds it as T-SQL. <c>{page}</c> stands for the engine's paging suffix over @Skip and @Take.
/// </summary>
public class Sql
{
    private protected Sql(string text, Type? argsType)
    {
        Text = text;
        ArgsType = argsType;
    }

    /// <summary>A statement without arguments.</summary>
    public Sql(string text) : this(text, null)
    {
    }

    /// <summary>The neutral text.</summary>
    public string Text { get; }

    /// <summary>The type whose properties are the arguments; null when there are none.</summary>
    public Type? ArgsType { get; }
}

/// <summary>A statement whose arguments are the properties of <typeparamref name="TArgs"/>.</summary>
public sealed class Sql<TArgs>(string text) : Sql(text, typeof(TArgs));

/// <summary>
/// A statement with optional filters: a closed list of fragments, any of which can stand at <c>{filters}</c>. All combinations are known, so all are tested.
/// </summary>
public sealed class FilteredSql<TArgs>(string text, params string[] fragments) : ISqlSource
{
    private readonly ConcurrentDictionary<int, Sql<TArgs>> _byChoice = new();

    /// <summary>The statement with the fragments whose place in the list is true.</summary>
    /// <exception cref="ArgumentException">There are not as many choices as fragments.</exception>
    public Sql<TArgs> With(params bool[] chosen)
    {
        if (chosen.Length != fragments.Length)
            throw new ArgumentException($"{fragments.Length} choices are wanted.", nameof(chosen));
        var bits = 0;
        for (var i = 0; i < chosen.Length; i++)
            bits |= chosen[i] ? 1 << i : 0;
        return _byChoice.GetOrAdd(bits, Build);
    }

    /// <inheritdoc/>
    public IEnumerable<Sql> All() => Enumerable.Range(0, 1 << fragments.Length).Select(bits => _byChoice.GetOrAdd(bits, Build));

    private Sql<TArgs> Build(int bits) =>
        new(text.Replace("{filters}", string.Join('\n', fragments.Where((_, i) => (bits >> i & 1) == 1)), StringComparison.Ordinal));
}

/// <summary>What holds several statements, so that the test of all texts finds them.</summary>
public interface ISqlSource
{
    /// <summary>Every statement it can give.</summary>
    IEnumerable<Sql> All();
}

/// <summary>The arguments of a statement that takes a page: @Skip rows are left out, @Take follow.</summary>
public interface IPaged
{
    /// <summary>Rows to leave out, 0 or more.</summary>
    int Skip { get; }

    /// <summary>Rows wanted, 1 or more.</summary>
    int Take { get; }
}
