using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>One inlined call. Every execution of a call has its own.</summary>
internal sealed class Frame(IlMethod il, Frame? parent, int returnIndex)
{
    private readonly Slot[]?[] stackShapes = new Slot[il.Instructions.Length][];
    private readonly List<BlockInstance>?[] instances = new List<BlockInstance>[il.Instructions.Length];

    public IlMethod Il => il;

    public Frame? Parent => parent;

    /// <summary>The caller's instruction after the call.</summary>
    public int ReturnIndex => returnIndex;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    /// <summary>Locals, then arguments; made when first used.</summary>
    public Slot?[] Slots { get; } = new Slot?[il.Slots];

    /// <summary>
    /// Whether a branch that is decided at run time was met in this call. Until then there is one path through it, which stays in
    /// the caller's block, so that constants that it computes stay constants.
    /// </summary>
    public bool IsDynamic { get; set; }

    /// <summary>What the caller's IL stack held below the arguments, while the block run <see cref="CallerSerial"/> lasts.</summary>
    public List<Abstract>? CallerStack { get; set; }

    public int CallerSerial { get; set; }

    /// <summary>The caller's IL stack once a block boundary was met in this call.</summary>
    public Slot[]? CallerSlots { get; set; }

    /// <summary>The object that this constructor call makes.</summary>
    public Slot? Constructed { get; set; }

    /// <summary>Slots of the IL stack at an instruction where blocks meet.</summary>
    public ref Slot[]? StackShape(int index) => ref stackShapes[index];

    /// <summary>Blocks that start at an instruction.</summary>
    public List<BlockInstance> Instances(int index) => instances[index] ??= [];

    /// <summary>Whether this frame is the other one or called it.</summary>
    public bool IsCallerOf(Frame frame)
    {
        Frame? f = frame;
        while (f is not null && f.Depth > Depth) f = f.Parent;
        return f == this;
    }
}

/// <summary>A block of the IR for an instruction and everything known when it is reached: the key of the partial evaluation.</summary>
internal sealed class BlockInstance(Block block, Frame frame, int index, Variable[] variables, object[] facts)
{
    public Block Block => block;

    public Frame Frame => frame;

    public int Index => index;

    /// <summary>Variables with a known constant or fact, by id.</summary>
    public Variable[] Variables => variables;

    /// <summary>Constants (<see cref="Value"/>), <see cref="ViewFact"/>s and <see cref="RefFact"/>s.</summary>
    public object[] Facts => facts;

    public bool Matches(List<Variable> otherVariables, List<object> otherFacts)
    {
        if (variables.Length != otherVariables.Count) return false;
        for (int i = 0; i < variables.Length; i++)
            if (variables[i] != otherVariables[i] || !ReferenceEquals(facts[i], otherFacts[i])) return false;
        return true;
    }
}
