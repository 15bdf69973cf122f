using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>How %tid.x runs over the lanes.</summary>
internal enum TidForm : byte
{
    /// <summary>One run over each warp.</summary>
    Warp,

    /// <summary>One run over each slice.</summary>
    Slice,

    /// <summary>Anything else: read from a table.</summary>
    Table,
}

/// <summary>What generated code may assume of the block's size; a kernel is compiled once per form that it is launched in.</summary>
/// <param name="OneDimensional">%tid.y and %tid.z are zero.</param>
/// <param name="Partial">The block's last warp lacks lanes.</param>
internal readonly record struct LaunchForm(TidForm X, bool OneDimensional, bool Partial)
{
    public static LaunchForm Of(Dim3 block, int lanes)
    {
        bool one = block.Y == 1 && block.Z == 1;
        TidForm x = one || block.X % 32 == 0 ? TidForm.Warp : block.X % lanes == 0 ? TidForm.Slice : TidForm.Table;
        return new LaunchForm(x, one, block.Count % 32 != 0);
    }

    /// <summary>The form to prepare for when no launch is known: the one that the kernel requires, or whole warps in one dimension.</summary>
    public static LaunchForm Expected(PtxFunction entry, int lanes)
        => entry.RequiredThreads is [int x, int y, int z] ? Of(new Dim3(x, y, z), lanes) : new LaunchForm(TidForm.Warp, true, false);
}
