using System.Collections.Frozen;

namespace BackOffice.Domain;

/// <summary>The currencies in use (ISO 4217) and the decimals of their minor unit.</summary>
public static class Currencies
{
    private const string TwoDecimals =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD " +
        "EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL " +
        "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR " +
        "SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";

    private static readonly FrozenDictionary<string, int> DecimalsByCode =
        TwoDecimals.Split(' ').Select(code => (code, decimals: 2))
            .Concat("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".Split(' ').Select(code => (code, decimals: 0)))
            .Concat("BHD IQD JOD KWD LYD OMR TND".Split(' ').Select(code => (code, decimals: 3)))
            .ToFrozenDictionary(pair => pair.code, pair => pair.decimals, StringComparer.Ordinal);

    /// <summary>Whether the code, in capitals, is a currency in use.</summary>
    public static bool IsKnown(string code) => DecimalsByCode.ContainsKey(code);

    /// <summary>Decimals of the minor unit: 2 for most, 0 for JPY, 3 for KWD; 2 for a code that is not known.</summary>
    public static int Decimals(string code) => DecimalsByCode.GetValueOrDefault(code, 2);
}
