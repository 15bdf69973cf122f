using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Small branches whose lanes part become guarded instructions: no masks to keep, no blocks to skip. What only the branch itself needs runs
/// unguarded; loads, stores and what is seen behind the branch keep the guard.
/// </summary>
internal static class IfConversion
{
    private const int MostInstructions = 16;

    /// <summary>Converts what it can, innermost branches first; true when anything changed, which makes all analyses void.</summary>
    public static bool Run(KernelCode code)
    {
        bool changed = false;
        for (bool again = true; again;)
        {
            again = false;
            foreach (Block block in code.Blocks)
            {
                if (block is not { End: BlockEnd.Branch, Guard.Shape.IsVarying: true } || block.Taken == block.Next || !Convert(block)) continue;
                again = changed = true;
            }
        }
        return changed;
    }

    private static bool Convert(Block block)
    {
        Block taken = block.Taken!, next = block.Next!;
        bool first = IsArm(taken, block), second = IsArm(next, block);
        if (first && taken.Next == next) return Absorb(block, taken, null, next);
        if (second && next.Next == taken) return Absorb(block, null, next, taken);
        return first && second && taken.Next == next.Next && Absorb(block, taken, next, taken.Next!);
    }

    private static bool IsArm(Block arm, Block branch)
        => arm is { End: BlockEnd.Jump, Predecessors.Count: 1 } && arm != branch && arm.Body.Count <= MostInstructions
            && arm.Body.TrueForAll(i => i.Guard is null && BlockBuilder.CanCarryGuard(i.Opcode) && Array.IndexOf(i.Targets, branch.Guard) < 0);

    private static bool Absorb(Block block, Block? taken, Block? next, Block meeting)
    {
        if (meeting == block) return false;
        foreach ((Block? arm, Block? other, bool negated) in new[] { (taken, next, block.GuardNegated), (next, taken, !block.GuardNegated) })
        {
            if (arm is null) continue;
            foreach (Instr instruction in arm.Body)
            {
                bool seen = instruction.Opcode is PtxOpcode.Ld or PtxOpcode.St
                    || Array.Exists(instruction.Targets, t => t is not null && (meeting.LiveIn[t.Index] || other?.LiveIn[t.Index] == true));
                block.Body.Add(instruction.Guarded(block.Guard!, negated, seen));
            }
        }
        (block.End, block.Taken, block.Next, block.Guard) = (BlockEnd.Jump, null, meeting, null);
        meeting.Predecessors.RemoveAll(p => p == taken || p == next || p == block);
        meeting.Predecessors.Add(block);
        return true;
    }
}
