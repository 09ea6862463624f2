using BackOffice.Domain;
using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>Puts refusals into words: what was refused, where it stands, and what would be right.</summary>
public static class RefusalText
{
    /// <summary>A refusal of the whole file: "orders.csv: the file is empty."</summary>
    public static string OfFile(string file, Refusal refusal, Texts texts) => texts["Import.InFile", file, Sentence(refusal, texts)];

    /// <summary>A record that was put aside: "orders.csv, line 14, created_at: no offset. Write 2026-10-01T10:00:00+08:00."</summary>
    public static string OfRecord(string file, PutAside aside, Texts texts)
    {
        var sentence = Sentence(aside.Reason, texts);
        return aside.Reason.Field.Length == 0
            ? texts["Import.InLine", file, aside.Line, sentence]
            : texts["Import.InField", file, aside.Line, aside.Reason.Field, sentence];
    }

    private static string Sentence(Refusal refusal, Texts texts) => texts[$"Refusal.{refusal.Code}", [.. refusal.Args]];
}
