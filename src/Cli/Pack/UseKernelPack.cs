using System.Runtime.CompilerServices;

/// <summary>Compiled into programs that bring a kernel pack: makes their accelerators use it.</summary>
internal static class UseKernelPack
{
    // By name, because the compiler cannot be given an assembly that references the framework's implementation; NativeAOT's compiler resolves the constant.
    [ModuleInitializer]
    internal static void Use() => MmKernels.Graphs.KernelPack.Use(Type.GetType("MmKernels.Pack.CpuCode, MmKernels.Pack", throwOnError: true)!);
}
