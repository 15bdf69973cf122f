using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Working memory for fragments of matrices that were converted for <see cref="MatrixRoutine"/>; several mma of a block use each.</summary>
internal sealed class FragmentSlots(int count)
{
    private readonly (PtxType Type, Reg[]? Registers)[] held = new (PtxType, Reg[]?)[count];
    private int next;

    /// <summary>The slot that holds a fragment, or the one to write it to: the one written longest ago.</summary>
    public bool Find(PtxType type, ReadOnlySpan<Arg> values, out int slot)
    {
        Reg[]? registers = Registers(values);
        if (registers is not null)
            for (slot = 0; slot < count; slot++)
                if (held[slot].Type == type && registers.AsSpan().SequenceEqual(held[slot].Registers)) return true;
        slot = next;
        next = (next + 1) % count;
        held[slot] = (type, registers);
        return false;
    }

    /// <summary>A register was written.</summary>
    public void Forget(Reg register)
    {
        for (int slot = 0; slot < count; slot++)
            if (held[slot].Registers is { } known && Array.IndexOf(known, register) >= 0) held[slot] = default;
    }

    public void Clear() => Array.Clear(held);

    private static Reg[]? Registers(ReadOnlySpan<Arg> values)
    {
        var registers = new Reg[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i].Register is not { } register) return null;
            registers[i] = register;
        }
        return registers;
    }
}
