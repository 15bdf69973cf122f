namespace MmKernels.Compiler;

/// <summary>A kernel as PTX.</summary>
/// <param name="Name">Name of the entry.</param>
/// <param name="Ptx">Text of the module.</param>
public sealed record CompiledKernel(string Name, string Ptx);
