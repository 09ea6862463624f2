using System.Diagnostics;

namespace BackOffice.Web.Security;

/// <summary>
/// What the log writes beside each line of a request: its trace id, and never its address. The framework would write the path, and an order's page has the
/// order number in it, which opens the delivery (DESIGN 4).
/// </summary>
public sealed class ScopesWithoutAddresses : IExternalScopeProvider
{
    private readonly LoggerExternalScopeProvider _scopes = new();

    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (Activity.Current is { } activity)
            callback($"TraceId:{activity.TraceId}", state);
        _scopes.ForEachScope(callback, state);
    }

    public IDisposable Push(object? state) => HasAddress(state) ? _scopes.Push(null) : _scopes.Push(state);

    private static bool HasAddress(object? state) => state is IEnumerable<KeyValuePair<string, object>> values && values.Any(value => value.Key == "RequestPath");
}
