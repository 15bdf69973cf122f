namespace MmKernels.Kernels;

/// <summary>Notes which tokens a prompt has and how often the answer has each: what penalties need to know.</summary>
/// <remarks>
/// shapes  : ids I32 [tokens] into one row of marks I32 [columns]; or tokens I32 [rows], one for each row of marks [rows, columns]
/// launch  : one thread per token, group 256
/// traffic : negligible
/// numbers : a prompt's tokens set bit 0, a token of the answer adds 2. Ids outside the row are left out
/// </remarks>
public static class MarkTokensKernel
{
    /// <summary>Marks the tokens of a prompt.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [tokens].</param>
    /// <param name="marks">I32 [1, columns], cleared before the first of the prompt's tokens.</param>
    public static void MarkPrompt(this Graph g, Tensor ids, Tensor marks)
    {
        int columns = marks.Shape[^1];
        g.Require(marks.Shape.Elements == columns, marks);
        g.Launch(new KernelRef(typeof(MarkTokensKernel), nameof(Prompt)), Elements.Blocks(Elements.Count(g, ids)), Elements.GroupSize, ids, marks, (int)ids.Shape.Elements, columns);
    }

    /// <summary>Counts the newest token of each answer.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="tokens">I32 [rows].</param>
    /// <param name="marks">I32 [rows, columns].</param>
    public static void MarkTokens(this Graph g, Tensor tokens, Tensor marks)
    {
        (int rows, int columns) = marks.Shape;
        g.Require(tokens.Shape.Elements == rows, tokens, marks);
        g.Launch(new KernelRef(typeof(MarkTokensKernel), nameof(Answer)), (rows + Elements.GroupSize - 1) / Elements.GroupSize, Elements.GroupSize, tokens, marks, rows, columns);
    }

    internal static void Prompt(In<int> ids, InOut<int> marks, int tokens, int columns)
    {
        int end = Elements.End;
        for (int i = Elements.First; i < tokens && i < end; i += Warp.WarpSize)
        {
            int id = ids[i];
            if (id >= 0 && id < columns) Atomic.Or(ref marks[id], 1);
        }
    }

    internal static void Answer(In<int> tokens, InOut<int> marks, int rows, int columns)
    {
        int row = Grid.IdxX * Elements.GroupSize + Group.IdxX;
        if (row >= rows) return;
        int token = tokens[row];
        if (token >= 0 && token < columns) marks[(long)row * columns + token] += 2;
    }

    /// <summary>The marks of a prompt and an answer.</summary>
    public static void Reference(ReadOnlySpan<int> prompt, ReadOnlySpan<int> answer, Span<int> marks)
    {
        foreach (int id in prompt)
            if (id >= 0 && id < marks.Length) marks[id] |= 1;
        foreach (int id in answer)
            if (id >= 0 && id < marks.Length) marks[id] += 2;
    }
}
