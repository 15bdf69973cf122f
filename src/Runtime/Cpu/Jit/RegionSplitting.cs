using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Cuts regions that are beyond RyuJIT's limits into several methods, between which registers pass through the save area: far cheaper than
/// code that is not optimised. Only where all lanes of a warp come along together.
/// </summary>
internal sealed class RegionSplitting
{
    /// <summary>How full the pieces of a region may be, attempt by attempt: what is saved and read again adds to what was counted.</summary>
    private static readonly double[] budgets = [0.5, 0.35, 0.25, 0.15];

    private readonly HashSet<PtxInstruction> cuts = [];
    private int attempt;

    /// <summary>Instructions in front of which another method goes on.</summary>
    public IReadOnlySet<PtxInstruction> Cuts => cuts;

    /// <summary>Writes a kernel into memory, with as many cuts as it takes.</summary>
    /// <exception cref="NotCompilableException">The kernel holds what only the interpreter runs.</exception>
    [RequiresDynamicCode(JustInTime.Reason), RequiresUnreferencedCode(JustInTime.Reason)]
    public CodeFacts Write(KernelSource source, LaunchForm form, SimdKit kit, out MethodInfo[] methods)
    {
        while (true)
        {
            int known = cuts.Count;
            CodeFacts facts = Emitter.WriteAll(source.Plan(form, kit, new HashSet<PtxInstruction>(cuts)), MemoryTarget.Instance, out methods, attempt < budgets.Length ? this : null);
            if (cuts.Count == known) return facts;
            attempt++;
        }
    }

    /// <summary>Cuts a region.</summary>
    /// <param name="written">How full its method was in front of each instruction.</param>
    public void Cut(KernelPlan plan, List<(Block Block, Instr Instruction, double Fill)> written)
    {
        var seen = new Dictionary<PtxInstruction, int>();
        foreach (Instr instruction in plan.Code.Blocks.SelectMany(b => b.Body)) seen[instruction.Source] = seen.GetValueOrDefault(instruction.Source) + 1;
        double start = 0;
        foreach ((Block block, Instr instruction, double fill) in written)
        {
            if (fill - start < budgets[attempt] || !CanCut(block, instruction) || seen[instruction.Source] > 1) continue;
            cuts.Add(instruction.Source);
            start = fill;
        }
    }

    /// <summary>No lane or slice of a warp is elsewhere.</summary>
    private static bool CanCut(Block block, Instr instruction)
        => block is { Divergent: false, Keep: null, KeepSlices: null } && instruction is { Guard: null, Within: null };
}
