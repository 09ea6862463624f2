using System.Text.Json;

namespace BackOffice.Jobs.Imports;

/// <summary>Objects in an array or in the items of pages, or one after another, however they are spread over lines.</summary>
internal sealed class JsonValues(ByteWindow window, int longest) : JsonObjects(window)
{
    private enum Place { Outside, InPage, InItems }

    private enum Step { Structure, Value, NotWhole }

    private JsonReaderState state = new(JsonObjectsFile.Options with { AllowMultipleValues = true });
    private Place place;
    private bool hasEnded;

    /// <summary>
    /// Whether the object on whose brace the reader stands has an array <c>items</c>; null when it is not whole and none was seen.
    /// When it has not, the reader stands on its end afterwards.
    /// </summary>
    public static bool? IsPage(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
                return false;
            var isItems = IsItems(ref reader);
            if (!reader.Read())
                return null;
            if (isItems && reader.TokenType == JsonTokenType.StartArray)
                return true;
            if (!reader.TrySkip())
                return null;
        }
        return null;
    }

    // No escape is looked into: half a surrogate pair would throw.
    private static bool IsItems(ref Utf8JsonReader reader) => !reader.ValueIsEscaped && reader.ValueTextEquals("items"u8);

    protected override bool ReadNext()
    {
        while (!hasEnded)
        {
            Window.Fill();
            var reader = new Utf8JsonReader(Window.Ahead, isFinalBlock: false, state);
            try
            {
                if (Find(ref reader))
                    return true;
            }
            catch (JsonException broken)
            {
                return End((broken.LineNumber ?? 0) + 1, "JsonBroken");
            }
        }
        return false;
    }

    private bool Find(ref Utf8JsonReader reader)
    {
        while (true)
        {
            var before = reader;
            var step = Next(ref reader, out var start);
            if (step == Step.NotWhole)
                return GoOn(in before);
            if (step == Step.Structure)
                continue;
            var end = (int)reader.BytesConsumed;
            if (end - start > longest)
                return End(LineAt(start), "JsonObjectTooLong");
            state = reader.CurrentState;
            return Found(start, end);
        }
    }

    private Step Next(ref Utf8JsonReader reader, out int start)
    {
        start = 0;
        if (!reader.Read())
            return Step.NotWhole;
        start = (int)reader.TokenStartIndex;
        switch (place, reader.TokenType)
        {
            case (Place.Outside, JsonTokenType.StartArray) when reader.CurrentDepth == 0:
            case (Place.Outside, JsonTokenType.EndArray):
                return Step.Structure;
            case (Place.Outside, JsonTokenType.StartObject):
                var peek = reader;
                var isPage = IsPage(ref peek);
                if (isPage == true)
                    place = Place.InPage;
                else
                    reader = peek;
                return isPage is null ? Step.NotWhole : isPage.Value ? Step.Structure : Step.Value;
            case (Place.InPage, JsonTokenType.PropertyName) when IsItems(ref reader):
                return Step.Structure;
            case (Place.InPage, JsonTokenType.StartArray):
                place = Place.InItems;
                return Step.Structure;
            case (Place.InPage, JsonTokenType.EndObject):
                place = Place.Outside;
                return Step.Structure;
            case (Place.InPage, _):
                return reader.TrySkip() ? Step.Structure : Step.NotWhole;
            case (Place.InItems, JsonTokenType.EndArray):
                place = Place.InPage;
                return Step.Structure;
            default:
                return reader.TrySkip() ? Step.Value : Step.NotWhole;
        }
    }

    /// <summary>What lies behind <paramref name="before"/> is not whole in the window: more is read, or the file ends.</summary>
    private bool GoOn(in Utf8JsonReader before)
    {
        var passed = (int)before.BytesConsumed;
        if (Window.HasAll)
        {
            var isWhole = !Window.Ahead[passed..].ContainsAnyExcept(" \t\r\n"u8) && place == Place.Outside && before.CurrentDepth == 0
                && before.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject;
            if (!isWhole)
                return End(LineAt(Window.Ahead.TrimEnd(" \t\r\n"u8).Length), "JsonTruncated");
            Window.Pass(Window.Ahead.Length);
            hasEnded = true;
            return false;
        }
        if (passed == 0)
            return End(LineAt(Math.Max(0, Window.Ahead.IndexOfAnyExcept(" \t\r\n,"u8))), "JsonObjectTooLong");
        Window.Pass(passed);
        state = before.CurrentState;
        return false;
    }

    private bool End(long line, string code)
    {
        hasEnded = true;
        return Refused(line, code);
    }

    private long LineAt(int place) => Window.Line + Window.Ahead[..place].Count((byte)'\n');
}
