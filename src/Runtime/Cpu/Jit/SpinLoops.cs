using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Finds loops that end only when another thread writes: locks, flags of other blocks, tickets. Compiled lanes run in step, warps and blocks
/// one after the other, so such a loop might never end; the interpreter lets all of them go on. A loop that makes its own progress, such as
/// one that retries compare-and-swap with the value it just saw, is none.
/// </summary>
internal sealed class SpinLoops
{
    private readonly Loop loop;
    private readonly Dictionary<Reg, List<(Instr Instruction, Block Block)>> definitions = [];
    private readonly Dictionary<Reg, bool> invariant = [];

    private SpinLoops(Loop loop)
    {
        this.loop = loop;
        foreach (Block block in loop.Blocks)
            foreach (Instr instruction in block.Body)
                foreach (Reg? target in instruction.Targets)
                {
                    if (target is null) continue;
                    if (!definitions.TryGetValue(target, out List<(Instr, Block)>? list)) definitions.Add(target, list = []);
                    list.Add((instruction, block));
                }
    }

    /// <exception cref="NotCompilableException">A loop waits for other threads.</exception>
    public static void Refuse(KernelCode code)
    {
        var seen = new HashSet<Loop>();
        foreach (Block block in code.Blocks)
            for (Loop? loop = block.Loop; loop is not null && seen.Add(loop); loop = loop.Parent)
                if (new SpinLoops(loop).Wait() is { } wait) throw new NotCompilableException(wait.Line, $"a loop waits at `{wait.Source}` for other threads");
    }

    /// <summary>The instruction whose result decides when the loop ends and that only other threads can change; null where there is none.</summary>
    private Instr? Wait()
    {
        foreach (Block block in loop.Blocks)
            if (block.Body.Find(i => i.Opcode == PtxOpcode.Nanosleep) is { } sleep) return sleep;
        var known = new HashSet<Reg>();
        var open = new Stack<Reg>();
        foreach (Block block in loop.Blocks)
            if (block.Guard is not null && block.Successors.Any(s => !loop.Blocks.Contains(s)) && known.Add(block.Guard)) open.Push(block.Guard);
        while (open.TryPop(out Reg? register))
        {
            if (!definitions.TryGetValue(register, out List<(Instr Instruction, Block Block)>? list)) continue;
            foreach ((Instr instruction, Block block) in list)
            {
                if (Polls(instruction)) return instruction;
                foreach (Reg read in instruction.Reads().Concat(Conditions(block)))
                    if (known.Add(read)) open.Push(read);
            }
        }
        return null;
    }

    /// <summary>The branches inside the loop that decide whether a block runs.</summary>
    private IEnumerable<Reg> Conditions(Block block)
    {
        for (Block at = block; at != loop.Header;)
        {
            at = at.Dominator!;
            if (at.Guard is null) continue;
            Block? behind = at.PostDominator;
            while (behind is not null && behind != block) behind = behind.PostDominator;
            if (behind is null) yield return at.Guard;
        }
    }

    private bool Polls(Instr instruction)
    {
        if (instruction.Addresses.Length != 1 || !IsInvariant(instruction.Addresses[0].Register)) return false;
        PtxOperation operation = instruction.Operation;
        if (instruction.Opcode == PtxOpcode.Ld)
            return operation.Space is PtxSpace.Global or PtxSpace.Shared or PtxSpace.Generic
                && (operation.Has("volatile") || operation.Has("relaxed") || operation.Has("acquire") || operation.Has("cv") || operation.Has("cg"));
        if (instruction.Opcode != PtxOpcode.Atom || !Array.TrueForAll(instruction.Values, v => IsInvariant(v.Register))) return false;
        // Counting is progress of its own, unless nothing is added.
        bool counts = operation.Reduction is PtxReduction.Add or PtxReduction.Inc or PtxReduction.Dec;
        return !counts || instruction.Values[0] is { IsConstant: true, Bits: 0 };
    }

    /// <summary>
    /// The same in every round: defined outside, or computed from such values alone. What unoptimised code keeps in its frame counts as well:
    /// a loop that is no spin may so be taken for one, which is slower and never wrong.
    /// </summary>
    private bool IsInvariant(Reg? register)
    {
        if (register is null || !definitions.TryGetValue(register, out List<(Instr Instruction, Block Block)>? list)) return true;
        if (invariant.TryGetValue(register, out bool known)) return known;
        invariant.Add(register, false);
        bool result = list is [var (only, _)] && only.Guard is null
            && (only.Opcode is <= PtxOpcode.Slct or PtxOpcode.Mov or PtxOpcode.Cvt or PtxOpcode.Cvta || (only.Opcode == PtxOpcode.Ld && only.Operation.Space is PtxSpace.Param or PtxSpace.Local or PtxSpace.Generic))
            && Array.TrueForAll(only.Values, v => IsInvariant(v.Register)) && Array.TrueForAll(only.Addresses, a => IsInvariant(a.Register));
        return invariant[register] = result;
    }
}
