using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Watches a run for faults that need not show in its results.</summary>
internal sealed class Sanitizer
{
    public void BeforeOp(Warp warp, ref Op op, uint active, uint mask) { }
    public void Shared(Warp warp, ref Op op, int lane, int offset, int bytes, Access access) { }
    public void Local(Warp warp, ref Op op, int lane, int offset, int bytes, Access access) { }
    public void LocalWritten(Warp warp, int lane, int offset, int bytes) { }
    public void Global(Warp warp, ref Op op, int lane, ulong address, int bytes, Access access) { }
    public void Shuffled(Warp warp, ref Op op, int lane, int from, uint mask) { }
    public void MissingMembers(Warp warp, Frame frame, int pc, uint mask) { }
    public void BlockStarts(Block block) { }
    public void BlockEnds(Block block) { }
    public void BarrierCompleted(Block block, int id) { }
}
