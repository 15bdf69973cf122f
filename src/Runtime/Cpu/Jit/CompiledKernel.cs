using System.Reflection.Emit;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Machine code of a kernel in one launch form.</summary>
internal sealed unsafe class CompiledKernel
{
    private CompiledKernel(KernelPlan plan, RegionCode[] code)
    {
        Code = code;
        Lanes = plan.Kit.Lanes;
        SaveStride = plan.SaveStride;
        LocalBytes = plan.LocalBytes;
        if (plan.Homes.AreNeeded) (HomeBytes, WarpHomeBytes) = (Emitter.HomesOffset + plan.Homes.SharedBytes, plan.Homes.WarpBytes);
        Handlers = plan.Handlers.Program;
    }

    /// <summary>One method per region; the first is the kernel's entry.</summary>
    public RegionCode[] Code { get; }

    /// <summary>Lanes of a slice.</summary>
    public int Lanes { get; }

    /// <summary>Regions that are too large to be optimised: right, but several times slower.</summary>
    public int OversizedRegions { get; private init; }

    public int SaveStride { get; }

    public int LocalBytes { get; }

    /// <summary>Memory of matrix instructions and their registers: what the warps of a block share, and what each needs.</summary>
    public int HomeBytes { get; }

    public int WarpHomeBytes { get; }

    /// <summary>The kernel for the interpreter where single instructions go through its handlers; else null.</summary>
    public Program? Handlers { get; }

    /// <exception cref="NotCompilableException">The kernel holds what only the interpreter runs.</exception>
    public static CompiledKernel Compile(PtxFunction entry, LaunchForm form, int lanes, ModuleLayout layout, HandlerTable handlers)
    {
        KernelPlan plan = KernelPlan.Make(entry, form, SimdKit.Of(lanes), layout, handlers);
        var code = new RegionCode[plan.Regions.Count];
        int oversized = 0;
        foreach (Region region in plan.Regions)
        {
            var method = new DynamicMethod($"{entry.Name}.{region.Index}", typeof(void), [typeof(LaunchContext*), typeof(int)], typeof(CompiledKernel).Module, skipVisibility: true)
            {
                InitLocals = false,
            };
            var il = new IlWriter(method.GetILGenerator(4096));
            new Emitter(plan, region, il).Write();
            if (il.IsOversized) oversized++;
            code[region.Index] = method.CreateDelegate<RegionCode>();
            code[region.Index](null, 0);
        }
        return new CompiledKernel(plan, code) { OversizedRegions = oversized };
    }
}
