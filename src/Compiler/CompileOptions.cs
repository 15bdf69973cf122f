namespace MmKernels.Compiler;

/// <summary>How a kernel is compiled. A group size of zero leaves it open.</summary>
public sealed record CompileOptions(string Target = "sm_80", int GroupX = 0, int GroupY = 1, int GroupZ = 1, bool LineInfo = false);
