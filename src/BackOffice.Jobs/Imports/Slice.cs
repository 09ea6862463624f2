using BackOffice.Data.Imports;
using BackOffice.Domain.Imports;
using BackOffice.Domain.Usage;

namespace BackOffice.Jobs.Imports;

/// <summary>Some thousand records of a file in hand, in file order, those put aside among them.</summary>
internal sealed class Slice<T> where T : class
{
    private readonly List<(T? Record, PutAside? Aside)> _entries = [];
    private readonly long _firstOrdinal;
    private readonly long _bytes;
    private int _done;

    private Slice(ImportFile<T> file, int most)
    {
        _firstOrdinal = file.RecordsRead + 1;
        while (_entries.Count < most && file.TryRead(out var record, out var aside))
            _entries.Add((record, aside));
        _bytes = file.BytesRead;
    }

    public bool IsDone => _done == _entries.Count;

    /// <summary>The next records of the file; null at its end.</summary>
    public static Slice<T>? Read(ImportFile<T> file, int most)
    {
        var slice = new Slice<T>(file, most);
        return slice._entries.Count > 0 ? slice : null;
    }

    /// <summary>What is not stored yet, portion by portion, for one transaction.</summary>
    public Portions Begin() => new(this, _done);

    /// <summary>The transaction was committed.</summary>
    public void Commit(Portions portions) => _done = portions.Done;

    /// <summary>One transaction's way through the slice: forgotten when it is rolled back.</summary>
    public sealed class Portions
    {
        private readonly Slice<T> _slice;
        private readonly int _from;
        private readonly List<(long Ordinal, PutAside Aside)> _asides = [];
        private readonly List<T> _records = [];
        private readonly List<long> _ordinals = [];
        private long _fresh;
        private long _repeated;

        internal Portions(Slice<T> slice, int from)
        {
            _slice = slice;
            _from = from;
            Done = from;
        }

        public int Done { get; private set; }

        public bool IsDone => Done == _slice._entries.Count;

        public IReadOnlyList<(long Ordinal, PutAside Aside)> Asides => _asides;

        public bool NothingNew => _fresh == 0;

        /// <summary>The next records, those that the file itself put aside left out; may be none.</summary>
        public IReadOnlyList<T> Next()
        {
            _records.Clear();
            _ordinals.Clear();
            for (; !IsDone && _records.Count < Intake<T>.Portion; Done++)
            {
                var (record, aside) = _slice._entries[Done];
                var ordinal = _slice._firstOrdinal + Done;
                if (record is null)
                {
                    _asides.Add((ordinal, aside!));
                    continue;
                }
                _records.Add(record);
                _ordinals.Add(ordinal);
            }
            return _records;
        }

        /// <summary>What became of the records that <see cref="Next"/> gave.</summary>
        public void Count(Outcome[] outcomes)
        {
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (outcomes[i].Kind == OutcomeKind.PutAside)
                    _asides.Add((_ordinals[i], new PutAside(Lines.Of(_records[i]), outcomes[i].Reason!, outcomes[i].Usage)));
                else if (outcomes[i].Kind == OutcomeKind.Repeated)
                    _repeated++;
                else
                    _fresh++;
            }
        }

        public ImportProgress Progress() => new(Done - _from, _fresh, _repeated, _asides.Count, _slice._bytes);
    }
}

internal static class Lines
{
    public static long Of(object record) => record switch
    {
        ImportedOrder order => order.Line,
        ImportedDelivery delivery => delivery.Line,
        ImportedTransaction transaction => transaction.Line,
        UsageRecord usage => usage.Line,
        ImportedRate rate => rate.Line,
        _ => throw new ArgumentException($"{record.GetType().Name} has no line.", nameof(record)),
    };
}
