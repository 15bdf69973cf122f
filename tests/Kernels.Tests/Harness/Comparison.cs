using System.Globalization;

namespace MmKernels.Tests.Kernels;

/// <summary>Holds a device's bytes against the double reference.</summary>
public static class Comparison
{
    /// <summary>Null where every element is near enough, else the worst one.</summary>
    public static string? Difference(DType type, byte[] content, double[] expected, Func<double, double>? tolerance)
    {
        double[] actual = Storage.Decode(type, content);
        if (actual.Length != expected.Length) return $"{actual.Length} elements, {expected.Length} expected";
        double worst = 0;
        string? result = null;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = Error(type, actual[i], expected[i], tolerance);
            if (error <= worst) continue;
            worst = error;
            result = string.Create(CultureInfo.InvariantCulture, $"element {i} is {actual[i]:R}, expected {expected[i]:R}: {error:G3} times the tolerance");
        }
        return worst > 1 ? result : null;
    }

    /// <summary>Null where two devices gave the same bits. Which NaN an operation gives is left open by PTX, so that any two agree.</summary>
    public static string? Disagreement(DType type, byte[] cpu, byte[] interpreter)
    {
        if (cpu.AsSpan().SequenceEqual(interpreter)) return null;
        double[] x = Storage.Decode(type, cpu), y = Storage.Decode(type, interpreter);
        int[] places = Enumerable.Range(0, x.Length).Where(i => BitConverter.DoubleToInt64Bits(x[i]) != BitConverter.DoubleToInt64Bits(y[i]) && !(double.IsNaN(x[i]) && double.IsNaN(y[i]))).ToArray();
        return places.Length == 0 ? null : $"{places.Length} of {x.Length} elements, first {places[0]}: cpu {x[places[0]]:R}, interpreter {y[places[0]]:R}";
    }

    /// <summary>The error in units of what is allowed.</summary>
    public static double Error(DType type, double actual, double expected, Func<double, double>? tolerance)
    {
        if (actual.Equals(expected)) return 0;   // also NaN, infinities
        if (double.IsNaN(actual) || double.IsNaN(expected) || double.IsInfinity(actual)) return double.PositiveInfinity;
        double allowed = (tolerance?.Invoke(expected) ?? 0) + Storage.HalfUlp(type, Math.Max(Math.Abs(actual), Math.Abs(expected)));
        return allowed == 0 ? double.PositiveInfinity : Math.Abs(actual - expected) / (allowed * (1 + 1e-9));
    }
}
