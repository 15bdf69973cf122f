using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>What the scheduler must know about an instruction; plain ones only read and write registers and memory.</summary>
internal enum OpKind : byte
{
    Plain,
    Branch,
    BranchIndexed,
    Call,
    Return,
    Exit,
    Barrier,
    BarrierArrive,
    BarrierReduce,

    /// <summary>Waits until all lanes of its member mask are here, then runs as a plain instruction.</summary>
    Synchronous,

    /// <summary>Plain, and other warps run afterwards: a lane may be waiting for them.</summary>
    Yield,
    Nothing,
}

/// <summary>
/// One decoded instruction. Operands are rows: 32 lanes of 64 bits each. The upper eight bits of a row number choose the bank
/// (registers of the frame, constants, special registers), the others the row in it.
/// </summary>
internal unsafe struct Op
{
    public const int BankShift = 24, Registers = 0, Constants = 1 << BankShift, Specials = 2 << BankShift;

    /// <summary>Runs the instruction for the lanes of a mask.</summary>
    public delegate*<Warp, ref Op, uint, void> Run;

    public int D, A, B, C;

    /// <summary>Predicate operands: number · 2, plus one when negated; -1 for none.</summary>
    public int P, Q, R;

    /// <summary>Guard predicate in the same form.</summary>
    public int Guard;

    /// <summary>Branch target.</summary>
    public int Target;

    /// <summary>An address offset or another constant.</summary>
    public long Immediate;

    /// <summary>The allocation that this instruction touched last.</summary>
    public ulong RangeStart, RangeEnd;

    public int Bytes;

    public OpKind Kind;

    public PtxSpace Space;

    /// <summary>Further row numbers, for vectors and fragments.</summary>
    public int[]? Rows;

    public PtxInstruction Instruction;

    public object? Data;

    /// <summary>Registers read and written, once the sanitizer has asked.</summary>
    public OpRegisters? Touched;
}
