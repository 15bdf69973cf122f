using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>What passes share: carrying out replacements.</summary>
internal static class Rewrite
{
    /// <summary>Lets every use name the value that stands for its operand, and drops replaced values.</summary>
    public static void Apply(Function function)
    {
        foreach (Block block in function.Blocks)
        {
            List<Value> values = block.Values;
            int kept = 0;
            for (int i = 0; i < values.Count; i++)
            {
                Value value = values[i];
                if (value.Replacement is not null) continue;
                ResolveArgs(function, value);
                values[kept++] = value;
            }
            values.RemoveRange(kept, values.Count - kept);
            if (block.Condition is { } condition) block.Condition = function.Plain(condition.Resolve());
        }
    }

    public static void ResolveArgs(Function function, Value value)
    {
        Value[] args = value.Args;
        for (int i = 0; i < args.Length; i++)
        {
            Value arg = args[i];
            if (arg.Replacement is not null) arg = arg.Resolve();
            if (arg.Static) arg = function.Plain(arg);
            args[i] = arg;
        }
    }

    /// <summary>Whether all arguments of a phi that are not the phi itself are one value; null where there is none.</summary>
    public static bool IsTrivial(Function function, Value phi, out Value? same)
    {
        same = null;
        foreach (Value arg in phi.Args)
        {
            Value value = arg.Resolve();
            if (value.Static) value = function.Plain(value);
            if (value == phi || value == same) continue;
            if (same is not null) return false;
            same = value;
        }
        return true;
    }

    /// <summary>Takes an edge away, with the phis' arguments that belong to it.</summary>
    public static void RemoveEdge(Block from, Block to)
    {
        int index = to.Predecessors.IndexOf(from);
        to.Predecessors.RemoveAt(index);
        foreach (Value value in to.Values)
        {
            if (value.Op != Op.Phi) break;
            var args = new Value[value.Args.Length - 1];
            Array.Copy(value.Args, args, index);
            Array.Copy(value.Args, index + 1, args, index, args.Length - index);
            value.Args = args;
        }
    }
}
