namespace MmKernels.Data.Tokenizers;

/// <summary>&lt;s&gt; A &lt;/s&gt;, and for a pair &lt;/s&gt; B &lt;/s&gt;; every segment id is 0.</summary>
internal sealed record RobertaProcessor(SpecialToken Start, SpecialToken Separator, OffsetTrimmer? Trimmer) : PostProcessor
{
    public override int Added(bool pair) => pair ? 4 : 2;

    public override List<Encoding> Apply(List<Encoding> parts, bool addSpecialTokens)
    {
        if (Trimmer is not null) parts = parts.ConvertAll(Trimmer.Apply);
        var result = new List<Encoding>();
        for (int i = 0; i < parts.Count; i++)
        {
            if (addSpecialTokens) result.Add((i == 0 ? Start : Separator).Encode());
            result.Add(parts[i].With(0, i));
            if (addSpecialTokens) result.Add(Separator.Encode());
        }
        return result;
    }
}
