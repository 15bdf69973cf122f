using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>Replaces reads of variables by the values that reach them; phis where several do (Braun et al. 2013, on the finished graph).</summary>
internal sealed class SsaConstruction
{
    private readonly Function function;
    private readonly List<IrType> types;
    private readonly Dictionary<int, Value>?[] atEntry;
    private readonly List<Value> phis = [];
    private readonly List<Block> path = [];

    private SsaConstruction(Function function, List<IrType> types)
    {
        this.function = function;
        this.types = types;
        int blocks = 0;
        foreach (Block block in function.Blocks) blocks = Math.Max(blocks, block.Id + 1);
        atEntry = new Dictionary<int, Value>[blocks];
    }

    public static void Run(Function function, List<IrType> variableTypes)
    {
        JoinChains(function);
        new SsaConstruction(function, variableTypes).Run();
    }

    /// <summary>Joins blocks that always follow each other: every variable would have to be looked up through each of them.</summary>
    private static void JoinChains(Function function)
    {
        foreach (Block block in function.Blocks)
        {
            if (block.Order == Joined) continue;
            while (block is { Else: null, Next: { } next } && next != block && next.Predecessors.Count == 1) Join(block, next);
        }
        function.Blocks.RemoveAll(static b => b.Order == Joined);
    }

    private const int Joined = -2;

    private static void Join(Block block, Block next)
    {
        foreach (Value value in next.Values)
        {
            if (value.Op == Op.ReadVariable && block.Assigned.TryGetValue((int)value.Imm, out Value? assigned)) value.Replacement = assigned;
            value.Block = block;
            block.Values.Add(value);
        }
        foreach ((int variable, Value value) in next.Assigned) block.Assigned[variable] = value;
        (block.Condition, block.Next, block.Else) = (next.Condition, next.Next, next.Else);
        foreach (Block? successor in (ReadOnlySpan<Block?>)[block.Next, block.Else])
            if (successor is not null) successor.Predecessors[successor.Predecessors.IndexOf(next)] = block;
        next.Order = Joined;
        next.Next = next.Else = null;
    }

    private void Run()
    {
        foreach (Block block in function.Blocks)
            foreach (Value value in block.Values)
                if (value is { Op: Op.ReadVariable, Replacement: null }) value.Replacement = AtEntry(block, (int)value.Imm);
        // Filling a phi may ask for more phis.
        for (int i = 0; i < phis.Count; i++)
        {
            Value phi = phis[i];
            List<Block> predecessors = phi.Block!.Predecessors;
            for (int p = 0; p < predecessors.Count; p++) phi.Args[p] = AtExit(predecessors[p], (int)phi.Imm);
        }
        RemoveTrivial();
        foreach (Value phi in phis)
            if (phi.Replacement is null) phi.Block!.Values.Insert(0, phi);
        foreach (Block block in function.Blocks) block.Assigned.Clear();
        Rewrite.Apply(function);
    }

    private Value AtExit(Block block, int variable)
        => block.Assigned.TryGetValue(variable, out Value? value) ? value : AtEntry(block, variable);

    private Value AtEntry(Block block, int variable)
    {
        path.Clear();
        Value? found;
        while (true)
        {
            Dictionary<int, Value> known = atEntry[block.Id] ??= [];
            if (known.TryGetValue(variable, out found)) break;
            path.Add(block);
            if (block.Predecessors.Count != 1)
            {
                found = block.Predecessors.Count == 0 ? function.Constant(types[variable], 0) : NewPhi(block, variable);
                break;
            }
            block = block.Predecessors[0];
            if (block.Assigned.TryGetValue(variable, out found)) break;
        }
        foreach (Block passed in path) atEntry[passed.Id]![variable] = found;
        return found;
    }

    private Value NewPhi(Block block, int variable)
    {
        var phi = new Value(function.NextId(), Op.Phi, types[variable], new Value[block.Predecessors.Count]) { Imm = variable, Block = block };
        phis.Add(phi);
        return phi;
    }

    private void RemoveTrivial()
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Value phi in phis)
            {
                if (phi.Replacement is not null || !Rewrite.IsTrivial(function, phi, out Value? same)) continue;
                phi.Replacement = same ?? function.Constant(phi.Type, 0);
                changed = true;
            }
        }
    }
}
