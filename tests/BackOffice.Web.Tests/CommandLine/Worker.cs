using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace BackOffice.Web.Tests.CommandLine;

/// <summary>The built worker as a process of its own, as an operator starts it: Production, its data in a test's folder.</summary>
internal sealed class Worker : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private Worker(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Beside the tests: the worker is a reference of theirs.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "BackOffice.Jobs.dll");

    public static string Dotnet { get; } = FindDotnet();

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public static Worker Start(ShopFolder folder, params string[] arguments) => new(StartInfo(folder, [], [Dotnet, Program, .. arguments]));

    /// <summary>Runs a verb to its end.</summary>
    public static Task<Answer> RunAsync(ShopFolder folder, params string[] arguments) => RunAsync(folder, [], arguments);

    /// <summary>Runs a verb with settings in its environment.</summary>
    public static async Task<Answer> RunAsync(ShopFolder folder, (string Name, string Value)[] settings, params string[] arguments)
    {
        using var worker = new Worker(StartInfo(folder, settings, [Dotnet, Program, .. arguments]));
        return await worker.AnswerAsync();
    }

    /// <summary>Runs a verb that reads standard input.</summary>
    public static async Task<Answer> RunWithInputAsync(ShopFolder folder, string input, params string[] arguments)
    {
        var start = StartInfo(folder, [], [Dotnet, Program, .. arguments]);
        start.RedirectStandardInput = true;
        using var worker = new Worker(start);
        await worker._process.StandardInput.WriteAsync(input);
        worker._process.StandardInput.Close();
        return await worker.AnswerAsync();
    }

    /// <summary>Runs a command that starts the worker in circumstances of its own.</summary>
    public static async Task<Answer> RunCommandAsync(ShopFolder folder, params string[] command)
    {
        using var worker = new Worker(StartInfo(folder, [], command));
        return await worker.AnswerAsync();
    }

    public async Task<Answer> AnswerAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Longest);
        await _process.WaitForExitAsync(patience.Token);
        return new Answer(_process.ExitCode, (await _output).ReplaceLineEndings("\n"), (await _error).ReplaceLineEndings("\n"));
    }

    /// <summary>SIGKILL, or what the system has instead: the process gets no say.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(ShopFolder folder, (string Name, string Value)[] settings, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        foreach (var name in start.Environment.Keys.Where(name => name.Contains("__", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        start.Environment["Data__Directory"] = folder.Path;
        foreach (var limit in ShopFolder.Limits)
            start.Environment[limit.Replace(":", "__", StringComparison.Ordinal)] = "off";
        start.Environment["Database__SlowSqlMilliseconds"] = "3600000"; // A busy machine is slow, and says so on standard error.
        start.Environment["DOTNET_TieredPGO"] = "0"; // A process that lives for a second has no use for it.
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        return start;
    }

    private static string FindDotnet()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host))
            return host;
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var besideTheRuntime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(besideTheRuntime) ? besideTheRuntime : name;
    }
}

/// <param name="Status">0 done, 1 refused or failed, 2 bad usage.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Answer(int Status, string Output, string Error)
{
    /// <summary>Refused or failed, with this one line on standard error and nothing on standard output.</summary>
    public void IsRefused(params string[] words)
    {
        Assert.Equal(1, Status);
        Assert.Empty(Output);
        var line = Assert.Single(Lines());
        Assert.All(words, word => Assert.Contains(word, line));
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
    }

    /// <summary>Lines on standard error.</summary>
    public string[] Lines() => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Done, nothing on standard error.</summary>
    public Answer IsDone()
    {
        Assert.Equal("", Error);
        Assert.Equal(0, Status);
        return this;
    }

    /// <summary>The one JSON document on standard output.</summary>
    public JsonElement Json()
    {
        using var document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }
}
