using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BackOffice.Data.Tests;

/// <summary>T-SQL of the oldest version that is supported, as a tree.</summary>
internal static class TSql
{
    public static TSqlScript Parse(string text)
    {
        var script = TryParse(text, out var errors);
        return errors.Count == 0 ? script : throw new FormatException($"{string.Join("; ", errors)}\n{text}");
    }

    public static TSqlScript TryParse(string text, out IReadOnlyList<string> errors)
    {
        using var reader = new StringReader(text);
        var script = (TSqlScript)new TSql150Parser(initialQuotedIdentifiers: true).Parse(reader, out var found);
        errors = [.. found.Select(error => $"line {error.Line}: {error.Message}")];
        return script;
    }

    /// <summary>Every part of a tree that is of a type.</summary>
    public static IReadOnlyList<T> All<T>(TSqlFragment tree) where T : TSqlFragment
    {
        var collector = new Collector<T>();
        tree.Accept(collector);
        return collector.Found;
    }

    /// <summary>The text of a part, its words one blank apart.</summary>
    public static string Text(TSqlFragment part)
    {
        var tokens = part.ScriptTokenStream.Skip(part.FirstTokenIndex).Take(part.LastTokenIndex - part.FirstTokenIndex + 1);
        return string.Join(' ', tokens.Where(token => token.TokenType is not TSqlTokenType.WhiteSpace).Select(token => token.Text));
    }

    private sealed class Collector<T> : TSqlFragmentVisitor where T : TSqlFragment
    {
        public List<T> Found { get; } = [];

        public override void Visit(TSqlFragment fragment)
        {
            if (fragment is T wanted)
                Found.Add(wanted);
        }
    }
}
