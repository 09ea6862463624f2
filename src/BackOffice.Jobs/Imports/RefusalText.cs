using BackOffice.Domain;
using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>Puts refusals into words: what was refused, where it stands, and what would be right.</summary>
public static class RefusalText
{
    /// <summary>A refusal of the whole file: "orders.csv: the file is empty."</summary>
    public static string OfFile(string file, Refusal refusal, Texts texts) => texts["Import.InFile", file, texts.Of(refusal)];

    /// <summary>A record that was put aside: "orders.csv, line 14, created_at: no offset. Write 2026-10-01T10:00:00+08:00."</summary>
    public static string OfRecord(string file, PutAside aside, Texts texts)
    {
        var sentence = texts.Of(aside.Reason);
        return aside.Reason.Field.Length == 0
            ? texts["Import.InLine", file, aside.Line, sentence]
            : texts["Import.InField", file, aside.Line, aside.Reason.Field, sentence];
    }
}
