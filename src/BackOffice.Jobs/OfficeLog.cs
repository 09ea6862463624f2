using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace BackOffice.Jobs;

/// <summary>
/// The log of both hosts: Serilog writes, behind the framework's own levels (<c>Logging:LogLevel</c>). One line an entry on standard output, or one JSON object
/// where <c>Logging:Console:FormatterName</c> is <c>json</c>. Times are UTC.
/// </summary>
public static class OfficeLog
{
    public static ILoggingBuilder AddOfficeLog(this ILoggingBuilder logging, IConfiguration configuration, bool toStandardError = false) =>
        logging.ClearProviders().AddProvider(Provider(sink => sink.Console(Formatter(configuration), standardErrorFromLevel: toStandardError ? LogEventLevel.Verbose : null)));

    internal static ITextFormatter Formatter(IConfiguration configuration) =>
        string.Equals(configuration["Logging:Console:FormatterName"], "json", StringComparison.OrdinalIgnoreCase) ? new RenderedCompactJsonFormatter() : new OneLine();

    internal static ILoggerProvider Provider(Func<Serilog.Configuration.LoggerSinkConfiguration, LoggerConfiguration> writeTo) =>
        new SerilogLoggerProvider(Made(writeTo), dispose: true);

    // The framework has filtered by level before anything comes here.
    private static Logger Made(Func<Serilog.Configuration.LoggerSinkConfiguration, LoggerConfiguration> writeTo) =>
        writeTo(new LoggerConfiguration().MinimumLevel.Verbose().Enrich.FromLogContext().WriteTo).CreateLogger();

    private sealed class OneLine : ITextFormatter
    {
        private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

        public void Format(LogEvent logEvent, TextWriter output)
        {
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            Message.Format(logEvent, text);
            if (logEvent.Exception is { } failure)
                text.Write($" {failure}");
            output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
            output.Write($"{Word(logEvent.Level)}: {Scalar(logEvent.Properties.GetValueOrDefault(Constants.SourceContextPropertyName))}");
            if (logEvent.Properties.GetValueOrDefault("Scope") is SequenceValue scopes)
                output.Write(string.Concat(scopes.Elements.Select(scope => $" => {OnOneLine(Scalar(scope))}")));
            output.WriteLine($" {OnOneLine(text.ToString())}");
        }

        private static string Scalar(LogEventPropertyValue? value) => value is ScalarValue { Value: { } one } ? Convert.ToString(one, CultureInfo.InvariantCulture) ?? "" : value?.ToString() ?? "";

        private static string OnOneLine(string text) => text.ReplaceLineEndings(" ");

        private static string Word(LogEventLevel level) => level switch
        {
            LogEventLevel.Verbose => "trce",
            LogEventLevel.Debug => "dbug",
            LogEventLevel.Information => "info",
            LogEventLevel.Warning => "warn",
            LogEventLevel.Error => "fail",
            _ => "crit",
        };
    }
}
