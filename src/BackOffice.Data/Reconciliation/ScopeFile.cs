using System.Text;

namespace BackOffice.Data.Reconciliation;

/// <summary>
/// What a run may have in scope, in the order of its streams: first transactions without an order, then order numbers. A million of them would be too much
/// to hold, and a reader kept open for the length of a run would keep SQLite's log from shrinking: so they lie in a temporary file of the process, which
/// the system removes when it ends, however it ends.
/// </summary>
internal sealed class ScopeFile : IDisposable
{
    // GetTempFileName makes a file that only this account can read: order numbers are capabilities.
    private readonly FileStream _file = new(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 65536, FileOptions.DeleteOnClose);

    private readonly StreamWriter _writer;

    public ScopeFile() => _writer = new StreamWriter(_file, new UTF8Encoding(false), 65536, leaveOpen: true) { NewLine = "\n" };

    /// <summary>Orders written.</summary>
    public long Orders { get; private set; }

    /// <summary>Transactions without an order written.</summary>
    public long Transactions { get; private set; }

    public void AddTransaction(string transactionId)
    {
        _writer.WriteLine(transactionId);
        Transactions++;
    }

    public void AddOrder(string orderNo)
    {
        _writer.WriteLine(orderNo);
        Orders++;
    }

    /// <summary>The transactions, then the orders, in portions; the portion that ends the transactions may be short.</summary>
    public IEnumerable<(bool AreOrders, List<string> Keys)> Portions(int size)
    {
        _writer.Flush();
        _file.Position = 0;
        using var reader = new StreamReader(_file, new UTF8Encoding(false), false, 65536, leaveOpen: true);
        foreach (var (areOrders, count) in new[] { (false, Transactions), (true, Orders) })
        {
            for (var left = count; left > 0; left -= size)
            {
                var keys = new List<string>(size);
                for (var i = Math.Min(left, size); i > 0; i--)
                    keys.Add(reader.ReadLine()!);
                yield return (areOrders, keys);
            }
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }
}
