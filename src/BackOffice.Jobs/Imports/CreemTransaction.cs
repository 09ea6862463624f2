using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using BackOffice.Domain;
using BackOffice.Domain.Imports;

namespace BackOffice.Jobs.Imports;

/// <summary>Reads one transaction as Creem writes it (reference: creem.md 3.2). What we do not keep is ignored.</summary>
public static class CreemTransaction
{
    /// <summary>Reads a transaction from its text.</summary>
    /// <returns>The refusal, or null when <paramref name="transaction"/> holds the transaction.</returns>
    public static Refusal? Read(ReadOnlySpan<byte> utf8, long line, out ImportedTransaction? transaction)
    {
        transaction = null;
        if (!Utf8.IsValid(utf8))
            return new Refusal("LineNotUtf8", "");
        try
        {
            var reader = new Utf8JsonReader(utf8);
            using var json = JsonDocument.ParseValue(ref reader);
            // Throws when anything but space follows the object.
            reader.Read();
            return Read(json.RootElement, line, out transaction);
        }
        catch (JsonException)
        {
            return new Refusal("JsonLineBroken", "");
        }
    }

    /// <summary>Reads a transaction from its object.</summary>
    /// <returns>The refusal, or null when <paramref name="transaction"/> holds the transaction.</returns>
    public static Refusal? Read(JsonElement json, long line, out ImportedTransaction? transaction)
    {
        transaction = null;
        if (json.ValueKind != JsonValueKind.Object)
            return new Refusal("JsonNotAnObject", "");
        var fields = new Fields(json);
        ImportedTransaction read;
        try
        {
            read = Read(fields, line);
        }
        catch (InvalidOperationException)
        {
            // The escape of half a surrogate pair: valid JSON, but no text.
            return new Refusal("TextNotUnicode", "");
        }
        if (fields.Refusal is null)
            transaction = read with { PayloadHash = Hash(read) };
        return fields.Refusal;
    }

    /// <summary>
    /// First 16 bytes of SHA-256 over the fields in this order, whatever their order was in the object: id, status, mode, currency, amount,
    /// amount_paid, tax_amount, discount_amount, refunded_amount, order, request_id, tax_country, customer, created_at. Before each stands the
    /// number of its bytes (32 bits, little endian), -1 when it is absent. Text is UTF-8; amounts, and created_at as milliseconds since 1970, are
    /// 64 bits, little endian.
    /// </summary>
    public static byte[] Hash(ImportedTransaction transaction)
    {
        var form = new ArrayBufferWriter<byte>(512);
        Append(form, transaction.TransactionId);
        Append(form, transaction.Status);
        Append(form, transaction.Mode);
        Append(form, transaction.Currency);
        Append(form, transaction.AmountMinor);
        Append(form, transaction.AmountPaidMinor);
        Append(form, transaction.TaxMinor);
        Append(form, transaction.DiscountMinor);
        Append(form, transaction.RefundedMinor);
        Append(form, transaction.CreemOrderId);
        Append(form, transaction.RequestId);
        Append(form, transaction.TaxCountry);
        Append(form, transaction.CustomerId);
        Append(form, (transaction.CreatedAt - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond);
        return SHA256.HashData(form.WrittenSpan)[..16];
    }

    private static void Append(ArrayBufferWriter<byte> form, string? text)
    {
        AppendLength(form, text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        if (text is not null)
            form.Advance(Encoding.UTF8.GetBytes(text, form.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    private static void Append(ArrayBufferWriter<byte> form, long? number)
    {
        AppendLength(form, number is null ? -1 : sizeof(long));
        if (number is null)
            return;
        BinaryPrimitives.WriteInt64LittleEndian(form.GetSpan(sizeof(long)), number.Value);
        form.Advance(sizeof(long));
    }

    private static void AppendLength(ArrayBufferWriter<byte> form, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(form.GetSpan(sizeof(int)), length);
        form.Advance(sizeof(int));
    }

    private static ImportedTransaction Read(Fields fields, long line)
    {
        fields.RequireType("transaction");
        return new ImportedTransaction
        {
            Line = line,
            TransactionId = fields.Required("id", fields.Id("id", fields.Value("id"))),
            Mode = fields.Text("mode", 40, fields.Value("mode")),
            AmountMinor = fields.Minor("amount"),
            AmountPaidMinor = fields.Minor("amount_paid"),
            DiscountMinor = fields.Minor("discount_amount") is { } discount ? Math.Abs(discount) : null,
            Currency = fields.Currency("currency"),
            TaxCountry = fields.Country("tax_country"),
            TaxMinor = fields.Minor("tax_amount"),
            Status = fields.Required("status", fields.Text("status", 40, fields.Value("status"))),
            RefundedMinor = fields.Minor("refunded_amount"),
            CreemOrderId = fields.Reference("order"),
            CustomerId = fields.Reference("customer"),
            RequestId = fields.Text("request_id", 200, fields.Value("request_id") ?? fields.Value("checkout", "request_id")),
            CreatedAt = fields.Instant("created_at"),
            PayloadHash = [],
        };
    }

    /// <summary>Reads properties one by one and keeps the first refusal; what it answers after that is never looked at.</summary>
    private sealed class Fields(JsonElement json)
    {
        private static readonly long FirstMillisecond = Milliseconds(InstantText.FirstYear);
        private static readonly long EndMillisecond = Milliseconds(InstantText.LastYear + 1);

        public Refusal? Refusal { get; private set; }

        /// <summary>The property; null stands for absent.</summary>
        public JsonElement? Value(string name) => Value(json, name);

        /// <summary>A property of an object that may be expanded here.</summary>
        public JsonElement? Value(string name, string inner) =>
            Value(name) is { ValueKind: JsonValueKind.Object } expanded ? Value(expanded, inner) : null;

        public void RequireType(string type)
        {
            if (Value("object") is { } given && !(given.ValueKind == JsonValueKind.String && given.ValueEquals(type)))
                Refuse("object", "JsonOtherObject", Shown(given));
        }

        public string Required(string name, string? text)
        {
            if (text is null)
                Refuse(name, "FieldBlank");
            return text ?? "";
        }

        /// <summary>Text as it stands; null when it is absent or blank.</summary>
        public string? Text(string name, int longest, JsonElement? value)
        {
            if (value is { ValueKind: not JsonValueKind.String } other)
                Refuse(name, "JsonNotText", Shown(other));
            var text = value is { ValueKind: JsonValueKind.String } ? value.Value.GetString() : null;
            if (text?.Length > longest)
                Refuse(name, "TextTooLong", longest.ToString(CultureInfo.InvariantCulture));
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }

        public string? Id(string name, JsonElement? value)
        {
            var text = Text(name, 80, value);
            if (text.AsSpan().ContainsAnyExceptInRange('!', '~'))
                Refuse(name, "IdNotPlain", "80");
            return text;
        }

        /// <summary>An id, or an expanded object, which counts by its id.</summary>
        public string? Reference(string name) =>
            Value(name) is { ValueKind: JsonValueKind.Object } ? Required(name, Id(name, Value(name, "id"))) : Id(name, Value(name));

        public string? Currency(string name)
        {
            var text = Text(name, 40, Value(name));
            if (text is not null)
                Refusal ??= CurrencyText.Check(text, name);
            return text;
        }

        public string? Country(string name)
        {
            var text = Text(name, 40, Value(name));
            if (text is not null && !(text.Length == 2 && text.All(char.IsAsciiLetter)))
                Refuse(name, "CountryNotTwoLetters", Quoted.Text(text));
            return text;
        }

        /// <summary>An amount in minor units.</summary>
        public long? Minor(string name)
        {
            if (Value(name) is not { } value)
                return null;
            // 1.0 and 1e3 are no 64-bit integers to the parser either.
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var minor) && minor is >= -Money.Limit and <= Money.Limit)
                return minor;
            var isWhole = value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny(".eE");
            if (isWhole)
                Refuse(name, "MinorTooLarge", Shown(value), Money.Limit.ToString(CultureInfo.InvariantCulture));
            else
                Refuse(name, "MinorNotWhole", Shown(value));
            return null;
        }

        /// <summary>Milliseconds since 1970, or ISO 8601 text, which Creem's other objects have.</summary>
        public DateTime Instant(string name)
        {
            DateTime instant = default;
            if (Value(name) is not { } value)
                Refuse(name, "FieldBlank");
            else if (value.ValueKind == JsonValueKind.String)
                Refusal ??= InstantText.Read(Encoding.UTF8.GetBytes(value.GetString()!.Trim()), name, out instant);
            else if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
                Refuse(name, "EpochNotMilliseconds", Shown(value));
            else if (number >= FirstMillisecond && number < EndMillisecond)
                instant = DateTime.UnixEpoch.AddMilliseconds(number);
            else if (number >= FirstMillisecond / 1000 && number < EndMillisecond / 1000)
                Refuse(name, "EpochInSeconds", Shown(value), (number * 1000).ToString(CultureInfo.InvariantCulture));
            else
                Refuse(name, "EpochNotMilliseconds", Shown(value));
            return instant;
        }

        private void Refuse(string name, string code, params string[] args) => Refusal ??= new Refusal(code, name, args);

        private static JsonElement? Value(JsonElement json, string name) =>
            json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

        private static string Shown(JsonElement value) => Quoted.Text(value.GetRawText());

        private static long Milliseconds(int year) =>
            (new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
    }
}
