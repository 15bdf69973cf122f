using System.Reflection.Emit;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>A loop over the lanes of a slice around a scalar form: where its operands' lanes lie in the scratch memory.</summary>
internal sealed class LaneLoop(LocalBuilder index)
{
    /// <summary>The lane's number within the slice.</summary>
    public LocalBuilder Index => index;

    /// <summary>Scratch slot of each varying source.</summary>
    public Dictionary<Reg, int> Slots { get; } = [];
}
