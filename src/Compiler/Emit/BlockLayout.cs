using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Emit;

/// <summary>Order of the blocks in the text: definitions before uses, loops in one piece, exits behind them.</summary>
internal static class BlockLayout
{
    /// <summary>Orders the blocks of the function; its dominators must be right.</summary>
    public static void Run(Function function)
    {
        Dominators.FindLoops(function);
        foreach (Block block in function.Blocks) block.Order = -1;
        var post = new List<Block>(function.Blocks.Count);
        var path = new Stack<Block>();
        Enter(function.Entry);
        while (path.Count > 0)
        {
            Block block = path.Peek();
            (Block? first, Block? second) = Successors(block);
            if (first is { Order: -1 }) Enter(first);
            else if (second is { Order: -1 }) Enter(second);
            else post.Add(path.Pop());
        }
        post.Reverse();
        for (int i = 0; i < post.Count; i++) post[i].Order = i;
        function.Blocks = post;

        void Enter(Block block)
        {
            block.Order = 0;
            path.Push(block);
        }
    }

    /// <summary>What is visited first ends up last: the successor that leaves more loops.</summary>
    private static (Block? First, Block? Second) Successors(Block block)
    {
        if (block.Else is null) return (block.Next, null);
        int next = block.Next!.Loop?.Depth ?? 0, other = block.Else.Loop?.Depth ?? 0;
        return next < other ? (block.Next, block.Else) : (block.Else, block.Next);
    }
}
