using System.Text;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Everything that the emitter needs to know about a kernel in one launch form: the analyses' results and the layout of the save area.</summary>
internal sealed class KernelPlan
{
    private readonly Dictionary<Block, Region> regionByEntry = [];
    private readonly Dictionary<Region, (BitSet Used, BitSet Defined)> accesses = [];

    private KernelPlan(KernelCode code, LaunchForm form, SimdKit kit, ModuleLayout layout, HandlerTable handlers)
    {
        (Code, Form, Kit, Layout, Handlers) = (code, form, kit, layout, handlers);
        LocalBytes = layout.LocalBytes;
        Rules = new ShapeRules(code.Function, form, kit.Lanes, LocalBytes);
        (Regions, Divergence) = Analyse();
        SpinLoops.Refuse(code);
        if (IfConversion.Run(code))
        {
            code.Reset();
            BlockMerging.Run(code);
            (Regions, Divergence) = Analyse();
        }
        foreach (Region region in Regions)
        {
            regionByEntry.Add(region.Entry, region);
            accesses.Add(region, Accesses(region));
        }
        Homes = RegisterHomes.Assign(code, Regions);
        Wraps = new WrapFlags(code, Rules);
        LayOutSaves();
    }

    private (List<Region>, Divergence) Analyse()
    {
        BlockLayout.Run(Code);
        SpinLoops.Refuse(Code);
        Liveness.Run(Code);
        List<Region> regions = Region.Form(Code);
        return (regions, ShapeAnalysis.Run(Code, Form, Kit.Lanes, LocalBytes));
    }

    public KernelCode Code { get; }

    public LaunchForm Form { get; }

    public SimdKit Kit { get; }

    public ModuleLayout Layout { get; }

    public HandlerTable Handlers { get; }

    public List<Region> Regions { get; }

    public ShapeRules Rules { get; }

    public Divergence Divergence { get; }

    /// <summary>Local memory of a thread.</summary>
    public int LocalBytes { get; }

    /// <summary>Registers that live in memory.</summary>
    public RegisterHomes Homes { get; }

    /// <summary>Accesses are checked.</summary>
    public bool Checked { get; set; }

    /// <summary>Loops look whether the launch's time is over.</summary>
    public bool Stoppable { get; set; }

    /// <summary>Checked accesses so far.</summary>
    public int Sites { get; private set; }

    public int NewSite() => Sites++;

    public WrapFlags Wraps { get; }

    /// <summary>Where the flags lie in a slice's save area.</summary>
    public int WrapsOffset { get; private set; }

    /// <summary>Bytes of the save area of one slice.</summary>
    public int SaveStride { get; private set; }

    /// <param name="cuts">Instructions in front of which another method goes on.</param>
    /// <exception cref="NotCompilableException">The kernel holds what only the interpreter runs.</exception>
    public static KernelPlan Make(PtxFunction entry, LaunchForm form, SimdKit kit, ModuleLayout layout, HandlerTable handlers, IReadOnlySet<PtxInstruction> cuts)
    {
        KernelCode code = BlockBuilder.Build(entry, cuts);
        BlockMerging.Run(code);
        foreach (Block block in code.Blocks)
            if (block.Barrier is { } barrier && !IsFullBarrier(barrier)) throw new NotCompilableException(barrier.Line, $"the barrier `{barrier.Source}` of some threads");
        return new KernelPlan(code, form, kit, layout, handlers);
    }

    /// <summary>The number of regions that start at the kernel's entry or behind a barrier: those behind cuts follow.</summary>
    public int FirstBehindCut => Regions.Count(r => !r.BehindCut);

    /// <summary>Index of the region that starts at a block behind a barrier or cut.</summary>
    public int RegionAt(Block entry) => regionByEntry[entry].Index;

    public bool Uses(Region region, Reg register) => accesses[region].Used[register.Index] || accesses[region].Defined[register.Index];

    public bool Defines(Region region, Reg register) => accesses[region].Defined[register.Index];

    /// <summary>All threads of the block take part.</summary>
    private static bool IsFullBarrier(Instr barrier)
    {
        int operands = barrier.Values.Length - (barrier.Opcode == PtxOpcode.BarRed ? 1 : 0);
        return barrier.Opcode != PtxOpcode.BarArrive && operands == 1 && barrier.Values[0].IsConstant;
    }

    /// <summary>Regions, blocks and shapes, for debugging.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (Region region in Regions) text.AppendLine($"region {region.Index}{(region.Wide ? " wide" : "")}: {region.Entry} of {string.Join(" ", region.Blocks)}");
        foreach (Block block in Code.Blocks)
        {
            text.AppendLine($"{block}{(block.Divergent ? " divergent" : "")}{(block.Keep is null ? "" : $" keeps {Names(block.Keep)}")}:");
            foreach (Instr instruction in block.Body)
                text.AppendLine($"    {instruction.Source}  // {string.Join(", ", instruction.Targets.Select(t => t is null ? "_" : $"{t.Shape.Form} {t.Shape.Stride}{(t.Shape.Warp ? " warp" : "")} 2^{t.Shape.Align}"))}");
            text.AppendLine($"    {block.End} {(block.GuardNegated ? "!" : "")}{block.Guard} {block.Taken} {block.Next}, meets at {block.PostDominator?.ToString() ?? "the end"}");
        }
        return text.ToString();

        string Names(BitSet set) => string.Join(" ", set.Members().Select(m => Code.Registers[m].Name));
    }

    private (BitSet Used, BitSet Defined) Accesses(Region region)
    {
        var used = new BitSet(Code.Registers.Count);
        var defined = new BitSet(Code.Registers.Count);
        if (region.Reduction is not null) Write(region.Reduction);
        foreach (Block block in region.Blocks)
        {
            foreach (Instr instruction in block.Body)
            {
                foreach (Reg register in instruction.Reads()) used[register.Index] = true;
                Write(instruction);
            }
            if (block.Guard is not null) used[block.Guard.Index] = true;
            if (block.Barrier is null) continue;
            foreach (Reg register in block.Barrier.Reads()) used[register.Index] = true;
        }
        return (used, defined);

        void Write(Instr instruction)
        {
            foreach (Reg? target in instruction.Targets)
                if (target is not null) defined[target.Index] = true;
        }
    }

    private void LayOutSaves()
    {
        int end = 0;
        foreach (bool vectors in new[] { true, false })
            foreach (Reg register in Code.Registers)
            {
                if (register.Shape.IsScalar == vectors || register.Home is not null || !Regions.Exists(r => r.Index > 0 && r.Entry.LiveIn[register.Index])) continue;
                register.SaveOffset = end;
                end += vectors ? Kit.Bytes * (register.Kind.Is64() ? 2 : 1) : 8;
            }
        WrapsOffset = end;
        SaveStride = (end + 4 * Wraps.Count + 63) / 64 * 64;
    }
}
