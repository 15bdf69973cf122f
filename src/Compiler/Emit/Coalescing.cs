using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Emit;

/// <summary>
/// Leaves SSA form: splits critical edges and puts phis into one register with those of their arguments whose lifetimes do not overlap with theirs,
/// so that most copies vanish. What remains is a parallel copy at the end of a predecessor.
/// </summary>
internal sealed class Coalescing
{
    private readonly Function function;
    private readonly List<Value> related = [];
    private int words;
    private ulong[][] interference = [];
    private int[] parent = [];

    private Coalescing(Function function) => this.function = function;

    /// <summary>The representative of each related value; values of a class share a register. Marks are the indices of related values, from 1.</summary>
    public static Coalescing Run(Function function)
    {
        SplitCriticalEdges(function);
        Dominators.Compute(function);
        var coalescing = new Coalescing(function);
        coalescing.Collect();
        if (coalescing.related.Count == 0) return coalescing;
        coalescing.FindInterference();
        coalescing.Merge();
        return coalescing;
    }

    /// <summary>The value whose register this value lives in.</summary>
    public Value Representative(Value value) => value.Mark == 0 ? value : related[Find(value.Mark - 1)];

    private static void SplitCriticalEdges(Function function)
    {
        foreach (Block block in function.Blocks.ToArray())
        {
            if (block.Else is null) continue;
            block.Next = Split(function, block, block.Next!);
            block.Else = Split(function, block, block.Else);
        }
    }

    private static Block Split(Function function, Block from, Block to)
    {
        if (to.Predecessors.Count < 2 || to.Values.Count == 0 || to.Values[0].Op != Op.Phi) return to;
        Block middle = function.NewBlock();
        middle.Next = to;
        middle.Predecessors.Add(from);
        to.Predecessors[to.Predecessors.IndexOf(from)] = middle;
        return middle;
    }

    private void Collect()
    {
        foreach (Block block in function.Blocks)
            foreach (Value value in block.Values) value.Mark = 0;
        foreach (Block block in function.Blocks)
        {
            foreach (Value value in block.Values)
            {
                if (value.Op != Op.Phi) break;
                Add(value);
                foreach (Value arg in value.Args)
                    if (!arg.IsConstant) Add(arg);
            }
        }
        words = (related.Count + 63) / 64;
        parent = new int[related.Count];
        interference = new ulong[related.Count][];
        for (int i = 0; i < related.Count; i++)
        {
            parent[i] = i;
            interference[i] = new ulong[words];
        }

        void Add(Value value)
        {
            if (value.Mark != 0) return;
            related.Add(value);
            value.Mark = related.Count;
        }
    }

    private void FindInterference()
    {
        List<Block> blocks = function.Blocks;
        for (int i = 0; i < blocks.Count; i++) blocks[i].Order = i;
        var liveIn = new ulong[blocks.Count][];
        for (int i = 0; i < blocks.Count; i++) liveIn[i] = new ulong[words];
        var live = new ulong[words];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = blocks.Count - 1; i >= 0; i--)
            {
                LiveOut(blocks[i], liveIn, live);
                Scan(blocks[i], live, record: false);
                if (live.AsSpan().SequenceEqual(liveIn[i])) continue;
                live.CopyTo(liveIn[i], 0);
                changed = true;
            }
        }
        foreach (Block block in blocks)
        {
            LiveOut(block, liveIn, live);
            Scan(block, live, record: true);
        }
    }

    /// <summary>Live at the end, before the copies: what successors read, and the arguments of their phis.</summary>
    private static void LiveOut(Block block, ulong[][] liveIn, ulong[] live)
    {
        Array.Clear(live);
        foreach (Block? successor in (ReadOnlySpan<Block?>)[block.Next, block.Else])
        {
            if (successor is null) continue;
            ulong[] from = liveIn[successor.Order];
            for (int w = 0; w < live.Length; w++) live[w] |= from[w];
            int index = successor.Predecessors.IndexOf(block);
            foreach (Value phi in successor.Values)
            {
                if (phi.Op != Op.Phi) break;
                Value arg = phi.Args[index];
                if (arg.Mark != 0) live[(arg.Mark - 1) >> 6] |= 1ul << (arg.Mark - 1);
            }
        }
    }

    private void Scan(Block block, ulong[] live, bool record)
    {
        Use(block.Condition, live);
        int i = block.Values.Count - 1;
        for (; i >= 0 && block.Values[i].Op != Op.Phi; i--)
        {
            Value value = block.Values[i];
            if (value.Mark != 0) Define(value, live, record);
            foreach (Value arg in value.Args) Use(arg, live);
        }
        // Phis are defined together: each overlaps with the others and with everything that is live into the block.
        if (record)
            for (int k = 0; k <= i; k++) live[(block.Values[k].Mark - 1) >> 6] |= 1ul << (block.Values[k].Mark - 1);
        if (record)
            for (int k = 0; k <= i; k++) Interfere(block.Values[k].Mark - 1, live);
        for (int k = 0; k <= i; k++) live[(block.Values[k].Mark - 1) >> 6] &= ~(1ul << (block.Values[k].Mark - 1));
    }

    private static void Use(Value? value, ulong[] live)
    {
        if (value is null || value.IsConstant || value.Mark == 0) return;
        live[(value.Mark - 1) >> 6] |= 1ul << (value.Mark - 1);
    }

    private void Define(Value value, ulong[] live, bool record)
    {
        int index = value.Mark - 1;
        live[index >> 6] &= ~(1ul << index);
        if (record) Interfere(index, live);
    }

    private void Interfere(int index, ulong[] live)
    {
        ulong[] row = interference[index];
        for (int w = 0; w < words; w++)
        {
            ulong others = live[w];
            row[w] |= others;
            while (others != 0)
            {
                int other = (w << 6) + System.Numerics.BitOperations.TrailingZeroCount(others);
                others &= others - 1;
                interference[other][index >> 6] |= 1ul << index;
            }
        }
        row[index >> 6] &= ~(1ul << index);
    }

    private void Merge()
    {
        foreach (Block block in function.Blocks)
        {
            foreach (Value phi in block.Values)
            {
                if (phi.Op != Op.Phi) break;
                foreach (Value arg in phi.Args)
                    if (arg.Mark != 0 && arg.Type == phi.Type) TryJoin(Find(phi.Mark - 1), Find(arg.Mark - 1));
            }
        }
    }

    private void TryJoin(int a, int b)
    {
        if (a == b || (interference[a][b >> 6] >> b & 1) != 0) return;
        parent[b] = a;
        ulong[] into = interference[a], from = interference[b];
        for (int w = 0; w < words; w++)
        {
            ulong others = from[w];
            into[w] |= others;
            while (others != 0)
            {
                int other = (w << 6) + System.Numerics.BitOperations.TrailingZeroCount(others);
                others &= others - 1;
                // Rows of representatives stay symmetric.
                interference[Find(other)][a >> 6] |= 1ul << a;
            }
        }
    }

    private int Find(int index)
    {
        while (parent[index] != index) index = parent[index] = parent[parent[index]];
        return index;
    }
}
