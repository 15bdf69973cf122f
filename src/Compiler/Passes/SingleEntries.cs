using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>
/// Gives every loop one entry. IL with a <c>goto</c> into a loop, and loops behind which different facts are known on different paths, have several: all ways in
/// (and back) then go through one block, which branches on where they were going. The CPU's vector code needs this; GPUs reconverge better with it.
/// </summary>
internal static class SingleEntries
{
    /// <summary>Before SSA form is built: the block to go to is a variable.</summary>
    public static void Run(Function function, List<IrType> variableTypes)
    {
        Dominators.Compute(function);
        if (Dominators.IsReducible(function)) return;
        var regions = new Stack<HashSet<Block>>();
        regions.Push([.. function.Blocks]);
        while (regions.TryPop(out HashSet<Block>? region))
        {
            foreach (List<Block> component in Components(region))
            {
                if (component.Count < 2) continue;
                HashSet<Block> loop = [.. component];
                List<Block> entries = component.FindAll(b => b.Predecessors.Exists(p => !loop.Contains(p)));
                if (entries.Count > 1) Join(function, variableTypes, entries);
                // What is left without the way in are the loops inside. Behind a joint way in, every entry ends its round.
                foreach (Block entry in entries) loop.Remove(entry);
                regions.Push(loop);
            }
        }
    }

    /// <summary>Sends every way to one of the entries through a chain of blocks that tells them apart.</summary>
    private static void Join(Function function, List<IrType> variableTypes, List<Block> entries)
    {
        int variable = variableTypes.Count;
        variableTypes.Add(IrType.I32);
        Block first = function.NewBlock(), at = first;
        for (int i = 0; i < entries.Count; i++)
        {
            Block entry = entries[i];
            foreach (Block from in entry.Predecessors) Detour(function, from, entry, first).Assigned[variable] = function.Constant(IrType.I32, i);
            entry.Predecessors.Clear();
            entry.Predecessors.Add(at);
            at.Next = entry;
            if (i == entries.Count - 1) break;
            var wanted = new Value(function.NextId(), Op.ReadVariable, IrType.I32, Value.None) { Imm = variable, Block = at };
            var isHere = new Value(function.NextId(), Op.Compare, IrType.Pred, [wanted, function.Constant(IrType.I32, i)]) { Kind = (byte)Condition.Eq, Block = at };
            at.Values.AddRange([wanted, isHere]);
            at.Condition = isHere;
            at.Else = function.NewBlock();
            at.Else.Predecessors.Add(at);
            at = at.Else;
        }
    }

    /// <summary>A block on the edge, which now leads elsewhere.</summary>
    private static Block Detour(Function function, Block from, Block to, Block instead)
    {
        Block middle = function.NewBlock();
        middle.Predecessors.Add(from);
        if (from.Next == to) from.Next = middle;
        else from.Else = middle;
        middle.Next = instead;
        instead.Predecessors.Add(middle);
        return middle;
    }

    /// <summary>The strongly connected parts of a region (Tarjan 1972), without recursion.</summary>
    private static List<List<Block>> Components(HashSet<Block> region)
    {
        var components = new List<List<Block>>();
        var numbers = new Dictionary<Block, int>(region.Count);
        var lowest = new Dictionary<Block, int>(region.Count);
        var open = new Stack<Block>();
        var isOpen = new HashSet<Block>();
        var path = new Stack<(Block Block, int Next)>();
        foreach (Block root in region)
        {
            if (numbers.ContainsKey(root)) continue;
            path.Push((root, 0));
            while (path.TryPop(out (Block Block, int Next) at))
            {
                (Block block, int next) = at;
                if (next == 0)
                {
                    numbers[block] = lowest[block] = numbers.Count;
                    open.Push(block);
                    isOpen.Add(block);
                }
                Block? successor = next == 0 ? block.Next : next == 1 ? block.Else : null;
                if (next < 2)
                {
                    path.Push((block, next + 1));
                    if (successor is null || !region.Contains(successor)) continue;
                    if (!numbers.TryGetValue(successor, out int number)) path.Push((successor, 0));
                    else if (isOpen.Contains(successor)) lowest[block] = Math.Min(lowest[block], number);
                    continue;
                }
                if (lowest[block] == numbers[block]) components.Add(Close(block));
                if (path.TryPeek(out (Block Block, int Next) caller)) lowest[caller.Block] = Math.Min(lowest[caller.Block], lowest[block]);
            }
        }
        return components;

        List<Block> Close(Block root)
        {
            var component = new List<Block>();
            Block member;
            do
            {
                component.Add(member = open.Pop());
                isOpen.Remove(member);
            }
            while (member != root);
            return component;
        }
    }
}
