namespace BackOffice.Web.Shared;

public static class HtmxConfig
{
    /// <summary>
    /// Nothing inline and nothing evaluated, so that the strict content policy holds; no page kept in the browser's storage;
    /// 422 swaps the form with its refusals in; any other failure goes to the alert region and leaves the page as it is.
    /// </summary>
    public const string Json = """
        {"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"historyCacheSize":0,"refreshOnHistoryMiss":true,
        "responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},
        {"code":"[45]..","swap":true,"error":true,"target":"#alert","swapOverride":"innerHTML"}]}
        """;
}
