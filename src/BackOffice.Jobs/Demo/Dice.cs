namespace BackOffice.Jobs.Demo;

/// <summary>
/// Dice that fall alike on every machine for one seed (SplitMix64: Steele, Lea and Flood, 2014), so that a demo shop can be made again. Foreseeable by
/// design: never for the secrets of a real shop.
/// </summary>
internal sealed class Dice
{
    private ulong _state;

    /// <param name="seeds">Together the seed.</param>
    public Dice(params ReadOnlySpan<long> seeds)
    {
        foreach (var seed in seeds)
            _state = Next() ^ unchecked((ulong)seed);
    }

    public ulong Next()
    {
        unchecked
        {
            var mixed = _state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }

    /// <summary>0 to one less than the limit.</summary>
    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>Both ends included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    /// <summary>The place of a weight, each as often as it weighs.</summary>
    public int Weighed(IReadOnlyList<int> weights)
    {
        var thrown = Below(weights.Sum());
        var place = 0;
        while (thrown >= weights[place])
            thrown -= weights[place++];
        return place;
    }

    public string Text(int length, string alphabet) => string.Create(length, alphabet, (text, letters) =>
    {
        foreach (ref var letter in text)
            letter = letters[Below(letters.Length)];
    });
}
