namespace MmKernels.Models;

/// <summary>Beyond the trained context the base grows with the length: theta · (factor · length / trained - (factor - 1))^(dims / (dims - 2)).</summary>
/// <remarks>
/// Every new token uses the base of its length, tokens before keep theirs, as the reference does.
/// source: NTK-aware scaling as transformers and InternLM2 have it (rope_type dynamic).
/// </remarks>
public sealed record DynamicRotaryScaling(double Factor, int Trained) : RotaryScaling
{
    public override double Theta(double theta, int dims, int length)
        => length <= Trained || dims <= 2 ? theta : theta * Math.Pow(Factor * length / Trained - (Factor - 1), (double)dims / (dims - 2));

    public override int Length(int first, int tokens, int before) => Math.Max(first + tokens, Trained);
}
