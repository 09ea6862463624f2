namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>A part of a PDF; parts stand one below the other and go on on the next page where one is full.</summary>
public abstract record PdfSection
{
    private protected PdfSection()
    {
    }

    internal abstract ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation);
}

/// <summary>A heading; it stays with what comes below it.</summary>
public sealed record PdfHeading(string Text) : PdfSection
{
    private const float RoomBelow = 64;

    internal override ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation)
    {
        var lines = PdfWords.Lines(flow.Fonts, PdfLook.Heading, PdfWords.Clean(Text), flow.Width);
        flow.Space(PdfLook.Gap / 2);
        flow.Need(lines.Count * PdfLook.Heading.Leading + RoomBelow);
        flow.Lines(PdfLook.Heading, lines, flow.Left);
        flow.Space(-PdfLook.Gap / 2);
        return default;
    }
}

/// <summary>Sentences; a line break begins a new paragraph.</summary>
public sealed record PdfText(string Text) : PdfSection
{
    internal override ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation)
    {
        foreach (var paragraph in Text.ReplaceLineEndings("\n").Split('\n'))
        {
            var lines = PdfWords.Lines(flow.Fonts, PdfLook.Body, PdfWords.Clean(paragraph), flow.Width);
            flow.Need(Math.Min(lines.Count, 2) * PdfLook.Body.Leading);
            flow.Lines(PdfLook.Body, lines, flow.Left);
        }
        return default;
    }
}

/// <summary>What a report rests on: labels, with their values beside them.</summary>
public sealed record PdfParameters(IReadOnlyList<PdfParameter> List) : PdfSection
{
    private const float WidestLabel = 0.4f;

    public PdfParameters(params PdfParameter[] list) : this((IReadOnlyList<PdfParameter>)list)
    {
    }

    internal override ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation)
    {
        var labels = List.Select(parameter => PdfWords.Clean(parameter.Label)).ToList();
        var indent = Math.Min(labels.Select(label => flow.Fonts.Width(PdfLook.Label, label)).DefaultIfEmpty().Max(), flow.Width * WidestLabel) + PdfLook.Gap;
        foreach (var (label, value) in labels.Zip(List.Select(parameter => PdfWords.Clean(parameter.Value))))
        {
            var lines = PdfWords.Lines(flow.Fonts, PdfLook.Body, value, flow.Width - indent);
            flow.Need(Math.Min(lines.Count, 2) * PdfLook.Body.Leading);
            flow.Text(PdfLook.Label, PdfWords.Cut(flow.Fonts, PdfLook.Label, label, indent - PdfLook.Gap), flow.Left, flow.Y);
            flow.Lines(PdfLook.Body, lines, flow.Left + indent);
        }
        return default;
    }
}

/// <summary>One line of <see cref="PdfParameters"/>.</summary>
public sealed record PdfParameter(string Label, string Value);

/// <summary>A hash to compare by eye: one line, one width for every character, whole whatever its length.</summary>
public sealed record PdfHash(string Label, string Hex) : PdfSection
{
    internal override ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation)
    {
        var hex = PdfWords.Clean(Hex);
        var style = flow.Fonts.Fitting(PdfLook.Code, hex);
        style = style with { Size = Math.Min(style.Size, style.Size * flow.Width / flow.Fonts.Width(style, hex + " ")) };
        flow.Need(PdfLook.Label.Leading + PdfLook.Code.Leading);
        flow.Lines(PdfLook.Label, [PdfWords.Cut(flow.Fonts, PdfLook.Label, PdfWords.Clean(Label), flow.Width)], flow.Left);
        flow.Lines(style, [hex], flow.Left);
        return default;
    }
}

/// <summary>Rules to sign on, two beside each other, with what each is for below it.</summary>
public sealed record PdfSignatures(IReadOnlyList<string> Labels) : PdfSection
{
    private const float Height = 70, Room = 44;

    public PdfSignatures(params string[] labels) : this((IReadOnlyList<string>)labels)
    {
    }

    internal override ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation)
    {
        var width = (flow.Width - 2 * PdfLook.Gap) / 2;
        foreach (var pair in Labels.Chunk(2))
        {
            flow.Need(Height);
            foreach (var (column, label) in pair.Index())
            {
                var left = flow.Left + column * (width + 2 * PdfLook.Gap);
                flow.Rule(left, left + width, flow.Y + Room, PdfLook.Muted);
                flow.Text(PdfLook.Label, PdfWords.Cut(flow.Fonts, PdfLook.Label, PdfWords.Clean(label), width), left, flow.Y + Room + 3);
            }
            flow.Advance(Height);
        }
        return default;
    }
}
