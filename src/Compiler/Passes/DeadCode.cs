using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>Removes values that nobody reads and that touch no memory.</summary>
internal static class DeadCode
{
    public static void Run(Function function)
    {
        var work = new Stack<Value>();
        foreach (Block block in function.Blocks)
            foreach (Value value in block.Values) value.Mark = 0;
        foreach (Block block in function.Blocks)
        {
            foreach (Value value in block.Values)
                if (value.Op.HasEffect()) Keep(value);
            if (block.Condition is { } condition) Keep(condition);
        }
        while (work.Count > 0)
            foreach (Value arg in work.Pop().Args) Keep(arg);
        foreach (Block block in function.Blocks) block.Values.RemoveAll(static v => v.Mark == 0);

        void Keep(Value value)
        {
            if (value.IsConstant || value.Mark != 0) return;
            value.Mark = 1;
            work.Push(value);
        }
    }
}
