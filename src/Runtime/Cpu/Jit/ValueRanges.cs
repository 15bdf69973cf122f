using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Bounds of 32-bit integers that follow from the size of a block: thread indices, and sums and products of them with constants.</summary>
internal sealed class ValueRanges
{
    private const long ThreadsAtMost = 1024, DepthAtMost = 16;

    private readonly Dictionary<Reg, Instr> only = [];
    private readonly Dictionary<Reg, (long Least, long Most)?> known = [];

    public ValueRanges(KernelCode code)
    {
        foreach (Block block in code.Blocks)
            foreach (Instr instruction in block.Body)
                if (instruction is { Guard: null, Targets: [{ Kind: ValueKind.I32, Definitions: 1 } target] }) only[target] = instruction;
    }

    /// <summary>No lane's value, as its type reads it, differs from the exact one: it cannot have wrapped around.</summary>
    public bool IsExact(Arg value, bool signed)
        => Of(value, 0) is { } range && range.Least >= (signed ? int.MinValue : 0) && range.Most <= (signed ? int.MaxValue : uint.MaxValue);

    private (long Least, long Most)? Of(Arg value, int depth)
    {
        if (value.Register is { } register) return depth > DepthAtMost ? null : Of(register, depth);
        if (value.Special is { } special)
            return special switch
            {
                <= PtxSpecialRegister.TidZ => (0, ThreadsAtMost - 1),
                <= PtxSpecialRegister.NtidZ => (1, ThreadsAtMost),
                PtxSpecialRegister.LaneId or PtxSpecialRegister.WarpId => (0, 31),
                _ => null,
            };
        return value.Symbol is null && value.BitsKind == PtxImmediateKind.Integer ? ((int)value.Bits, (int)value.Bits) : null;
    }

    private (long, long)? Of(Reg register, int depth)
    {
        if (known.TryGetValue(register, out (long, long)? range)) return range;
        known.Add(register, null);
        range = only.TryGetValue(register, out Instr? instruction) ? Result(instruction, depth + 1) : null;
        // A value beyond 31 bits may have wrapped, and then tells nothing.
        if (range is var (least, most) && (least <= int.MinValue || most > int.MaxValue)) range = null;
        return known[register] = range;
    }

    private (long, long)? Result(Instr instruction, int depth)
    {
        PtxOperation operation = instruction.Operation;
        Arg[] v = instruction.Values;
        if (operation.Type.Bits() != 32 || operation.Type.IsFloat() || operation.CarryOut || operation.Sat || v.Length is 0 or > 3) return null;
        if (instruction.Opcode == PtxOpcode.And) return v[1].IsConstant && (int)v[1].Bits >= 0 ? (0, (int)v[1].Bits) : null;
        if (Of(v[0], depth) is not var (a, b)) return null;
        if (instruction.Opcode == PtxOpcode.Mov && v.Length == 1) return (a, b);
        if (v.Length < 2 || Of(v[1], depth) is not var (c, d)) return null;
        switch (instruction.Opcode)
        {
            case PtxOpcode.Add: return (a + c, b + d);
            case PtxOpcode.Sub: return (a - d, b - c);
            case PtxOpcode.Mul when operation.Product == PtxProduct.Lo: return Product(a, b, c, d);
            case PtxOpcode.Mad when operation.Product == PtxProduct.Lo && Of(v[2], depth) is var (e, f) && Product(a, b, c, d) is var (least, most): return (least + e, most + f);
            case PtxOpcode.Shl when c == d && c is >= 0 and < 31: return (a << (int)c, b << (int)c);
            case PtxOpcode.Shr when c == d && c is >= 0 and < 32 && a >= 0: return (a >> (int)c, b >> (int)c);
            default: return null;
        }
    }

    private static (long, long)? Product(long a, long b, long c, long d)
    {
        long w = a * c, x = a * d, y = b * c, z = b * d;
        return (Math.Min(Math.Min(w, x), Math.Min(y, z)), Math.Max(Math.Max(w, x), Math.Max(y, z)));
    }
}
