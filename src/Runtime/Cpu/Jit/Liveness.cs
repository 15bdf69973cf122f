namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Which registers are needed at the start and the end of each block, and which never leave their block.</summary>
internal static class Liveness
{
    public static void Run(KernelCode code)
    {
        int registers = code.Registers.Count;
        var used = new Dictionary<Block, BitSet>();
        var defined = new Dictionary<Block, BitSet>();
        foreach (Block block in code.Blocks)
        {
            block.LiveIn = new BitSet(registers);
            block.LiveOut = new BitSet(registers);
            (used[block], defined[block]) = Local(block, registers);
        }
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = code.Blocks.Count - 1; i >= 0; i--)
            {
                Block block = code.Blocks[i];
                foreach (Block successor in block.Successors) block.LiveOut.UnionWith(successor.LiveIn);
                // The targets of a reduction barrier are written when the threads leave it.
                if (block.Barrier is not null)
                    foreach (Reg? target in block.Barrier.Targets) if (target is not null) block.LiveOut[target.Index] = false;
                foreach (int register in block.LiveOut.Members())
                {
                    if (defined[block][register] || block.LiveIn[register]) continue;
                    block.LiveIn[register] = true;
                    changed = true;
                }
                changed |= block.LiveIn.UnionWith(used[block]);
            }
        }
        foreach (Block block in code.Blocks)
            foreach (int register in block.LiveIn.Members()) code.Registers[register].BlockLocal = false;
    }

    /// <summary>Registers read before they are written, and registers written, in one block.</summary>
    private static (BitSet Used, BitSet Defined) Local(Block block, int registers)
    {
        var used = new BitSet(registers);
        var defined = new BitSet(registers);
        foreach (Instr instruction in block.Body)
        {
            foreach (Reg register in instruction.Reads()) Read(register);
            foreach (Reg? target in instruction.Targets)
            {
                if (target is null) continue;
                Touch(target);
                target.Definitions++;
                defined[target.Index] = true;
            }
        }
        if (block.Guard is not null) Read(block.Guard);
        if (block.Barrier is not null)
        {
            foreach (Reg register in block.Barrier.Reads()) Read(register);
            foreach (Reg? target in block.Barrier.Targets)
            {
                if (target is null) continue;
                target.Definitions++;
                target.BlockLocal = false;
            }
        }
        return (used, defined);

        void Read(Reg register)
        {
            Touch(register);
            if (!defined[register.Index]) used[register.Index] = true;
        }

        void Touch(Reg register)
        {
            if (register.OnlyBlock is null) register.OnlyBlock = block;
            else if (register.OnlyBlock != block) register.BlockLocal = false;
        }
    }
}
