namespace MmKernels.Models;

/// <summary>Every frequency divided by a factor of its own, from one list up to the trained context and from another beyond it.</summary>
/// <remarks>source: Ding et al. 2024, arXiv:2402.13753 (LongRoPE), as Phi-3 has it.</remarks>
public sealed record LongRotaryScaling(IReadOnlyList<float> Short, IReadOnlyList<float> Long, int Trained) : RotaryScaling
{
    public override int? Border => Trained;

    public override void Apply(Span<float> frequencies, int length)
    {
        IReadOnlyList<float> factors = length > Trained ? Long : Short;
        for (int j = 0; j < frequencies.Length; j++) frequencies[j] /= factors[j];
    }

    public override int Length(int first, int tokens, int before) => first + tokens > Trained ? Trained + 1 : Trained;
}
