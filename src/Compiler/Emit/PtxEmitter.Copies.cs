using MmKernels.Compiler.Ir;
using MmKernels.Ptx;

namespace MmKernels.Compiler.Emit;

/// <summary>This file: what phis that could not be coalesced need at the end of a predecessor.</summary>
internal sealed partial class PtxEmitter
{
    private readonly List<(PtxRegister Target, PtxRegister? Source, Value Value)> copies = [];
    private readonly Dictionary<PtxRegister, int> readers = [];
    private readonly Dictionary<PtxRegister, int> pending = [];
    private readonly Queue<int> ready = new();

    /// <summary>The parallel copy into the successor's phis, in an order that overwrites nothing that is still to be read.</summary>
    private void Copies(Block block, Block successor)
    {
        if (successor.Values.Count == 0 || successor.Values[0].Op != Op.Phi) return;
        Collect(successor, successor.Predecessors.IndexOf(block));
        for (int i = 0; i < copies.Count; i++)
            if (!readers.ContainsKey(copies[i].Target)) ready.Enqueue(i);
        int next = 0;
        while (pending.Count > 0)
        {
            if (ready.TryDequeue(out int free))
            {
                Copy(free);
                continue;
            }
            // Only cycles are left: one target is saved, and read from there.
            while (!pending.ContainsKey(copies[next].Target)) next++;
            Save(next);
        }
    }

    private void Collect(Block successor, int predecessor)
    {
        copies.Clear();
        readers.Clear();
        foreach (Value phi in successor.Values)
        {
            if (phi.Op != Op.Phi) break;
            Value arg = phi.Args[predecessor];
            PtxRegister target = Register(phi);
            PtxRegister? source = arg.IsConstant ? null : Register(arg);
            if (source == target) continue;
            pending.Add(target, copies.Count);
            copies.Add((target, source, arg));
            if (source is not null) readers[source] = readers.GetValueOrDefault(source) + 1;
        }
    }

    private void Copy(int index)
    {
        (PtxRegister target, PtxRegister? source, Value value) = copies[index];
        Move(target, source is null ? Immediate(value) : source.Operand, value.Type);
        pending.Remove(target);
        if (source is not null && --readers[source] == 0 && pending.TryGetValue(source, out int waiting)) ready.Enqueue(waiting);
    }

    private void Save(int index)
    {
        (PtxRegister target, _, Value value) = copies[index];
        PtxRegister spare = builder.Register(target.Type);
        Move(spare, target.Operand, value.Type);
        for (int i = 0; i < copies.Count; i++)
            if (copies[i].Source == target) copies[i] = copies[i] with { Source = spare };
        readers[spare] = readers[target];
        readers[target] = 0;
        ready.Enqueue(index);
    }
}
