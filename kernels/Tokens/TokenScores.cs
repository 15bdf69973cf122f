namespace MmKernels.Kernels;

/// <summary>Inside a kernel: a row of logits, less the penalties of tokens that occurred; what the row's request asks for.</summary>
/// <remarks>
/// A token's mark is 1 where the prompt has it, plus 2 for each time that the answer has it; negative where it may not be chosen.
/// source: repetition as in Keskar et al. 2019, arXiv:1909.05858, over prompt and answer; presence and frequency as in vLLM, over the answer alone
/// </remarks>
internal readonly struct TokenScores<T>(In<T> logits, In<int> marks, In<float> chances, int columns) where T : unmanaged, IElement<T>
{
    private readonly In<T> logits = logits;
    private readonly In<int> marks = marks;      // no elements where nothing is penalised
    private readonly float repetition = chances[SamplingLayout.Repetition];
    private readonly float presence = chances[SamplingLayout.Presence];
    private readonly float frequency = chances[SamplingLayout.Frequency];

    /// <summary>Tokens of the vocabulary.</summary>
    public readonly int Columns = columns;

    public readonly float Temperature = chances[SamplingLayout.Temperature];

    /// <summary>The score of a token.</summary>
    public float this[int token]
    {
        get
        {
            float score = logits[token];
            if (marks.View.IntLength == 0) return score;
            int mark = marks[token], times = mark >> 1;
            float repeated = score < 0f ? score * repetition : score / repetition;
            score = mark != 0 ? repeated : score;
            score = times > 0 ? XMath.Fma(-frequency, times, score) - presence : score;
            return mark < 0 ? float.NegativeInfinity : score;
        }
    }
}
