using BackOffice.Domain;

namespace BackOffice.Jobs.Demo;

/// <summary>When orders come: more by the month, fewer at weekends and hardly any before dawn, and a campaign in the middle.</summary>
internal static class DemoRhythm
{
    // No order in the last minutes: its payment and delivery would be of the day after.
    private static readonly TimeSpan LastOrder = TimeSpan.FromMinutes(10);

    private static readonly int[] ByWeekday = [74, 105, 110, 110, 108, 100, 80]; // from Sunday
    private static readonly int[] ByHour = [30, 16, 8, 5, 4, 5, 10, 20, 38, 58, 72, 70, 52, 56, 70, 76, 74, 62, 50, 58, 76, 84, 72, 50];

    /// <summary>Instants of so many orders on the days from the first up to the last, which is not included; in order, UTC.</summary>
    public static List<DateTime> Instants(DateOnly from, DateOnly until, int orders, BusinessTime business, Dice dice)
    {
        var days = Enumerable.Range(0, until.DayNumber - from.DayNumber).Select(from.AddDays).ToList();
        var byDay = days.ConvertAll(day => Weight(day, days.Count, day.DayNumber - from.DayNumber, dice));
        var latest = business.StartOf(until) - LastOrder;
        var instants = new List<DateTime>(orders);
        for (var i = 0; i < orders; i++)
        {
            var seconds = dice.Weighed(ByHour) * 3600 + dice.Below(3600);
            var instant = business.StartOf(days[dice.Weighed(byDay)]).AddSeconds(seconds);
            instants.Add(instant < latest ? instant : latest);
        }
        instants.Sort();
        return instants;
    }

    private static int Weight(DateOnly day, int days, int passed, Dice dice)
    {
        var growth = 100 + 45 * passed / days;
        var campaign = passed >= days / 2 && passed < days / 2 + 3 ? 160 : 100;
        return ByWeekday[(int)day.DayOfWeek] * growth * campaign / 1000 * dice.Between(80, 120) / 100;
    }
}
