using BackOffice.Domain;

namespace BackOffice.Jobs.Imports;

/// <summary>The objects of a JSON file, one after another, each with the physical line on which it begins.</summary>
internal abstract class JsonObjects(ByteWindow window)
{
    private int from;
    private int until;

    /// <summary>Physical line, from 1, on which the object begins.</summary>
    public long Line { get; private set; }

    /// <summary>Why there is no object here.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>The object as it stands.</summary>
    public ReadOnlySpan<byte> Utf8 => Window.Ahead[from..until];

    protected ByteWindow Window => window;

    /// <summary>Goes to the next object; false at the end of the file.</summary>
    public bool Read()
    {
        window.Pass(until);
        (from, until) = (0, 0);
        Refusal = null;
        return ReadNext();
    }

    protected abstract bool ReadNext();

    /// <summary>Answers with the object between two places of the window.</summary>
    protected bool Found(int first, int end)
    {
        (from, until) = (first, end);
        Line = window.Line + window.Ahead[..first].Count((byte)'\n');
        return true;
    }

    protected bool Refused(long line, string code, params string[] args)
    {
        Line = line;
        Refusal = new Refusal(code, "", args);
        return true;
    }
}

/// <summary>One object on each line. Whether a line holds one is seen when it is read.</summary>
internal sealed class JsonLines(ByteWindow window) : JsonObjects(window)
{
    protected override bool ReadNext()
    {
        while (true)
        {
            var line = Window.Line;
            if (!Window.TryLine(out var length))
            {
                Window.PassLine();
                return Refused(line, "LineTooLong", "1 MB");
            }
            if (length == 0)
                return false;
            if (Window.Ahead[..length].ContainsAnyExcept(" \t\r\n"u8))
                return Found(0, length);
            Window.Pass(length);
        }
    }
}
