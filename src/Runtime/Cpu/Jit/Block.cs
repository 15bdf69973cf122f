namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>How a block ends.</summary>
internal enum BlockEnd : byte { Jump, Branch, Exit, Barrier }

/// <summary>Straight-line code.</summary>
internal sealed class Block(int id)
{
    public int Id => id;

    public List<Instr> Body { get; } = [];

    public BlockEnd End = BlockEnd.Exit;

    /// <summary>Condition of a branch.</summary>
    public Reg? Guard;

    public bool GuardNegated;

    /// <summary>Where a branch goes when its condition holds.</summary>
    public Block? Taken;

    /// <summary>Where a jump, a branch whose condition fails, or a barrier continues.</summary>
    public Block? Next;

    /// <summary>The instruction that ends a barrier block; null at a cut, where nobody waits and another method goes on.</summary>
    public Instr? Barrier;

    public List<Block> Predecessors { get; } = [];

    /// <summary>Place in the layout: topological but for back edges, loops contiguous.</summary>
    public int Order = -1;

    /// <summary>Place in reverse post-order; -1 for an unreachable block.</summary>
    public int Postorder = -1;

    public Block? Dominator, PostDominator;

    /// <summary>Innermost loop.</summary>
    public Loop? Loop;

    public BitSet LiveIn = null!, LiveOut = null!;

    /// <summary>Lanes may arrive here apart from each other: the block runs under a mask.</summary>
    public bool Divergent;

    /// <summary>Lanes that wait elsewhere still need the old values of these registers while this block runs.</summary>
    public BitSet? Keep;

    /// <summary>As <see cref="Keep"/>, for slices that run in separate passes: the value may differ between slices, but needs no blending.</summary>
    public BitSet? KeepSlices;

    /// <summary>Runs a whole warp at once in at least one region.</summary>
    public bool Wide;

    public IEnumerable<Block> Successors
    {
        get
        {
            if (Taken is not null) yield return Taken;
            if (Next is not null && Next != Taken) yield return Next;
        }
    }

    public override string ToString() => $"B{id}";
}

/// <summary>A natural loop.</summary>
internal sealed class Loop(Block header, Loop? parent)
{
    public Block Header => header;

    public Loop? Parent = parent;

    public HashSet<Block> Blocks { get; } = [];

    public int Depth => Parent is null ? 1 : Parent.Depth + 1;
}
