using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Finds each register's <see cref="Shape"/> and the branches whose lanes part, to a common fixed point.</summary>
internal sealed class ShapeAnalysis
{
    private readonly KernelCode code;
    private readonly ShapeRules rules;
    private readonly Divergence divergence;
    private bool changed;

    private ShapeAnalysis(KernelCode code, ShapeRules rules)
    {
        this.code = code;
        this.rules = rules;
        divergence = new Divergence(code);
    }

    public static Divergence Run(KernelCode code, LaunchForm form, int lanes, int localBytes)
    {
        AddressUse.Run(code);
        var analysis = new ShapeAnalysis(code, new ShapeRules(code.Function, form, lanes, localBytes));
        if (form.Partial) analysis.divergence.Everywhere();
        analysis.Solve();
        if (analysis.BroadcastLoads()) analysis.Solve();
        return analysis.divergence;
    }

    private void Solve()
    {
        do
        {
            changed = false;
            foreach (Block block in code.Blocks)
            {
                foreach (Instr instruction in block.Body) Visit(instruction, block);
                if (block.Barrier is not null)
                    foreach (Reg? target in block.Barrier.Targets)
                        if (target is not null) Raise(target, Shape.Uniform(), block.Next!);
            }
            foreach (Block block in code.Blocks)
            {
                if (block.Guard is null || block.Taken == block.Next) continue;
                Shape guard = block.Guard.Shape;
                if (guard.IsVarying || (guard.IsConstantInSlice && !guard.Warp && block.Wide)) changed |= divergence.Part(block);
                else if (guard.IsConstantInSlice && !guard.Warp) changed |= divergence.PartSlices(block);
            }
        }
        while (changed);
    }

    private void Visit(Instr instruction, Block block)
    {
        for (int i = 0; i < instruction.Targets.Length; i++)
        {
            if (instruction.Targets[i] is not { } target) continue;
            Shape shape = rules.Result(instruction, i);
            if (shape.IsUnknown) continue;
            if (instruction.Guard is not null)
            {
                Shape guard = instruction.Guard.Shape;
                if (guard.IsUnknown) continue;
                if (guard.IsVarying || (!guard.Warp && block.Wide)) shape = Shape.Varying;
                else if (!guard.Warp) shape = shape.Join(Shape.Affine(shape.Stride, false, shape.Align));
            }
            Raise(target, shape, block);
        }
    }

    private void Raise(Reg target, Shape shape, Block block)
    {
        Shape joined = target.Shape.Join(shape);
        if (block.Divergent && block.Keep is not null && block.Keep[target.Index]) joined = Shape.Varying;
        if (block.KeepSlices is not null && block.KeepSlices[target.Index] && joined.Warp)
            joined = joined.Join(Shape.Affine(joined.Stride, false, joined.Align));
        if (joined.Stride != 0 && target.Kind is not (ValueKind.I32 or ValueKind.I64)) joined = Shape.Varying;
        if (joined == target.Shape) return;
        target.Shape = joined;
        changed = true;
    }

    /// <summary>A float that is loaded once and used by vector instructions only is better loaded as a broadcast vector.</summary>
    private bool BroadcastLoads()
    {
        var scalar = new BitSet(code.Registers.Count);
        foreach (Block block in code.Blocks)
        {
            if (block.Guard is not null) scalar[block.Guard.Index] = true;
            foreach (Instr instruction in block.Body)
            {
                bool vector = instruction.Opcode is PtxOpcode.St || Array.TrueForAll(instruction.Targets, t => t is null || t.Shape.IsVarying);
                if (vector && instruction.Guard is null && instruction.Opcode is not PtxOpcode.St) continue;
                foreach (Reg register in instruction.Reads()) scalar[register.Index] = true;
            }
            if (block.Barrier is not null)
                foreach (Reg register in block.Barrier.Reads()) scalar[register.Index] = true;
        }
        bool any = false;
        foreach (Block block in code.Blocks)
            foreach (Instr instruction in block.Body)
            {
                if (instruction.Opcode != PtxOpcode.Ld || instruction.Operation.Space == PtxSpace.Param) continue;
                foreach (Reg? target in instruction.Targets)
                {
                    if (target is not { Kind: ValueKind.F32, Shape.IsScalar: true, Definitions: 1 } || scalar[target.Index]) continue;
                    target.Shape = Shape.Varying;
                    any = true;
                }
            }
        return any;
    }
}
