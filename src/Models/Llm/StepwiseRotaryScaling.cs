namespace MmKernels.Models;

/// <summary>The prompt's length decides once: theta · alpha^(dims / (dims - 2)), alpha = max(2^ceil(log2(length / trained) + 1) - 1, 1).</summary>
/// <remarks>source: Qwen-7B, modeling_qwen.py (use_dynamic_ntk).</remarks>
public sealed record StepwiseRotaryScaling(int Trained) : RotaryScaling
{
    public override double Theta(double theta, int dims, int length)
    {
        double alpha = Math.Max(Math.Pow(2, Math.Ceiling(Math.Log2((double)length / Trained) + 1)) - 1, 1);
        return length == 0 || dims <= 2 ? theta : theta * Math.Pow(alpha, (double)dims / (dims - 2));
    }

    public override int Length(int first, int tokens, int before) => first == 0 ? tokens : before;
}
