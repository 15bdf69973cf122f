namespace MmKernels.Data.Tokenizers;

/// <summary>Only trims offsets.</summary>
internal sealed record ByteLevelProcessor(OffsetTrimmer? Trimmer) : PostProcessor
{
    public override int Added(bool pair) => 0;

    public override List<Encoding> Apply(List<Encoding> parts, bool addSpecialTokens) => Trimmer is null ? parts : parts.ConvertAll(Trimmer.Apply);
}
