using System.Globalization;
using System.Text;
using BackOffice.Domain.Orders;

namespace BackOffice.Benchmarks;

/// <summary>The three import files of a shop of a given size, all within October 2026, the same for the same size.</summary>
internal sealed class ShopFiles(string folder, int orders)
{
    private static readonly (string Slug, long Tokens, int ListMinor, int ChargeMinor)[] Packages =
        [("trial", 5_000_000, 2200, 299), ("starter", 9_000_000, 3600, 499), ("standard", 17_000_000, 6500, 899), ("professional", 38_000_000, 13700, 1899)];

    private static readonly DateTime Start = new(2026, 9, 30, 16, 0, 0, DateTimeKind.Utc);

    public string Orders => Path.Combine(folder, "orders.csv");

    public string Deliveries => Path.Combine(folder, "deliveries.csv");

    public string Creem => Path.Combine(folder, "creem.json");

    public void Write()
    {
        using var ordersFile = Csv(Orders, "order_no,package,units,customer_email,list_currency,list_amount,charge_currency,charge_amount,tax_mode,creem_order_id,created_at");
        using var deliveriesFile = Csv(Deliveries, "order_no,kind,tokens,secret,reference,delivered_at,revoked_at");
        using var creemFile = new StreamWriter(Creem, false, new UTF8Encoding(false), 1 << 16);
        var dice = new Dice(20261001);
        for (var i = 0; i < orders; i++)
            WriteOrder(i, ref dice, ordersFile, deliveriesFile, creemFile);
    }

    private void WriteOrder(int i, ref Dice dice, StreamWriter ordersFile, StreamWriter deliveriesFile, StreamWriter creemFile)
    {
        Span<byte> bytes = stackalloc byte[11];
        dice.Fill(bytes);
        var orderNo = OrderNumber.From(bytes);
        var package = Packages[dice.Below(4)];
        var at = Start.AddMilliseconds((long)i * 31 * 86_400_000 / orders);
        var creemOrder = "ord_" + dice.Letters(22);
        var transaction = "tran_" + dice.Letters(22);
        ordersFile.WriteLine(FormattableString.Invariant(
            $"{orderNo},{package.Slug},1,buyer{i:0000000}@example.com,CNY,{package.ListMinor / 100}.00,USD,{package.ChargeMinor / 100}.{package.ChargeMinor % 100:00},inclusive,{creemOrder},{at:yyyy-MM-ddTHH:mm:ss.fff}Z"));
        var refunded = i % 100 == 0 ? package.ChargeMinor : 0;
        var paidAt = new DateTimeOffset(at.AddSeconds(30)).ToUnixTimeMilliseconds();
        creemFile.WriteLine(FormattableString.Invariant(
            $$"""{"id":"{{transaction}}","object":"transaction","mode":"prod","amount":{{package.ChargeMinor}},"amount_paid":{{package.ChargeMinor}},"tax_amount":0,"currency":"USD","type":"payment","tax_country":"US","status":"{{(refunded > 0 ? "refunded" : "paid")}}","refunded_amount":{{refunded}},"order":"{{creemOrder}}","customer":"cust_{{dice.Letters(22)}}","created_at":{{paidAt}}}"""));
        if (i % 200 == 7)
            return; // paid, not delivered
        var isKey = dice.Below(3) > 0;
        var secret = isKey ? "sk-" + dice.Letters(48) : dice.Hex(32);
        var revoked = refunded > 0 && i % 200 == 0 ? at.AddHours(1).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + "Z" : "";
        deliveriesFile.WriteLine(FormattableString.Invariant(
            $"{orderNo},{(isKey ? "api_key" : "redemption_code")},{package.Tokens},{secret},,{at.AddSeconds(35):yyyy-MM-ddTHH:mm:ss.fff}Z,{revoked}"));
    }

    private static StreamWriter Csv(string path, string header)
    {
        var writer = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 16) { NewLine = "\r\n" };
        writer.WriteLine(header);
        return writer;
    }

    /// <summary>SplitMix64: the same dice for the same seed, on every machine.</summary>
    private struct Dice(ulong seed)
    {
        private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        private ulong _state = seed;

        public int Below(int limit) => (int)(Next() % (ulong)limit);

        public void Fill(Span<byte> bytes)
        {
            foreach (ref var one in bytes)
                one = unchecked((byte)Next());
        }

        public string Letters(int length) => From(Alphanumeric, length);

        public string Hex(int length) => From(Alphanumeric.AsSpan(0, 10).ToString() + "abcdef", length);

        private string From(string alphabet, int length)
        {
            Span<char> text = stackalloc char[length];
            foreach (ref var one in text)
                one = alphabet[Below(alphabet.Length)];
            return new string(text);
        }

        private ulong Next()
        {
            unchecked
            {
                _state += 0x9E3779B97F4A7C15;
                var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
                mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
                return mixed ^ (mixed >> 31);
            }
        }
    }
}
