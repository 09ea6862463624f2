using System.Globalization;
using SkiaSharp;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>One series of bars: what it is called, its colour, and a value for each label, in units; none is negative.</summary>
public sealed record PdfSeries(string Name, string Color, IReadOnlyList<decimal> Values);

/// <summary>Bars that stand on each other, from 0, with a legend above them. A table of the same figures belongs beside them: a drawing is not read to the last digit.</summary>
public sealed record PdfBars(IReadOnlyList<string> Labels, IReadOnlyList<PdfSeries> Series) : PdfSection
{
    private const float Height = 150, AxisWidth = 52, Swatch = 7, Ticks = 4, NarrowestLabel = 24;

    private static readonly decimal[] Steps = [1, 2, 5, 10];

    internal override ValueTask LayAsync(PdfFlow flow, CancellationToken cancellation)
    {
        flow.Need(Height + 3 * PdfLook.Cell.Leading);
        LayLegend(flow);
        var most = Enumerable.Range(0, Labels.Count).Select(place => Series.Sum(one => one.Values[place])).DefaultIfEmpty().Max();
        var step = StepOf(most);
        var top = Math.Max(step, Math.Ceiling(most / step) * step);
        var (left, floor) = (flow.Left + AxisWidth, flow.Y + Height);
        for (var tick = 0m; tick <= top; tick += step)
        {
            var y = floor - (float)(tick / top) * Height;
            flow.Rule(left, flow.Right, y, PdfLook.Line);
            flow.TextRight(PdfLook.Foot, tick.ToString("#,##0.#########", CultureInfo.InvariantCulture), left - PdfLook.CellSide, y - PdfLook.Foot.Leading / 2);
        }
        LayBars(flow, left, floor, top);
        flow.Advance(Height + PdfLook.Cell.Leading);
        return default;
    }

    private void LayLegend(PdfFlow flow)
    {
        var x = flow.Left + AxisWidth;
        foreach (var series in Series)
        {
            var name = PdfWords.Clean(series.Name);
            flow.Fill(x, flow.Y + 3, x + Swatch, flow.Y + 3 + Swatch, SKColor.Parse(series.Color));
            flow.Text(PdfLook.Foot, name, x + Swatch + 4, flow.Y);
            x += Swatch + 4 + flow.Fonts.Width(PdfLook.Foot, name) + PdfLook.Gap;
        }
        flow.Advance(PdfLook.Cell.Leading + 4);
    }

    private void LayBars(PdfFlow flow, float left, float floor, decimal top)
    {
        var place = (flow.Right - left) / Math.Max(1, Labels.Count);
        var every = Math.Max(1, (int)Math.Ceiling(NarrowestLabel / place));
        for (var i = 0; i < Labels.Count; i++)
        {
            var (x, y) = (left + i * place, floor);
            foreach (var series in Series)
            {
                var height = (float)(series.Values[i] / top) * Height;
                flow.Fill(x + place * 0.15f, y - height, x + place * 0.85f, y, SKColor.Parse(series.Color));
                y -= height;
            }
            if (i % every == 0)
                flow.Text(PdfLook.Foot, PdfWords.Clean(Labels[i]), x + place * 0.15f, floor + 2);
        }
    }

    // 1, 2 or 5 of a power of ten, so that about four lines stand over the axis.
    private static decimal StepOf(decimal most)
    {
        if (most <= 0)
            return 1;
        var rough = most / (decimal)Ticks;
        var power = 1m;
        while (power > rough)
            power /= 10;
        while (power * 10 <= rough)
            power *= 10;
        return Steps.First(times => times * power >= rough) * power;
    }
}
