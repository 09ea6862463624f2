using System.Diagnostics;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using MiniExcelLibs;
using MiniExcelLibs.OpenXml;

namespace BackOffice.Benchmarks;

/// <summary>The least that could be done: prepared inserts of the same rows in the same order and transactions, index probes, plain reads.</summary>
internal static class Yardstick
{
    private static readonly Dictionary<string, string[]> TablesOf = new()
    {
        ["orders"] = ["Orders"],
        ["deliveries"] = ["Deliveries", "DeliveryEvents"],
        ["creem"] = ["PaymentObservations", "Payments"],
    };

    /// <summary>Inserts the rows that the product made of a file, in its order; a transaction of the product is a transaction here: its rows share RecordedAt.</summary>
    public static double Insert(string sourceFolder, string targetFolder, string kind)
    {
        var tables = TablesOf[kind].Select(table => Load(sourceFolder, table)).ToList();
        using var target = Open(targetFolder);
        Run(target, "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA foreign_keys = ON;");
        var inserts = tables.ConvertAll(table => table.Prepare(target));
        var moments = tables.SelectMany(table => table.Groups.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var watch = Stopwatch.StartNew();
        foreach (var moment in moments)
        {
            using var transaction = target.BeginTransaction(deferred: false);
            for (var i = 0; i < tables.Count; i++)
                tables[i].Insert(inserts[i], transaction, moment);
            transaction.Commit();
        }
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Reads the file line by line and looks each key up.</summary>
    public static double ReadAndProbe(string folder, string kind, string file)
    {
        using var connection = Open(folder);
        using var probe = connection.CreateCommand();
        probe.CommandText = kind == "creem" ? "SELECT PayloadHash FROM PaymentObservations WHERE TransactionId = @Key" : kind == "orders"
            ? "SELECT Package FROM Orders WHERE OrderNo = @Key"
            : "SELECT LookupKey FROM Deliveries WHERE OrderNo = @Key";
        var key = probe.Parameters.Add("@Key", SqliteType.Text);
        probe.Prepare();
        var found = 0L;
        var watch = Stopwatch.StartNew();
        foreach (var line in File.ReadLines(file).Skip(kind == "creem" ? 0 : 1))
        {
            key.Value = kind == "creem" ? IdOf(line) : line.Split(',')[0];
            found += probe.ExecuteScalar() is null ? 0 : 1;
        }
        var seconds = watch.Elapsed.TotalSeconds;
        return found > 0 ? seconds : throw new InvalidOperationException("Nothing was found.");
    }

    /// <summary>Reads every column of the rows a month's run needs, each table in the order of its key.</summary>
    public static double ReadAll(string folder)
    {
        using var connection = Open(folder);
        var watch = Stopwatch.StartNew();
        var rows = Read(connection, "SELECT OrderNo, Package, Tokens, ChargeCurrency, ChargeMinor, TaxMode, CreatedAt, RecordedAt FROM Orders ORDER BY OrderNo")
            + Read(connection, """
                SELECT TransactionId, Source, PayloadHash, RecordedAt, Status, Mode, Currency, AmountMinor, AmountPaidMinor, TaxMinor, DiscountMinor, RefundedMinor, CreemOrderId, CreatedAt, HappenedAt
                FROM PaymentObservations ORDER BY TransactionId
                """)
            + Read(connection, "SELECT Id, OrderNo, Kind, Tokens, DeliveredAt, RecordedAt, RevokedAt FROM Deliveries ORDER BY OrderNo, Kind, LookupKey, DeliveredAt");
        var seconds = watch.Elapsed.TotalSeconds;
        return rows > 0 ? seconds : throw new InvalidOperationException("Nothing was read.");
    }

    /// <summary>Reads every column of the audit trail in its order.</summary>
    public static double ReadAudit(string folder)
    {
        using var connection = Open(folder);
        var watch = Stopwatch.StartNew();
        var rows = Read(connection, "SELECT Sequence, At, Who, Action, Subject, Reason, Details, PreviousHash, Hash FROM AuditEntries ORDER BY Sequence");
        var seconds = watch.Elapsed.TotalSeconds;
        return rows > 0 ? seconds : throw new InvalidOperationException("Nothing was read.");
    }

    /// <summary>The rows and columns of the audit trail's export, handed from the database's reader to MiniExcel.</summary>
    public static double WriteWithMiniExcel(string folder)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT Sequence, At, At AS AtUtc, Who, Action, Action AS Words, Subject, Reason, Details, lower(hex(PreviousHash)) AS PreviousHash, lower(hex(Hash)) AS Hash
            FROM AuditEntries
            ORDER BY At DESC, Sequence DESC
            """;
        using var file = File.Create(Path.Combine(folder, "bare.xlsx"));
        var watch = Stopwatch.StartNew();
        using var reader = command.ExecuteReader();
        file.SaveAs(reader, configuration: new OpenXmlConfiguration { EnableAutoWidth = false });
        return watch.Elapsed.TotalSeconds;
    }

    private static long Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = 0L;
        while (reader.Read())
        {
            for (var i = 0; i < reader.FieldCount; i++)
                _ = reader.GetValue(i);
            rows++;
        }
        return rows;
    }

    private static string IdOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("id").GetString()!;
    }

    private static Table Load(string folder, string name)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {name} ORDER BY rowid";
        using var reader = command.ExecuteReader();
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        var moment = Array.IndexOf(columns, "RecordedAt");
        var groups = new Dictionary<string, List<object[]>>(StringComparer.Ordinal);
        while (reader.Read())
        {
            var row = new object[columns.Length];
            reader.GetValues(row);
            var at = (string)row[moment];
            if (!groups.TryGetValue(at, out var group))
                groups[at] = group = [];
            group.Add(row);
        }
        return new Table(name, columns, groups);
    }

    public static SqliteConnection Open(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "backoffice.db")};Mode=ReadWrite;Pooling=False");
        connection.Open();
        return connection;
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed record Table(string Name, string[] Columns, Dictionary<string, List<object[]>> Groups)
    {
        public SqliteCommand Prepare(SqliteConnection connection)
        {
            var command = connection.CreateCommand();
            command.CommandText = $"INSERT INTO {Name} ({string.Join(", ", Columns)}) VALUES ({string.Join(", ", Columns.Select(column => "@" + column))})";
            foreach (var column in Columns)
                command.Parameters.Add(new SqliteParameter { ParameterName = "@" + column });
            return command;
        }

        public void Insert(SqliteCommand command, SqliteTransaction transaction, string moment)
        {
            if (!Groups.TryGetValue(moment, out var rows))
                return;
            command.Transaction = transaction;
            foreach (var row in rows)
            {
                for (var i = 0; i < row.Length; i++)
                    command.Parameters[i].Value = row[i];
                command.ExecuteNonQuery();
            }
        }
    }
}
