using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>A function ready to run.</summary>
internal sealed class Code(PtxFunction function)
{
    public PtxFunction Function => function;

    public Op[] Ops { get; set; } = [];

    /// <summary>Rows that the function's registers take.</summary>
    public int Rows { get; set; }

    /// <summary>Predicates: 0 is constant false, 1 the carry flag.</summary>
    public int Predicates { get; set; } = 2;

    /// <summary>Local memory of one activation, with the parameters, returns and argument slots of functions.</summary>
    public int FrameBytes { get; set; }

    /// <summary>Places in the frame of variables in local memory, parameters and returns.</summary>
    public Dictionary<PtxVariable, int> FrameOffsets { get; } = [];

    /// <summary>Special registers that the function reads: the row in the bank is the index.</summary>
    public List<PtxSpecialRegister> Specials { get; } = [];

    /// <summary>Row or predicate number of each register, by its index.</summary>
    public int[] Places { get; set; } = [];

    /// <summary>Op index of each statement of the body.</summary>
    public int[] StatementOps { get; set; } = [];
}

/// <summary>One activation of a function, shared by the lanes that entered it together.</summary>
internal sealed class Frame(Code code, Frame? caller, int returnOp, int rowBase, int predicateBase, int localBase)
{
    public Code Code => code;

    public Frame? Caller => caller;

    /// <summary>Index of the call in the caller.</summary>
    public int CallOp => returnOp;

    public int RowBase => rowBase;

    public int PredicateBase => predicateBase;

    public int LocalBase => localBase;

    public int Depth { get; } = caller is null ? 0 : caller.Depth + 1;
}
