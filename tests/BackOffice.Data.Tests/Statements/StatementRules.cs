using System.Text.RegularExpressions;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BackOffice.Data.Tests;

/// <summary>What a statement must keep to so that it means the same on both engines (two-engines 3). Each rule gives its complaints.</summary>
internal static partial class StatementRules
{
    private static readonly (string Pattern, string Instead)[] Banned =
    [
        (@"\bLENGTH\b", "LENGTH: SQLite only"),
        (@"\bSUBSTR\b", "SUBSTR: write SUBSTRING"),
        (@"\|\|", "||: write CONCAT"),
        (@"\bROUND\b", "ROUND: round in C#"),
        (@"\bAVG\b", "AVG: divide in C#"),
        (@"\bLIMIT\b|\bTOP\b|\bFETCH\b", "LIMIT, TOP, FETCH: write {page}"),
        (@"\bRETURNING\b|\bOUTPUT\b", "RETURNING, OUTPUT: make the values before"),
        (@"\bON\s+CONFLICT\b|\bMERGE\b|\bOR\s+(REPLACE|IGNORE)\b", "ON CONFLICT, MERGE: update, and insert when no row was touched"),
        (@"\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b", "IS DISTINCT FROM: not before SQL Server 2022"),
        (@"\bGREATEST\b|\bLEAST\b", "GREATEST, LEAST: not before SQL Server 2022"),
        (@"\bGETDATE\b|\bSYSUTCDATETIME\b|\bCURRENT_TIMESTAMP\b|\bDATETIME\s*\(|\bSTRFTIME\b|\bDATE(ADD|DIFF|PART)\b", "instants come as arguments"),
        (@"\bSELECT\s+(DISTINCT\s+)?(\w+\.)?\*", "SELECT *: list the columns"),
        (@"""", "a double quote: SQLite takes a misspelt \"name\" for text"),
    ];

    private static readonly HashSet<string> Aggregates = new(["COUNT", "SUM", "MIN", "MAX", "STRING_AGG"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All rules that need no engine.</summary>
    public static IEnumerable<string> Complaints(Statement statement)
    {
        var script = TSql.TryParse(statement.TSql, out var errors);
        return errors.Count > 0
            ? errors.Concat(Words(statement))
            : [
                .. Words(statement), .. Arguments(statement, script), .. Inserts(script), .. Grouping(script),
                .. Texts(statement, script), .. Numbers(script), .. Families(statement, script),
            ];
    }

    private static IEnumerable<string> Words(Statement statement)
    {
        var text = Literal().Replace(statement.Sql.Text, "''");
        return Banned.Where(word => Regex.IsMatch(text, word.Pattern, RegexOptions.IgnoreCase)).Select(word => word.Instead);
    }

    // The names used and the properties there are, in the same letters: SQLite would take a missing one for null, Dapper leaves an unused one out.
    private static IEnumerable<string> Arguments(Statement statement, TSqlScript script)
    {
        var used = TSql.All<VariableReference>(script).Select(variable => variable.Name[1..]).ToHashSet(StringComparer.Ordinal);
        var there = statement.Arguments.Select(argument => argument.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in used.Except(there))
            yield return $"@{name} is no property of {statement.Sql.ArgsType?.Name ?? "no arguments"}";
        foreach (var argument in statement.Arguments)
        {
            if (argument.TSqlType is null)
                yield return $"{argument.Name} is {(argument.IsList ? "a list of " : "")}{argument.Type.Name}, which the engines take differently";
            if (argument.IsList && Regex.IsMatch(statement.TSql, $@"(?<!\bIN \()@{argument.Name}\b"))
                yield return $"the list @{argument.Name} stands outside of IN @{argument.Name}";
        }
    }

    /// <summary>Properties of arguments that no statement of the same holder uses: the combinations of a filtered statement share them.</summary>
    public static IEnumerable<string> UnusedArguments(IEnumerable<Statement> statements) =>
        from holder in statements.Where(statement => statement.Sql.ArgsType is not null).GroupBy(statement => (Field: statement.Name.Split('#')[0], statement.Sql.ArgsType))
        from argument in holder.First().Arguments
        where !holder.Any(statement => Regex.IsMatch(statement.TSql, $@"@{argument.Name}\b"))
        select $"{holder.Key.Field}: {holder.Key.ArgsType!.Name}.{argument.Name} is not used";

    private static IEnumerable<string> Inserts(TSqlScript script)
    {
        foreach (var insert in TSql.All<InsertSpecification>(script))
        {
            if (insert.Columns.Count == 0)
                yield return "INSERT without a list of columns";
            foreach (var given in Given(insert.InsertSource).Where(given => given != insert.Columns.Count))
                yield return $"INSERT of {given} values into {insert.Columns.Count} columns";
        }

        static IEnumerable<int> Given(InsertSource source) => source switch
        {
            ValuesInsertSource values => values.RowValues.Select(row => row.ColumnValues.Count),
            SelectInsertSource select => Selects(select.Select).Select(one => one.SelectElements.Count),
            _ => [],
        };
        static IEnumerable<QuerySpecification> Selects(QueryExpression query) => query switch
        {
            QuerySpecification one => [one],
            BinaryQueryExpression two => Selects(two.FirstQueryExpression).Concat(Selects(two.SecondQueryExpression)),
            QueryParenthesisExpression inner => Selects(inner.QueryExpression),
            _ => [],
        };
    }

    // DacFx does not notice, and SQLite takes the value of any row.
    private static IEnumerable<string> Grouping(TSqlScript script)
    {
        foreach (var query in TSql.All<QuerySpecification>(script))
        {
            var groups = query.GroupByClause?.GroupingSpecifications.OfType<ExpressionGroupingSpecification>().Select(one => one.Expression).ToList() ?? [];
            foreach (var other in groups.Where(expression => expression is not ColumnReferenceExpression))
                yield return $"GROUP BY {TSql.Text(other)}: group by a column";
            var columns = new UngroupedColumns(groups.OfType<ColumnReferenceExpression>());
            foreach (var part in query.SelectElements.Cast<TSqlFragment>().Append(query.HavingClause).OfType<TSqlFragment>())
                part.Accept(columns);
            if (query.GroupByClause is null && !columns.SawAggregate)
                continue;
            foreach (var column in columns.Found)
                yield return $"{column} is neither grouped nor aggregated";
        }
    }

    private static IEnumerable<string> Texts(Statement statement, TSqlScript script)
    {
        return TSql.All<BinaryExpression>(script)
            .Where(sum => sum.BinaryExpressionType == BinaryExpressionType.Add && (IsText(sum.FirstExpression) || IsText(sum.SecondExpression)))
            .Select(sum => $"{TSql.Text(sum)}: + on text, write CONCAT");

        bool IsText(ScalarExpression expression) => expression switch
        {
            StringLiteral => true,
            ParenthesisExpression inner => IsText(inner.Expression),
            VariableReference or ColumnReferenceExpression => FamilyOf(statement, expression) == "text",
            _ => false,
        };
    }

    private static IEnumerable<string> Numbers(TSqlScript script)
    {
        foreach (var literal in TSql.All<Literal>(script).Where(literal => literal is NumericLiteral or RealLiteral or MoneyLiteral))
            yield return $"{literal.Value}: SQLite has no decimals, fractions exist only in C#";
        foreach (var cast in TSql.All<CastCall>(script).Where(cast => Regex.IsMatch(TSql.Text(cast.DataType), "decimal|numeric|float|real|money", RegexOptions.IgnoreCase)))
            yield return $"{TSql.Text(cast)}: SQLite has no decimals, fractions exist only in C#";
        foreach (var sum in TSql.All<FunctionCall>(script).Where(call => call.FunctionName.Value.Equals("SUM", StringComparison.OrdinalIgnoreCase)))
        {
            if (sum.Parameters is [ColumnReferenceExpression column] && Column.Named(NameOf(column)).Any(one => one.Type == "int"))
                yield return $"{TSql.Text(sum)} overflows at 2^31 on SQL Server: SUM(CAST({TSql.Text(column)} AS bigint))";
        }
    }

    // A text where an instant is meant is a row not found on SQLite, and an error on SQL Server.
    private static IEnumerable<string> Families(Statement statement, TSqlScript script)
    {
        var pairs = TSql.All<BooleanComparisonExpression>(script).Select(one => (one.FirstExpression, one.SecondExpression))
            .Concat(TSql.All<InPredicate>(script).SelectMany(one => one.Values.Select(value => (one.Expression, value))))
            .Concat(TSql.All<AssignmentSetClause>(script).Select(one => ((ScalarExpression)one.Column, one.NewValue)))
            .Concat(TSql.All<InsertSpecification>(script).SelectMany(Inserted));
        return from pair in pairs
               let families = (Left: FamilyOf(statement, pair.Item1), Right: FamilyOf(statement, pair.Item2))
               where families is { Left: not null, Right: not null } && families.Left != families.Right
               select $"{TSql.Text(pair.Item1)} is {families.Left}, {TSql.Text(pair.Item2)} is {families.Right}";

        static IEnumerable<(ScalarExpression, ScalarExpression)> Inserted(InsertSpecification insert) =>
            insert.InsertSource is ValuesInsertSource values
                ? values.RowValues.SelectMany(row => insert.Columns.Zip(row.ColumnValues, (column, value) => ((ScalarExpression)column, value)))
                : [];
    }

    // Null: not known, or different in different tables.
    private static string? FamilyOf(Statement statement, ScalarExpression expression) => expression switch
    {
        ColumnReferenceExpression { ColumnType: ColumnType.Regular } column =>
            Column.Named(NameOf(column)).Select(one => one.Family).Distinct().ToList() is [var family] ? family : null,
        VariableReference variable => statement.Arguments.FirstOrDefault(argument => "@" + argument.Name == variable.Name)?.Family,
        StringLiteral => "text",
        IntegerLiteral => "number",
        _ => null,
    };

    private static string NameOf(ColumnReferenceExpression column) => column.MultiPartIdentifier?.Identifiers[^1].Value ?? "*";

    [GeneratedRegex("'([^']|'')*'")]
    private static partial Regex Literal();

    private sealed class UngroupedColumns(IEnumerable<ColumnReferenceExpression> grouped) : TSqlFragmentVisitor
    {
        private readonly List<string[]> _grouped = [.. grouped.Select(Parts)];

        public bool SawAggregate { get; private set; }

        public List<string> Found { get; } = [];

        public override void ExplicitVisit(FunctionCall node)
        {
            var aggregate = node.OverClause is null && Aggregates.Contains(node.FunctionName.Value);
            SawAggregate |= aggregate;
            if (!aggregate)
                base.ExplicitVisit(node);
        }

        public override void ExplicitVisit(ColumnReferenceExpression node)
        {
            if (node.ColumnType == ColumnType.Regular && !_grouped.Exists(one => Same(one, Parts(node))))
                Found.Add(TSql.Text(node));
        }

        // A query inside is judged by itself.
        public override void ExplicitVisit(QuerySpecification node)
        {
        }

        private static string[] Parts(ColumnReferenceExpression column) => [.. column.MultiPartIdentifier.Identifiers.Select(part => part.Value)];

        private static bool Same(string[] one, string[] other) => one[^1] == other[^1] && (one.Length == 1 || other.Length == 1 || one[^2] == other[^2]);
    }
}
