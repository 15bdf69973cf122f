namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Bounds the recursion into nested values, which may contain themselves by way of a namespace.</summary>
internal sealed class PyDepth
{
    private const int Deepest = 200;
    private const int MostVisits = 5_000_000;
    private int depth;
    private int visits;

    public void Enter()
    {
        if (++depth > Deepest || ++visits > MostVisits)
            throw TextErrors.TemplateLimit($"RecursionError: a value is nested deeper than {Deepest} levels or has more than {MostVisits} parts");
    }

    public void Leave() => depth--;
}
