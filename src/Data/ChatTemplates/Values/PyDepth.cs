namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Bounds the recursion into nested values, which may contain themselves by way of a namespace.</summary>
internal sealed class PyDepth
{
    private const int Deepest = 200;
    private int depth;

    /// <summary>Goes into a value of so many parts.</summary>
    public void Enter(int parts)
    {
        Budget.Current?.Step(1 + (parts >> 2));
        if (++depth > Deepest) throw TextErrors.TemplateLimit($"RecursionError: a value is nested deeper than {Deepest} levels");
    }

    public void Leave() => depth--;
}
