using System.Globalization;
using System.Text;
using BackOffice.Domain;

namespace BackOffice.Jobs.Integrations.OneApi;

/// <summary>
/// Scripts that the console's keeper runs on its database, where we may not. They can be run again and change nothing then, and hold nothing but ASCII: a name that people gave is
/// written by the numbers of its signs, so that no setting of the engine or of its client can read it otherwise.
/// </summary>
public static class ConsoleScript
{
    private const int RowsPerStatement = 500;

    /// <summary>Writes what adds the codes; answers how many. Needs as much memory for a million as for a thousand.</summary>
    /// <param name="to">Where to; it stays open.</param>
    /// <param name="engine">What the console's database is.</param>
    /// <param name="userId">The console's user who owns the codes.</param>
    /// <param name="codes">In the order in which they are to be written.</param>
    /// <param name="withExpiry">Whether the table has <c>expired_time</c>: newer New API only.</param>
    /// <param name="token">Ends the writing; what was written is then no whole script.</param>
    /// <exception cref="RefusedException">The console would not take a code, or take it for another.</exception>
    public static Task<long> WriteInsertsAsync(Stream to, ConsoleEngine engine, long userId, IAsyncEnumerable<ConsoleCode> codes, bool withExpiry, CancellationToken token)
    {
        var head = Invariant($"INSERT {(engine == ConsoleEngine.MySql ? "IGNORE " : engine == ConsoleEngine.Sqlite ? "OR IGNORE " : "")}INTO {Quoted(engine, "redemptions")} (user_id, {Quoted(engine, "key")}, status, name, quota, created_time, redeemed_time{(withExpiry ? ", expired_time" : "")}) VALUES\n");
        var foot = engine == ConsoleEngine.PostgreSql ? "\nON CONFLICT (\"key\") DO NOTHING;\n" : ";\n";
        return WriteAsync(to, Title(engine, "adds redemption codes"), head, foot, codes, code => Row(engine, userId, code, withExpiry), token);
    }

    /// <summary>Writes what disables those of the codes that nobody has used; answers how many were written. It neither enables nor deletes.</summary>
    /// <exception cref="RefusedException">A key that no code can have.</exception>
    public static Task<long> WriteDisablesAsync(Stream to, ConsoleEngine engine, IAsyncEnumerable<string> keys, CancellationToken token)
    {
        var head = $"UPDATE {Quoted(engine, "redemptions")} SET status = 2 WHERE status = 1 AND {Quoted(engine, "key")} IN (\n";
        return WriteAsync(to, Title(engine, "disables redemption codes that nobody has used"), head, ");\n", keys, Key, token);
    }

    private static async Task<long> WriteAsync<T>(Stream to, string title, string head, string foot, IAsyncEnumerable<T> rows, Func<T, string> write, CancellationToken token)
    {
        var writer = new StreamWriter(to, Encoding.ASCII, bufferSize: 64 << 10, leaveOpen: true) { NewLine = "\n" };
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteAsync(title.AsMemory(), token).ConfigureAwait(false);
            var count = 0L;
            await foreach (var row in rows.WithCancellation(token).ConfigureAwait(false))
            {
                var text = write(row);
                await writer.WriteAsync((count % RowsPerStatement != 0 ? ",\n" : count == 0 ? head : foot + head).AsMemory(), token).ConfigureAwait(false);
                await writer.WriteAsync(text.AsMemory(), token).ConfigureAwait(false);
                count++;
            }
            await writer.WriteAsync((count == 0 ? "-- There are none.\n" : foot).AsMemory(), token).ConfigureAwait(false);
            return count;
        }
    }

    private static string Title(ConsoleEngine engine, string does) => $"-- {engine}: {does} in the console's table. Running it again changes nothing.\n";

    private static string Row(ConsoleEngine engine, long userId, ConsoleCode code, bool withExpiry)
    {
        ConsoleRules.Require(code);
        if (code.ExpiresAt is not null && !withExpiry)
            throw new RefusedException(new Refusal("ConsoleNoExpiry", ""));
        var expiry = !withExpiry ? "" : code.ExpiresAt is { } at ? Invariant($", {ConsoleRules.Seconds(at)}") : ", 0";
        return Invariant($"({userId}, {Key(code.Key)}, 1, {Text(engine, code.Name)}, {code.Quota}, {ConsoleRules.Seconds(code.CreatedAt)}, 0{expiry})");
    }

    private static string Key(string key)
    {
        ConsoleRules.RequireKey(key); // letters, digits and hyphens need no escape anywhere
        return $"'{key}'";
    }

    // A quote or a backslash means one thing or another by the engine's settings; a number means the same always.
    private static string Text(ConsoleEngine engine, string text)
    {
        if (text.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.' or ' '))
            return $"'{text}'";
        var bytes = Convert.ToHexString(Encoding.UTF8.GetBytes(text));
        return engine switch
        {
            ConsoleEngine.MySql => $"CONVERT(X'{bytes}' USING utf8mb4)",
            ConsoleEngine.PostgreSql => $"convert_from(decode('{bytes}', 'hex'), 'UTF8')",
            ConsoleEngine.Sqlite => $"char({string.Join(", ", text.EnumerateRunes().Select(rune => Invariant($"{rune.Value}")))})",
            _ => throw new ArgumentOutOfRangeException(nameof(engine)),
        };
    }

    private static string Quoted(ConsoleEngine engine, string name) => engine == ConsoleEngine.MySql ? $"`{name}`" : $"\"{name}\"";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
