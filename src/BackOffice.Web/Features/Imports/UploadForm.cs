using System.Text;
using BackOffice.Web.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace BackOffice.Web.Features.Imports;

/// <summary>The parts of an upload as they arrive: the token and the kind first, then the file, which is read as it comes.</summary>
public sealed class UploadForm
{
    private const int LongestField = 4096;
    private const int MostFields = 8;

    private readonly MultipartReader _parts;

    private UploadForm(MultipartReader parts) => _parts = parts;

    /// <summary>What the person said the file is; null when the file is to tell.</summary>
    public string? Kind { get; private set; }

    /// <summary>Of an invoice: whose it is; null when nothing is typed.</summary>
    public string? Upstream { get; private set; }

    /// <summary>Of an invoice: the month it is of.</summary>
    public string? Month { get; private set; }

    /// <summary>Of an invoice: the total it states.</summary>
    public string? Total { get; private set; }

    /// <summary>Of usage: the console's name.</summary>
    public string? SourceName { get; private set; }

    /// <summary>The file's name, as the browser gives it.</summary>
    public string FileName { get; private set; } = "";

    /// <summary>The file, to be read once; null when none was chosen.</summary>
    public Stream? File { get; private set; }

    /// <summary>Null: the request is no such form.</summary>
    public static UploadForm? Of(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return null;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return string.IsNullOrWhiteSpace(boundary) || boundary.Length > 100 ? null : new UploadForm(new MultipartReader(boundary, request.Body));
    }

    /// <summary>Reads up to the beginning of the file. The token counts as if it had come in its header, where htmx sends it.</summary>
    /// <returns>False: the form does not come from a page of ours.</returns>
    /// <exception cref="InvalidDataException">The request is broken.</exception>
    public async Task<bool> ReadToFileAsync(HttpContext context, IAntiforgery antiforgery, CancellationToken token)
    {
        for (var field = 0; field < MostFields && await _parts.ReadNextSectionAsync(token) is { } part; field++)
        {
            if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition))
                continue;
            if (disposition.IsFileDisposition())
            {
                FileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? "";
                File = FileName.Length == 0 ? null : part.Body;
                break;
            }
            var value = await ReadFieldAsync(part.Body, token);
            switch (HeaderUtilities.RemoveQuotes(disposition.Name).Value)
            {
                case Antiforgery.FormField:
                    context.Request.Headers[Antiforgery.Header] = value;
                    break;
                case "kind":
                    Kind = value.Length == 0 ? null : value;
                    break;
                case "upstream":
                    Upstream = value;
                    break;
                case "month":
                    Month = value;
                    break;
                case "total":
                    Total = value;
                    break;
                case "source_name":
                    SourceName = value;
                    break;
            }
        }
        // Without a token in the header it would look for one in the form, which is half read.
        return !string.IsNullOrEmpty(context.Request.Headers[Antiforgery.Header]) && await antiforgery.IsRequestValidAsync(context);
    }

    private static async Task<string> ReadFieldAsync(Stream part, CancellationToken token)
    {
        var bytes = new byte[LongestField + 1];
        var read = await part.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, token);
        return read <= LongestField ? Encoding.UTF8.GetString(bytes, 0, read) : throw new InvalidDataException("A field of the form is too long.");
    }
}

/// <summary>The form as it was typed, when it was refused.</summary>
/// <param name="Upstreams">Whose an invoice can be.</param>
public sealed record UploadPage(IReadOnlyList<string> Upstreams)
{
    public string? Kind { get; init; }

    public string? Upstream { get; init; }

    public string? Month { get; init; }

    public string? Total { get; init; }

    public string? SourceName { get; init; }
}
