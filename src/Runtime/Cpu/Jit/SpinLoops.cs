using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Finds loops that read one place again and again until another thread changes it: locks, flags, queues of blocks. Compiled warps run one after the other
/// to their next barrier, so such a loop might never end; the interpreter lets all threads go on in turns.
/// </summary>
internal sealed class SpinLoops
{
    private readonly Loop loop;
    private readonly Dictionary<Reg, List<Instr>> definitions = [];

    private SpinLoops(Loop loop)
    {
        this.loop = loop;
        foreach (Block block in loop.Blocks)
            foreach (Instr instruction in block.Body)
                foreach (Reg? target in instruction.Targets)
                {
                    if (target is null) continue;
                    if (!definitions.TryGetValue(target, out List<Instr>? known)) definitions.Add(target, known = []);
                    known.Add(instruction);
                }
    }

    /// <exception cref="NotCompilableException">There is such a loop.</exception>
    public static void Refuse(KernelCode code)
    {
        var loops = new HashSet<Loop>();
        foreach (Block block in code.Blocks)
            for (Loop? loop = block.Loop; loop is not null; loop = loop.Parent) loops.Add(loop);
        foreach (Loop loop in loops)
            if (new SpinLoops(loop).Find() is { } poll) throw new NotCompilableException(poll.Line, $"`{poll.Operation.Text}` in a loop that waits for other threads");
    }

    /// <summary>The access whose result decides whether the loop goes on, and that is the same in every turn.</summary>
    private Instr? Find()
    {
        if (loop.Blocks.Any(b => b.End == BlockEnd.Barrier)) return null;
        var seen = new HashSet<Reg>();
        var open = new Stack<Reg>();
        foreach (Block block in loop.Blocks)
            if (block.Guard is not null && block.Successors.Any(s => !loop.Blocks.Contains(s))) open.Push(block.Guard);
        while (open.TryPop(out Reg? register))
        {
            if (!seen.Add(register) || !definitions.TryGetValue(register, out List<Instr>? instructions)) continue;
            foreach (Instr instruction in instructions)
            {
                if (IsPoll(instruction)) return instruction;
                foreach (Reg source in instruction.Reads()) open.Push(source);
            }
        }
        return null;
    }

    private bool IsPoll(Instr instruction)
    {
        PtxOperation operation = instruction.Operation;
        bool reads = instruction.Opcode switch
        {
            PtxOpcode.Ld => operation.Space is not (PtxSpace.Local or PtxSpace.Param)
                && (operation.Has("volatile") || operation.Has("relaxed") || operation.Has("acquire") || operation.Has("mmio")),
            // A counter moves on by itself; anything else that is done twice does nothing new.
            PtxOpcode.Atom => operation.Reduction is not (PtxReduction.Add or PtxReduction.Inc or PtxReduction.Dec or PtxReduction.Xor) || instruction.Values[0] is { IsConstant: true, Bits: 0 },
            _ => false,
        };
        return reads && instruction.Addresses.Concat(instruction.Values).All(v => v.Register is not { } register || IsInvariant(register, 8));
    }

    /// <summary>The register has the same value in every turn.</summary>
    private bool IsInvariant(Reg register, int depth)
    {
        if (!definitions.TryGetValue(register, out List<Instr>? instructions)) return true;
        return depth > 0 && instructions is [{ Addresses.Length: 0, Guard: null } only] && BlockBuilder.CanCarryGuard(only.Opcode) && only.Reads().All(r => r != register && IsInvariant(r, depth - 1));
    }
}
