namespace MmKernels.Compiler.Ir;

/// <summary>Checks what every pass must keep true. A failure is a fault of the compiler, never of the kernel.</summary>
internal static class IrVerifier
{
    /// <exception cref="MmkException">MMK299: what is broken, after which pass.</exception>
    public static void Check(Function function, string pass)
    {
        Dominators.Compute(function);
        if (!Dominators.IsReducible(function)) throw Broken(function, pass, "a loop has several entries");
        var places = new Dictionary<Value, int>();
        foreach (Block block in function.Blocks)
            for (int i = 0; i < block.Values.Count; i++) places.Add(block.Values[i], i);
        foreach (Block block in function.Blocks)
        {
            bool phis = true;
            for (int i = 0; i < block.Values.Count; i++)
            {
                Value value = block.Values[i];
                if (value.Op != Op.Phi) phis = false;
                else if (!phis) throw Broken(function, pass, $"{value} is a phi behind other values of {block}");
                if (value.Block != block) throw Broken(function, pass, $"{value} stands in {block} but says {value.Block}");
                CheckArgs(function, pass, places, block, value, i);
            }
            if (pass == "contract" && block.Predecessors.Count == 1 && block.Values is [{ Op: Op.Phi }, ..]) throw Broken(function, pass, $"{block} has a phi and one predecessor");
            if (block.Condition is { } condition)
            {
                CheckUse(function, pass, places, condition, block, int.MaxValue, $"the branch of {block}");
                if (block.Else is null || block.Next is null || condition.Type != IrType.Pred) throw Broken(function, pass, $"the branch of {block} is incomplete");
            }
            foreach (Block? successor in (ReadOnlySpan<Block?>)[block.Next, block.Else])
                if (successor is not null && !successor.Predecessors.Contains(block)) throw Broken(function, pass, $"{successor} does not know its predecessor {block}");
        }
    }

    private static void CheckArgs(Function function, string pass, Dictionary<Value, int> places, Block block, Value value, int index)
    {
        if (value.Op == Op.Phi)
        {
            if (value.Args.Length != block.Predecessors.Count)
                throw Broken(function, pass, $"phi {value} of {block} has {value.Args.Length} arguments for {block.Predecessors.Count} predecessors");
            for (int i = 0; i < value.Args.Length; i++)
            {
                if (value.Args[i].Type != value.Type) throw Broken(function, pass, $"phi {value} mixes types");
                CheckUse(function, pass, places, value.Args[i], block.Predecessors[i], int.MaxValue, $"{value}");
            }
            return;
        }
        foreach (Value arg in value.Args) CheckUse(function, pass, places, arg, block, index, $"{value}");
        if (value.Op is Op.Add or Op.Sub or Op.Mul or Op.And or Op.Or or Op.Xor or Op.Div or Op.Rem or Op.Min or Op.Max
            && (value.Args[0].Type != value.Type || value.Args[1].Type != value.Type))
            throw Broken(function, pass, $"{value} = {value.Op} mixes {value.Args[0].Type} and {value.Args[1].Type} into {value.Type}");
    }

    private static void CheckUse(Function function, string pass, Dictionary<Value, int> places, Value arg, Block block, int index, string user)
    {
        if (arg.IsConstant) return;
        if (arg.Replacement is not null) throw Broken(function, pass, $"{user} uses {arg}, which was replaced");
        if (!places.TryGetValue(arg, out int place)) throw Broken(function, pass, $"{user} uses {arg}, which is nowhere");
        bool before = arg.Block == block ? place < index : Dominators.Dominates(arg.Block!, block);
        if (!before) throw Broken(function, pass, $"{user} in {block} uses {arg} of {arg.Block}, which does not come before it");
    }

    private static MmkException Broken(Function function, string pass, string what) => Diagnostics.Broken(function.Name, pass, what);
}
