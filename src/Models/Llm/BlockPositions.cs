namespace MmKernels.Models;

/// <summary>
/// Positions of GLM: the context before the start token counts on and is seen by every token; from the start token on the position stays at that of the
/// mask, and a second one counts 1, 2, ….
/// </summary>
/// <param name="General">The id of [gMASK], whose first place counts.</param>
/// <param name="Mask">The id of [MASK], which counts where there is no [gMASK].</param>
/// <param name="Start">The id of the start token.</param>
/// <remarks>source: Du et al. 2021, arXiv:2103.10360; ChatGLM-6B, modeling_chatglm.py</remarks>
public sealed record BlockPositions(int General, int Mask, int Start)
{
    /// <summary>Rows of the context: those before the first start token, all without one.</summary>
    public int Context(ReadOnlySpan<int> ids) => ids.IndexOf(Start) is >= 0 and var start ? start : ids.Length;

    /// <summary>The row of the mask.</summary>
    public int MaskRow(ReadOnlySpan<int> ids) => Math.Max(0, ids.IndexOf(General) is >= 0 and var general ? general : ids.IndexOf(Mask));
}
