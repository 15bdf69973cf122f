using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>How the JIT holds a value: 8- and 16-bit types are zero-extended in an I32, predicates are 0 or 1 (0 or -1 in a vector lane).</summary>
internal enum ValueKind : byte { Pred, I32, I64, F32, F64 }

/// <summary>Facts about a <see cref="ValueKind"/>.</summary>
internal static class ValueKinds
{
    /// <summary>The representation of a PTX type; null where there is none (128 bits).</summary>
    public static ValueKind? Of(PtxType type) => type switch
    {
        PtxType.Pred => ValueKind.Pred,
        PtxType.F32 => ValueKind.F32,
        PtxType.F64 => ValueKind.F64,
        PtxType.B64 or PtxType.U64 or PtxType.S64 => ValueKind.I64,
        PtxType.None or PtxType.B128 => null,
        _ => ValueKind.I32,
    };

    public static bool Is64(this ValueKind kind) => kind is ValueKind.I64 or ValueKind.F64;

    public static bool IsFloat(this ValueKind kind) => kind is ValueKind.F32 or ValueKind.F64;

    /// <summary>The integer kind of the same width.</summary>
    public static ValueKind Integer(this ValueKind kind) => kind is ValueKind.F64 ? ValueKind.I64 : kind is ValueKind.F32 ? ValueKind.I32 : kind;

    public static int Bytes(this ValueKind kind) => kind.Is64() ? 8 : 4;
}

/// <summary>A register of the kernel under compilation, with what the analyses found out about it.</summary>
internal sealed class Reg(int index, string name, PtxType type, ValueKind kind, PtxRegister? source)
{
    /// <summary>The register of the text; null for the carry flag.</summary>
    public PtxRegister? Source => source;

    /// <summary>Bit in liveness sets.</summary>
    public int Index => index;

    public string Name => name;

    public PtxType Type => type;

    public ValueKind Kind => kind;

    public Shape Shape;

    /// <summary>All accesses lie in one block.</summary>
    public bool BlockLocal = true;

    /// <summary>The only block that accesses the register while <see cref="BlockLocal"/> holds.</summary>
    public Block? OnlyBlock;

    /// <summary>Used for nothing but computing addresses, so a wrapped 32-bit index cannot show.</summary>
    public bool AddressOnly = true;

    public int Definitions;

    /// <summary>Place in the save area of a slice; -1 where the register is live across no region boundary.</summary>
    public int SaveOffset = -1;

    /// <summary>Place in memory of a register of matrix instructions; null for one that lives in IL locals.</summary>
    public RegisterHome? Home;

    public override string ToString() => name;
}
