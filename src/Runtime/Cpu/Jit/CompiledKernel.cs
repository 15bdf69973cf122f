using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Machine code of a kernel in one launch form.</summary>
/// <param name="code">One method per region; the first is the kernel's entry.</param>
/// <param name="facts">What a launch must know of it.</param>
/// <param name="handlers">The kernel for the interpreter where single instructions go through its handlers; else null.</param>
internal sealed unsafe class CompiledKernel(RegionCode[] code, CodeFacts facts, Program? handlers)
{
    public RegionCode[] Code => code;

    public CodeFacts Facts => facts;

    public Program? Handlers => handlers;

    /// <summary>The code comes from a pack.</summary>
    public bool AheadOfTime { get; init; }

    /// <exception cref="NotCompilableException">The kernel holds what only the interpreter runs.</exception>
    [RequiresDynamicCode(JustInTime.Reason), RequiresUnreferencedCode(JustInTime.Reason)]
    public static CompiledKernel Compile(KernelSource source, LaunchForm form, int lanes)
    {
        CodeFacts facts = new RegionSplitting().Write(source, form, SimdKit.Of(lanes, Processor.Instructions), out MethodInfo[] methods);
        RegionCode[] code = Array.ConvertAll(methods, method => ((DynamicMethod)method).CreateDelegate<RegionCode>());
        foreach (RegionCode region in code) region(null, 0);
        return new CompiledKernel(code, facts, facts.UsesHandlers ? source.Handlers() : null);
    }
}
