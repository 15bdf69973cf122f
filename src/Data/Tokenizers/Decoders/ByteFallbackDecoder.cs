using System.Globalization;
using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Runs of byte tokens &lt;0x..&gt; become UTF-8 text; in a run that is not valid UTF-8 every byte becomes U+FFFD.</summary>
internal sealed record ByteFallbackDecoder : Decoder
{
    private static readonly UTF8Encoding Strict = new(false, true);

    public override List<string> Apply(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (string token in tokens)
        {
            if (ByteOf(token) is byte b)
            {
                run.Add(b);
                continue;
            }
            Flush(run, result);
            result.Add(token);
        }
        Flush(run, result);
        return result;
    }

    private static void Flush(List<byte> run, List<string> result)
    {
        if (run.Count == 0) return;
        try { result.Add(Strict.GetString([.. run])); }
        catch (DecoderFallbackException) { result.Add(new string('\uFFFD', run.Count)); }
        run.Clear();
    }

    private static byte? ByteOf(string token)
    {
        if (token.Length != 6 || !token.StartsWith("<0x", StringComparison.Ordinal) || token[5] != '>') return null;
        ReadOnlySpan<char> digits = token.AsSpan(3, 2);
        if (digits[0] == '+') digits = digits[1..];   // the reference's number parser takes a sign
        return byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value) ? value : null;
    }
}
