namespace MmKernels.Compiler.Ir;

/// <summary>Straight-line code that ends in a branch, a jump or a return.</summary>
internal sealed class Block(int id)
{
    public int Id => id;

    /// <summary>Phis first.</summary>
    public List<Value> Values { get; set; } = [];

    /// <summary>Decides between <see cref="Next"/> (true) and <see cref="Else"/>; null for a jump or a return.</summary>
    public Value? Condition { get; set; }

    /// <summary>Successor; null where the block returns.</summary>
    public Block? Next { get; set; }

    /// <summary>Successor where <see cref="Condition"/> is false; null without a condition.</summary>
    public Block? Else { get; set; }

    /// <summary>Blocks that lead here, in the order of the arguments of phis.</summary>
    public List<Block> Predecessors { get; } = [];

    /// <summary>Values that variables have at the end, where the block assigns them; consumed when SSA form is built.</summary>
    public Dictionary<int, Value> Assigned { get; } = [];

    /// <summary>Place in reverse post-order; -1 for unreachable blocks.</summary>
    public int Order { get; set; } = -1;

    /// <summary>Immediate dominator; the entry's is itself.</summary>
    public Block? Dominator { get; set; }

    /// <summary>Blocks whose immediate dominator this is.</summary>
    public List<Block> Dominated { get; } = [];

    /// <summary>The innermost loop around the block, or null.</summary>
    public Loop? Loop { get; set; }

    public override string ToString() => $"b{id}";
}

/// <summary>A natural loop.</summary>
internal sealed class Loop(Block header)
{
    public Block Header => header;

    public Loop? Parent { get; set; }

    public int Depth { get; set; } = 1;

    /// <summary>All blocks, those of inner loops included.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>Whether the block is inside this loop or one within it.</summary>
    public bool Contains(Block block)
    {
        for (Loop? loop = block.Loop; loop is not null; loop = loop.Parent)
            if (loop == this) return true;
        return false;
    }
}
