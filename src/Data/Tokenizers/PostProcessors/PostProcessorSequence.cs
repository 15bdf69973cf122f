namespace MmKernels.Data.Tokenizers;

/// <summary>Several post-processors, one after the other.</summary>
internal sealed record PostProcessorSequence(PostProcessor[] Stages) : PostProcessor
{
    public override int Added(bool pair) => Stages.Sum(stage => stage.Added(pair));

    public override List<Encoding> Apply(List<Encoding> parts, bool addSpecialTokens)
    {
        foreach (PostProcessor stage in Stages) parts = stage.Apply(parts, addSpecialTokens);
        return parts;
    }
}
