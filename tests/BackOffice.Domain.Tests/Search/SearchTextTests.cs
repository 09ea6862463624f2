using BackOffice.Domain.Search;

namespace BackOffice.Domain.Tests.Search;

public class SearchTextTests
{
    [Theory]
    [InlineData("AC-ZM3J-J7T7-3Q1C")]
    [InlineData("  ac-zm3j-j7t7-3q1c\t")]
    [InlineData("AC ZM3J J7T7 3QIC")]
    [InlineData("ac-zm3j-j7t7-3qlc")]
    [InlineData("ＡＣ－ＺＭ３Ｊ－Ｊ７Ｔ７－３Ｑ１Ｃ")]
    [InlineData("ACZM3JJ7T73Q1C")]
    [InlineData("A C - Z M 3 J - J 7 T 7 - 3 Q 1 C")]
    [InlineData("AC–ZM3J–J7T7–3Q1C")]
    [InlineData("ZM3J-J7T7-3Q1C")]
    [InlineData("zm3jj7t73q1c")]
    [InlineData("Hi, I paid for AC-ZM3J-J7T7-3QIC but nothing came. My account is fine.")]
    [InlineData("Hi, I paid for AC-ZM3J-J7T7-\r\n3Q1C, but nothing came")]
    [InlineData("订单号：AC-ZM3J-J7T7-3Q1C，请查询。")]
    [InlineData("AC-ZM3J-J7T7-3Q1D or AC-ZM3J-J7T7-3Q1C")]
    public void A_number_is_read_however_it_was_typed_and_within_a_sentence(string typed) => Assert.Equal(["AC-ZM3J-J7T7-3Q1C"], SearchText.Read(typed).OrderNumbers);

    [Theory]
    [InlineData("AC-ZM3J-J7T7-3Q1D", "AC-ZM3J-J7T7-3Q1D")]
    [InlineData("It is ac-zm3j-j7t7-3q1d.", "ac-zm3j-j7t7-3q1d")]
    [InlineData("AC-ZM3J-J7T7-3Q1C", null)]
    [InlineData("AC-ZM3J", null)]
    [InlineData("nothing like it", null)]
    public void A_wrong_check_character_is_told_from_no_number_at_all(string typed, string? mistyped)
    {
        var text = SearchText.Read(typed);
        Assert.Equal(mistyped, text.Mistyped);
        Assert.True(mistyped is null || text.OrderNumbers.Count == 0);
    }

    [Theory]
    [InlineData("ord_6rYaTQ2Qk", "ord_6rYaTQ2Qk")]
    [InlineData("see tran_1E86, and ch_9.", "tran_1E86 ch_9")]
    [InlineData("record_1 words_2", "")]
    public void Ids_of_Creem_are_found_among_words(string typed, string ids) => Assert.Equal(ids, string.Join(' ', SearchText.Read(typed).CreemIds));

    [Theory]
    [InlineData("Aster <Aster@Example.com>", "aster@example.com")]
    [InlineData("write to a.b+c@mail.example.com.", "a.b+c@mail.example.com")]
    [InlineData("at @ nobody", "")]
    public void Addresses_are_found_among_words(string typed, string emails) => Assert.Equal(emails, string.Join(' ', SearchText.Read(typed).Emails));

    [Theory]
    [InlineData("3f9a", "3f9a")]
    [InlineData("…2HVD", "2HVD")]
    [InlineData("..2HVD ", "2HVD")]
    [InlineData("２ＨＶＤ", "2HVD")]
    [InlineData("2HV", null)]
    [InlineData("2HVDX", null)]
    [InlineData("••••", null)]
    public void Four_characters_are_the_end_of_a_secret(string typed, string? end) => Assert.Equal(end, SearchText.Read(typed).LastFour);

    [Theory]
    [InlineData("231", 231L)]
    [InlineData("run 231", 231L)]
    [InlineData("#12", 12L)]
    [InlineData("第 231 次对账", 231L)]
    [InlineData("K1QX", 1L)]
    [InlineData("…K1QX", null)]
    [InlineData("..K1QX", null)]
    [InlineData("12 or 13", null)]
    [InlineData("9999999999999999999999", null)]
    [InlineData("ord_12", null)]
    [InlineData("-5", null)]
    public void One_figure_alone_is_a_number(string typed, long? number) => Assert.Equal(number, SearchText.Read(typed).Number);

    [Fact]
    public void Numbers_of_another_making_are_tried_as_they_stand_and_in_capitals() => Assert.Equal(["inv-7", "INV-7"], SearchText.Read(" inv-7. ").Words.Take(2));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t\n　")]
    [InlineData("\ud800")]
    public void Nothing_names_nothing(string? typed)
    {
        var text = SearchText.Read(typed);
        Assert.True(text.IsEmpty);
        Assert.Empty(text.OrderNumbers.Concat(text.Words).Concat(text.CreemIds).Concat(text.Emails));
        Assert.Null(text.LastFour);
        Assert.Null(text.Number);
    }

    [Fact]
    public void A_whole_mail_is_looked_at_to_its_limit_and_quickly()
    {
        var text = SearchText.Read(string.Concat(Enumerable.Repeat("A C-", 100_000)) + "AC-ZM3J-J7T7-3Q1C");
        Assert.Equal(SearchText.Longest, text.Text.Length);
        Assert.InRange(text.Words.Count, 0, 20);
    }
}
