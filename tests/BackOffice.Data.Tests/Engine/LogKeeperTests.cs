using BackOffice.Data.Engine;
using BackOffice.Data.Migrations;

namespace BackOffice.Data.Tests;

/// <summary>SQLite alone keeps such a log.</summary>
public sealed class LogKeeperTests
{
    private const int Transactions = 400;
    private const int BytesOfOne = 400_000; // about a hundred pages of the log

    [Fact]
    public async Task The_log_begins_anew_while_a_job_writes_without_a_pause()
    {
        await using var home = await TestDatabase.OnAsync(DatabaseProvider.Sqlite);
        var samples = await Samples.CreateAsync(home);
        var words = new string('w', BytesOfOne);

        for (var i = 1; i <= Transactions; i++)
        {
            var row = new Sample { Id = Samples.Id(i), Number = i, LongWords = words };
            await home.Database.WriteAsync(WriteRank.Job, session => session.BulkInsertAsync(samples.Table, [row]));
        }

        // SQLite's own turn would come at 64 MB; without any, the log would hold all 160 MB.
        var log = new FileInfo(((SqliteDialect)home.Database.Dialect).File + "-wal").Length;
        Assert.InRange(log, 1, 60_000_000);
        Assert.Equal(Transactions, await samples.CountAsync());
    }
}
