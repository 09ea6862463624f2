using System.Numerics;
using System.Security.Cryptography;
using BackOffice.Domain.Codes;
using BackOffice.Domain.Orders;

namespace BackOffice.Domain.Tests.Codes;

public sealed class RedemptionCodeTests
{
    // The vectors of the rules.
    [Theory]
    [InlineData("000000000000000", '0')]
    [InlineData("000000000000001", '2')]
    [InlineData("ZZZZZZZZZZZZZZZ", 'N')]
    [InlineData("0123456789ABCDE", '4')]
    [InlineData("7K4M9QXT2HVD5RW", 'K')]
    public void A_friendly_code_ends_in_the_check_character_of_the_rules(string body, char check)
    {
        var dice = body.Select(character => (byte)PublicCode.Alphabet.IndexOf(character, StringComparison.Ordinal)).Append((byte)0).ToArray();
        var code = RedemptionCode.Make(CodeFormat.Friendly, "", dice);
        Assert.Equal(body + check, code.Replace("-", "", StringComparison.Ordinal));
        Assert.Equal([4, 4, 4, 4], code.Split('-').Select(group => group.Length));
    }

    [Fact]
    public void Every_single_wrong_character_and_every_swap_is_a_typing_error()
    {
        for (var i = 0; i < 200; i++)
        {
            var code = RedemptionCode.Make(CodeFormat.Friendly, "", Dice(i)).Replace("-", "", StringComparison.Ordinal);
            for (var place = 0; place < code.Length; place++)
            {
                foreach (var other in PublicCode.Alphabet.Where(character => character != code[place]))
                    Assert.Equal(CodeReading.Mistyped, RedemptionCode.Read(With(code, (place, other))).Reading);
                for (var second = place + 1; second < code.Length; second++)
                {
                    if (code[place] != code[second])
                        Assert.Equal(CodeReading.Mistyped, RedemptionCode.Read(With(code, (place, code[second]), (second, code[place]))).Reading);
                }
            }
        }
    }

    [Theory]
    [InlineData(CodeFormat.Console, "")]
    [InlineData(CodeFormat.Friendly, "")]
    [InlineData(CodeFormat.Friendly, "A")]
    [InlineData(CodeFormat.Friendly, "SOLD26")]
    public void A_code_is_read_as_what_was_made_and_its_canonical_form_stays_what_it_is(CodeFormat format, string prefix)
    {
        for (var i = 0; i < 2_000; i++)
        {
            var code = RedemptionCode.Make(format, prefix, Dice(i));
            var read = RedemptionCode.Read(code);
            Assert.Equal(CodeReading.Whole, read.Reading);
            Assert.True(read.Fits(prefix));
            Assert.Equal(SecretText.Canonical(DeliveryKinds.RedemptionCode, code), read.Canonical);
            Assert.Equal(read.Canonical, RedemptionCode.Read(read.Canonical).Canonical);
            Assert.True(code.Length <= 32); // the console's column
        }
    }

    [Theory]
    [InlineData("7K4M-9QXT-2HVD-5RWK")]
    [InlineData(" 7k4m 9qxt 2hvd 5rwk\t")]
    [InlineData("7K4M9QXT2HVD5RWK")]
    [InlineData("７Ｋ４Ｍ－９ＱＸＴ－２ＨＶＤ－５ＲＷＫ")]
    [InlineData("7K4M–9QXT–2HVD–5RWK")]
    public void However_it_is_typed_it_is_the_same_code(string typed) => Assert.Equal("7K4M9QXT2HVD5RWK", RedemptionCode.Read(typed).Canonical);

    [Theory]
    [InlineData("oooo-oooo-oooo-oool", "0000000000000001", CodeReading.Mistyped)]
    [InlineData("OOOO-OOOO-OOOO-OOI2", "0000000000000012", CodeReading.Whole)]
    [InlineData("oooo-oooo-oooo-ool2", "0000000000000012", CodeReading.Whole)]
    public void O_is_read_as_0_and_I_and_L_as_1(string typed, string canonical, CodeReading reading) =>
        Assert.Equal((reading, reading == CodeReading.Whole ? canonical : ""), (RedemptionCode.Read(typed).Reading, RedemptionCode.Read(typed).Canonical));

    [Fact]
    public void Hexadecimal_codes_are_read_in_any_case_and_not_with_hyphens()
    {
        const string code = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
        Assert.Equal(code, RedemptionCode.Read($"  {code.ToUpperInvariant()}\n").Canonical);
        Assert.Equal(CodeReading.NoCode, RedemptionCode.Read(code[..8] + "-" + code[8..]).Reading);
        Assert.Equal(CodeReading.NoCode, RedemptionCode.Read(code + "0").Reading);
    }

    [Theory]
    [InlineData("SOLD", "50LD7K4M9QXT2HVD5RWK", false)]
    [InlineData("SOLD", "sold-7K4M-9QXT-2HVD-5RWK", true)]
    [InlineData("SOLD", "S0LD7K4M9QXT2HVD5RWK", true)]
    [InlineData("SOLD", "7K4M-9QXT-2HVD-5RWK", true)]
    [InlineData("", "SOLD-7K4M-9QXT-2HVD-5RWK", false)]
    public void What_stands_before_a_code_is_its_batchs_prefix_or_nothing(string prefix, string typed, bool fits)
    {
        var read = RedemptionCode.Read(typed);
        Assert.Equal((CodeReading.Whole, fits), (read.Reading, read.Fits(prefix)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7K4M")]
    [InlineData("7K4M-9QXT-2HVD-5RW?")]
    [InlineData("SOLDOUT-7K4M-9QXT-2HVD-5RWK")]
    public void What_is_nothing_like_a_code_is_none(string typed) => Assert.Equal(CodeReading.NoCode, RedemptionCode.Read(typed).Reading);

    [Fact]
    public void Half_a_character_is_no_code() => Assert.Equal(CodeReading.NoCode, RedemptionCode.Read(new string('\ud800', 16)).Reading);

    [Theory]
    [InlineData("vip", "VIP"), InlineData(" a1 ", "A1"), InlineData("ABCDEF", "ABCDEF")]
    [InlineData("", null), InlineData("ABCDEFG", null), InlineData("A-B", null), InlineData("É", null), InlineData("会员", null), InlineData("Ａ", null)]
    public void A_prefix_is_one_to_six_letters_and_digits(string typed, string? prefix) => Assert.Equal(prefix, RedemptionCode.PrefixOf(typed));

    [Theory]
    [InlineData(CodeFormat.Console, "0123456789abcdef", 32)]
    [InlineData(CodeFormat.Friendly, PublicCode.Alphabet, 15)]
    public void No_character_is_more_likely_than_another(CodeFormat format, string alphabet, int places)
    {
        const int Codes = 20_000;
        var counts = new int[places, alphabet.Length];
        for (var i = 0; i < Codes; i++)
        {
            var code = RedemptionCode.Make(format, "", Dice(i)).Replace("-", "", StringComparison.Ordinal);
            for (var place = 0; place < places; place++)
                counts[place, alphabet.IndexOf(code[place], StringComparison.Ordinal)]++;
        }
        var expected = (double)Codes / alphabet.Length;
        var squared = Enumerable.Range(0, places).Sum(place => Enumerable.Range(0, alphabet.Length).Sum(value => Math.Pow(counts[place, value] - expected, 2) / expected));
        var freedom = places * (alphabet.Length - 1);
        // Four standard deviations; a bias of one in a hundred is far outside.
        Assert.InRange(squared, freedom - (4 * Math.Sqrt(2 * freedom)), freedom + (4 * Math.Sqrt(2 * freedom)));
    }

    [Fact]
    public void Too_few_dice_and_a_prefix_of_a_console_code_are_refused_without_saying_them()
    {
        Assert.Throws<ArgumentException>(() => RedemptionCode.Make(CodeFormat.Console, "", new byte[15]));
        Assert.Throws<ArgumentException>(() => RedemptionCode.Make(CodeFormat.Console, "VIP", new byte[16]));
    }

    [Theory]
    [InlineData(CodeFormat.Console, 1, "340282366920938463463374607431768211456")]
    [InlineData(CodeFormat.Friendly, 1, "37778931862957161709568")]
    [InlineData(CodeFormat.Friendly, 1_000_000, "37778931862957161")]
    [InlineData(CodeFormat.Friendly, 3, "12592977287652387236522")]
    public void The_odds_of_a_guess_are_the_space_over_the_codes_rounded_down(CodeFormat format, long codes, string oneIn)
    {
        Assert.Equal(BigInteger.Parse(oneIn, System.Globalization.CultureInfo.InvariantCulture), CodeStrength.Of(format, codes).OneIn);
        Assert.Equal(0, CodeStrength.Of(format, codes).Lacking);
    }

    [Theory]
    [InlineData(32, 9, 1, 0)] // 2^45
    [InlineData(32, 9, 2, 1)]
    [InlineData(32, 9, 32, 1)]
    [InlineData(32, 9, 33, 2)]
    [InlineData(32, 8, 10_000_000, 6)]
    [InlineData(32, 15, 1L << 30, 0)]
    [InlineData(32, 15, (1L << 30) + 1, 1)]
    [InlineData(10, 6, 1, 8)]
    public void A_weak_code_lacks_so_many_characters(int alphabet, int characters, long codes, int lacking) =>
        Assert.Equal(lacking, new CodeStrength(alphabet, characters, codes).Lacking);

    [Fact]
    public void What_is_printed_of_a_reading_holds_no_code() => Assert.DoesNotContain("7K4M", RedemptionCode.Read("7K4M-9QXT-2HVD-5RWK").ToString(), StringComparison.Ordinal);

    // The same with every run.
    private static byte[] Dice(int throwNo) => SHA256.HashData(BitConverter.GetBytes(throwNo))[..RedemptionCode.Dice];

    private static string With(string code, params (int Place, char Character)[] changes)
    {
        var characters = code.ToCharArray();
        foreach (var (place, character) in changes)
            characters[place] = character;
        return new string(characters);
    }
}
