using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

/// <summary>A table of a test's own with a column for every kind of value the program stores.</summary>
internal sealed class Samples
{
    private readonly Database _database;

    private Samples(Database database, string table)
    {
        _database = database;
        Insert = new($"""
            INSERT INTO {table} (Id, At, Day, Other, Number, Small, Flag, Words, LongWords, Bytes)
            VALUES (@Id, @At, @Day, @Other, @Number, @Small, @Flag, @Words, @LongWords, @Bytes)
            """);
        ById = new($"SELECT Id, At, Day, Other, Number, Small, Flag, Words, Bytes FROM {table} ORDER BY Id");
        LongWordsOf = new($"SELECT LongWords FROM {table} WHERE Words = @Words");
        Ids = new($"SELECT Id FROM {table} ORDER BY Id");
        IdsByInstant = new($"SELECT Id FROM {table} ORDER BY At, Id");
        IdsBetween = new($"SELECT Id FROM {table} WHERE At >= @From AND At < @Until ORDER BY At, Id");
        NumbersOfWords = new($"SELECT Number FROM {table} WHERE Words IN @Keys ORDER BY Number");
        NumbersOfNumbers = new($"SELECT Number FROM {table} WHERE Number IN @Keys ORDER BY Number");
        NumbersOfBytes = new($"SELECT Number FROM {table} WHERE Other IN @Keys ORDER BY Number");
        NumbersPaged = new($$"""SELECT Number FROM {{table}} ORDER BY Number {page}""");
        NumberOf = new($"SELECT Number FROM {table} WHERE Words = @Words");
        Count = new($"SELECT COUNT(*) FROM {table}");
        Table = Rows(table);
    }

    public Sql<Sample> Insert { get; }

    public Sql ById { get; }

    public Sql<Word> LongWordsOf { get; }

    public Sql Ids { get; }

    public Sql IdsByInstant { get; }

    public Sql<Span> IdsBetween { get; }

    public Sql<WordList> NumbersOfWords { get; }

    public Sql<NumberList> NumbersOfNumbers { get; }

    public Sql<IdList> NumbersOfBytes { get; }

    public Sql<PageOf> NumbersPaged { get; }

    public Sql<Word> NumberOf { get; }

    public Sql Count { get; }

    public BulkTable<Sample> Table { get; }

    public static async Task<Samples> CreateAsync(TestDatabase home)
    {
        var table = $"Samples_{Engine.Ids.New(TimeProvider.System.UtcNow()):N}";
        var text = $$"""
            CREATE TABLE {{table}} (
                Id binary(16) NOT NULL CONSTRAINT PK_{{table}} PRIMARY KEY,
                At datetime2(3) NULL,
                Day date NULL,
                Other binary(16) NULL,
                Number bigint NULL CONSTRAINT UX_{{table}} UNIQUE,
                Small int NULL CONSTRAINT CK_{{table}} CHECK (Small BETWEEN 0 AND 100),
                Flag bit NULL,
                Words nvarchar(4000) ${ordinal} NULL,
                LongWords ${text} NULL,
                Bytes ${blob} NULL
            )
            """;
        foreach (var (placeholder, word) in Migrator.Placeholders(home.Settings.Provider))
            text = text.Replace(placeholder, word, StringComparison.Ordinal);
        await home.Database.WriteAsync(WriteRank.Request, session => session.ExecuteAsync(new Sql(text)));
        return new Samples(home.Database, table);
    }

    public Task AddAsync(params Sample[] samples) => _database.WriteAsync(WriteRank.Request, async session =>
    {
        foreach (var sample in samples)
            await session.ExecuteAsync(Insert, sample);
    });

    /// <summary>All rows by id, without the text of any length.</summary>
    public Task<List<Sample>> AllAsync() => _database.ReadAsync(session => session.ListAsync<Sample>(ById));

    public Task<long> CountAsync() => _database.ReadAsync(session => session.GetAsync<long>(Count));

    /// <summary>An id of a test's own; a later number sorts later.</summary>
    public static Guid Id(int number) => Engine.Ids.New(new DateTime(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc).AddMilliseconds(number));

    private static BulkTable<Sample> Rows(string table) => new(
        table,
        ("Id", typeof(Guid), row => row.Id),
        ("At", typeof(DateTime), row => row.At),
        ("Day", typeof(DateOnly), row => row.Day),
        ("Other", typeof(Guid), row => row.Other),
        ("Number", typeof(long), row => row.Number),
        ("Small", typeof(int), row => row.Small),
        ("Flag", typeof(bool), row => row.Flag),
        ("Words", typeof(string), row => row.Words),
        ("LongWords", typeof(string), row => row.LongWords),
        ("Bytes", typeof(byte[]), row => row.Bytes));

    public sealed record Span(DateTime From, DateTime Until);

    public sealed record WordList(IReadOnlyList<string> Keys);

    public sealed record NumberList(IReadOnlyList<long> Keys);

    public sealed record IdList(IReadOnlyList<byte[]> Keys);

    public sealed record PageOf(int Skip, int Take) : IPaged;

    public sealed record Word(string Words);
}

internal sealed record Sample
{
    public Guid Id { get; init; }

    public DateTime? At { get; init; }

    public DateOnly? Day { get; init; }

    public Guid? Other { get; init; }

    /// <summary>Unique: where one is missing SQL Server takes one row, SQLite any.</summary>
    public long? Number { get; init; }

    public int? Small { get; init; }

    public bool? Flag { get; init; }

    public string? Words { get; init; }

    public string? LongWords { get; init; }

    public byte[]? Bytes { get; init; }
}
