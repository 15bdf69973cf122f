namespace MmKernels.Compiler;

/// <summary>What a kernel is compiled for. Equal options and equal IL give the same PTX, byte for byte.</summary>
/// <param name="Target">The PTX target, for example <c>sm_80</c>, <c>sm_90</c> or <c>sm_90a</c>.</param>
/// <param name="GroupX">Threads of a group in x where every launch has the same number: printed as <c>.reqntid</c> and folded into <c>Group.DimX</c>; 0 where launches choose.</param>
/// <param name="GroupY">Threads in y; only with <paramref name="GroupX"/>.</param>
/// <param name="GroupZ">Threads in z; only with <paramref name="GroupX"/>.</param>
/// <param name="LineInfo">Prints <c>.loc</c> lines that point to the C# source.</param>
/// <param name="Contract">
/// Turns <c>a * b + c</c> and <c>a * b - c</c> on floats into one <c>fma</c> where the product has no other use, as GPU compilers do. The choice depends on the
/// IL alone, so that results are the same on every device. Without it every operation rounds as C# does.
/// </param>
public sealed record CompileOptions(
    string Target = "sm_80", int GroupX = 0, int GroupY = 1, int GroupZ = 1, bool LineInfo = false, bool Contract = true);
