namespace MmKernels.Compiler.Il;

/// <summary>
/// Which locals and arguments may still be read from an instruction on. Taking a reference counts as a read.
/// Constants in dead locals are forgotten at block boundaries, so that they do not multiply blocks.
/// </summary>
internal sealed class IlLiveness
{
    private readonly ulong[] live;
    private readonly int words;

    public IlLiveness(IlMethod method)
    {
        IlInstruction[] code = method.Instructions;
        words = (method.Slots + 63) / 64;
        live = new ulong[(code.Length + 1) * words];
        Span<ulong> now = stackalloc ulong[words <= 64 ? words : 0];
        if (words > 64) now = new ulong[words];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = code.Length - 1; i >= 0; i--)
            {
                now.Clear();
                IlInstruction instruction = code[i];
                if (FallsThrough(instruction)) Join(now, i + 1);
                if (instruction.Target >= 0) Join(now, instruction.Target);
                foreach (int target in instruction.Targets ?? []) Join(now, target);
                int slot = (int)instruction.Operand;
                switch (instruction.Op)
                {
                    case IlOp.StoreLocal: now[slot >> 6] &= ~(1ul << slot); break;
                    case IlOp.StoreArg: Clear(now, method.Locals.Length + slot); break;
                    case IlOp.LoadLocal or IlOp.LoadLocalAddress: Set(now, slot); break;
                    case IlOp.LoadArg or IlOp.LoadArgAddress: Set(now, method.Locals.Length + slot); break;
                }
                Span<ulong> before = live.AsSpan(i * words, words);
                if (now.SequenceEqual(before)) continue;
                now.CopyTo(before);
                changed = true;
            }
        }
    }

    /// <summary>Whether the slot may be read before it is written, from the instruction on.</summary>
    public bool IsLive(int instruction, int slot) => (live[instruction * words + (slot >> 6)] >> slot & 1) != 0;

    private static bool FallsThrough(IlInstruction instruction)
        => instruction.Op is not (IlOp.Jump or IlOp.Return) && !(instruction.Op == IlOp.Unsupported && instruction.Name is "throw" or "rethrow" or "leave");

    private void Join(Span<ulong> now, int instruction)
    {
        for (int w = 0; w < words; w++) now[w] |= live[instruction * words + w];
    }

    private static void Set(Span<ulong> now, int slot) => now[slot >> 6] |= 1ul << slot;

    private static void Clear(Span<ulong> now, int slot) => now[slot >> 6] &= ~(1ul << slot);
}
