using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>
/// Finds barriers and warp operations that some threads certainly miss: they stand behind one side of a branch whose condition follows from the thread's index alone
/// and is not the same for all threads of the group (of a warp, for warp operations), and the threads of both sides meet again. Conditions that hold anything else,
/// such as the bounds of a loop, are left to the sanitizer; threads that have ended are not waited for.
/// </summary>
internal sealed class Divergence
{
    private const int MaxThreads = 1024;
    private const int MaxValues = 64;
    private const int WarpSize = 32;

    private readonly Function function;
    private readonly CompileOptions options;
    private readonly Dictionary<Value, (bool Group, bool Warp)> known = [];

    private Divergence(Function function, CompileOptions options)
    {
        this.function = function;
        this.options = options;
    }

    /// <summary>The first such operation, or null; only launches of a known group size are looked at.</summary>
    public static Value? Find(Function function, CompileOptions options)
    {
        long threads = (long)options.GroupX * options.GroupY * options.GroupZ;
        if (threads is < 2 or > MaxThreads) return null;
        var meetings = new List<Value>();
        foreach (Block block in function.Blocks)
            foreach (Value value in block.Values)
                if (IsMeeting(value)) meetings.Add(value);
        return meetings.Count == 0 ? null : new Divergence(function, options).Find(meetings);
    }

    private Value? Find(List<Value> meetings)
    {
        foreach (Block branch in function.Blocks)
        {
            if (branch.Condition is not { } condition || branch.Else is null) continue;
            (bool group, bool warp) = Parts(condition);
            if (!group) continue;
            HashSet<Block> first = Behind(branch.Next!, branch), second = Behind(branch.Else, branch);
            Value? inFirst = OnlyIn(first, second), inSecond = OnlyIn(second, first);
            // Warps may wait at barriers of their own; the lanes of one warp may not.
            bool isWrong = inFirst is not null && inSecond is not null ? warp : first.Overlaps(second);
            if (isWrong && (inFirst ?? inSecond) is { } missed) return missed;

            Value? OnlyIn(HashSet<Block> here, HashSet<Block> there)
                => meetings.Find(m => (warp || IsOfGroup(m)) && m.Block != branch && here.Contains(m.Block!) && !there.Contains(m.Block!));
        }
        return null;
    }

    /// <summary>Operations that threads execute together.</summary>
    private static bool IsMeeting(Value value) => value.Op is Op.Shuffle or Op.Vote or Op.WarpBarrier || IsOfGroup(value)
        || (value is { Op: Op.Asm, Symbol: AsmTemplate template } && template.Operation.Contains(".sync", StringComparison.Ordinal));

    private static bool IsOfGroup(Value value)
        => value.Op == Op.Barrier || (value is { Op: Op.Asm, Symbol: AsmTemplate template } && template.Operation.StartsWith("bar.", StringComparison.Ordinal));

    /// <summary>Blocks on the way from one side of a branch until the branch is met again; the branch itself counts where it is.</summary>
    private static HashSet<Block> Behind(Block start, Block branch)
    {
        var reached = new HashSet<Block>();
        var work = new Stack<Block>();
        work.Push(start);
        while (work.TryPop(out Block? block))
        {
            if (!reached.Add(block) || block == branch) continue;
            if (block.Next is not null) work.Push(block.Next);
            if (block.Else is not null) work.Push(block.Else);
        }
        return reached;
    }

    /// <summary>Whether the condition certainly differs between threads of the group, and between lanes of a warp.</summary>
    private (bool Group, bool Warp) Parts(Value condition)
    {
        if (known.TryGetValue(condition, out (bool, bool) answer)) return answer;
        var order = new List<Value>();
        if (Collect(condition, order, 0)) answer = Compare(order);
        known.Add(condition, answer);
        return answer;
    }

    /// <summary>Lists what the value is computed from, operands first; false where anything but the thread's index and constants is among it.</summary>
    private static bool Collect(Value value, List<Value> order, int depth)
    {
        if (value.IsConstant || order.Contains(value)) return true;
        bool isIndex = value.Op == Op.Special && (SpecialRegister)value.Imm is SpecialRegister.ThreadX or SpecialRegister.ThreadY or SpecialRegister.ThreadZ or SpecialRegister.Lane;
        if (!isIndex && (value.Args.Length == 0 || !value.Op.IsPure() || value.Op == Op.Phi)) return false;
        if (depth == MaxValues || order.Count == MaxValues) return false;
        foreach (Value arg in value.Args)
            if (!Collect(arg, order, depth + 1)) return false;
        order.Add(value);
        return true;
    }

    private (bool Group, bool Warp) Compare(List<Value> order)
    {
        var results = new Dictionary<Value, Value>();
        bool? ofGroup = null, ofWarp = null;
        bool group = false, warp = false;
        int threads = options.GroupX * options.GroupY * options.GroupZ;
        for (int thread = 0; thread < threads; thread++)
        {
            if (thread % WarpSize == 0) ofWarp = null;
            results.Clear();
            foreach (Value value in order)
            {
                if (Evaluate(value, thread, results) is not { } result) return default;
                results.Add(value, result);
            }
            bool truth = results[order[^1]].Imm != 0;
            group |= (ofGroup ??= truth) != truth;
            warp |= (ofWarp ??= truth) != truth;
        }
        return (group, warp);
    }

    private Value? Evaluate(Value value, int thread, Dictionary<Value, Value> results)
    {
        if (value.Op == Op.Special)
            return function.Constant(IrType.I32, (SpecialRegister)value.Imm switch
            {
                SpecialRegister.ThreadX => thread % options.GroupX,
                SpecialRegister.ThreadY => thread / options.GroupX % options.GroupY,
                SpecialRegister.ThreadZ => thread / options.GroupX / options.GroupY,
                _ => thread % WarpSize,
            });
        var args = new Value[value.Args.Length];
        for (int i = 0; i < args.Length; i++) args[i] = value.Args[i].IsConstant ? value.Args[i] : results[value.Args[i]];
        return Folder.Fold(function, value.Op, value.Type, args, value.Kind) is { IsConstant: true } folded ? folded : null;
    }
}
