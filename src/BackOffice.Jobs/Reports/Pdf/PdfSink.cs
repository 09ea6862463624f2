using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace BackOffice.Jobs.Reports.Pdf;

/// <summary>Where Skia writes to. An exception may not pass through native code, it would end the process: a full disk is kept and thrown afterwards.</summary>
internal sealed class PdfSink(Stream stream) : SKAbstractManagedWStream
{
    private byte[] buffer = new byte[16_384];
    private long written;
    private ExceptionDispatchInfo? failure;

    public void ThrowIfFailed() => failure?.Throw();

    protected override bool OnWrite(IntPtr bytes, IntPtr size)
    {
        if (failure is not null)
            return false;
        try
        {
            if (size > buffer.Length)
                buffer = new byte[size];
            Marshal.Copy(bytes, buffer, 0, (int)size);
            stream.Write(buffer, 0, (int)size);
            written += size;
            return true;
        }
        catch (Exception exception)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
            return false;
        }
    }

    protected override void OnFlush()
    {
    }

    protected override IntPtr OnBytesWritten() => (IntPtr)written;
}
