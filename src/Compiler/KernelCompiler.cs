using System.Reflection;

namespace MmKernels.Compiler;

/// <summary>Compiles kernels from their IL to PTX.</summary>
public sealed class KernelCompiler
{
    /// <summary>Compiles a closed static method that returns nothing.</summary>
    public CompiledKernel Compile(MethodInfo kernel, CompileOptions options) => throw new MmkException(299, $"{kernel} for {options}: the compiler has not landed");
}
