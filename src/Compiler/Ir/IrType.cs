namespace MmKernels.Compiler.Ir;

/// <summary>Type of a value in a register. Sign lives in the operation, not in the type; I16 holds the bits of f16 and bf16.</summary>
internal enum IrType : byte { Void, Pred, I16, I32, I64, F32, F64 }

/// <summary>Type of an element in memory: what a load widens and a store narrows.</summary>
internal enum MemoryType : byte { S8, U8, S16, U16, B16, B32, B64, F32, F64 }

/// <summary>Where an address points; Const is the memory of tables that the module brings along.</summary>
internal enum Space : byte { Global, Shared, Local, Const }

internal static class IrTypes
{
    public static bool IsFloat(this IrType type) => type >= IrType.F32;

    public static bool IsInteger(this IrType type) => type is IrType.I32 or IrType.I64;

    public static int Bits(this IrType type) => type switch
    {
        IrType.Pred => 1,
        IrType.I16 => 16,
        IrType.I32 or IrType.F32 => 32,
        IrType.I64 or IrType.F64 => 64,
        _ => 0,
    };

    public static int Bytes(this MemoryType type) => type switch
    {
        MemoryType.S8 or MemoryType.U8 => 1,
        MemoryType.S16 or MemoryType.U16 or MemoryType.B16 => 2,
        MemoryType.B32 or MemoryType.F32 => 4,
        _ => 8,
    };

    /// <summary>The type of the register that an element is loaded into.</summary>
    public static IrType Register(this MemoryType type) => type switch
    {
        MemoryType.B16 => IrType.I16,
        MemoryType.B64 => IrType.I64,
        MemoryType.F32 => IrType.F32,
        MemoryType.F64 => IrType.F64,
        _ => IrType.I32,
    };

    /// <summary>Type of an address in the space: 32 bits in shared memory, 64 elsewhere.</summary>
    public static IrType AddressType(this Space space) => space == Space.Shared ? IrType.I32 : IrType.I64;
}
