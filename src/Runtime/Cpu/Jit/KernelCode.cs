using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>A kernel as a graph of blocks over <see cref="Reg"/>s: what the analyses and the emitter work on.</summary>
internal sealed class KernelCode
{
    private readonly Dictionary<PtxRegister, Reg> registers = [];

    public required PtxFunction Function { get; init; }

    public List<Reg> Registers { get; } = [];

    /// <summary>Reachable blocks in layout order once <see cref="BlockLayout"/> has run; the first one is the entry.</summary>
    public List<Block> Blocks { get; set; } = [];

    public Block Entry => Blocks[0];

    /// <summary>The carry flag of add.cc and its relatives; made at its first use.</summary>
    public Reg Carry => carry ??= Add("carry flag", PtxType.Pred, ValueKind.Pred, null);

    private Reg? carry;

    /// <summary>Forgets what the analyses found out.</summary>
    public void Reset()
    {
        foreach (Block block in Blocks)
        {
            (block.Order, block.Postorder, block.Divergent, block.Wide) = (-1, -1, false, false);
            (block.Dominator, block.PostDominator, block.Loop, block.Keep, block.KeepSlices) = (null, null, null, null, null);
        }
        foreach (Reg register in Registers)
        {
            (register.Shape, register.BlockLocal, register.OnlyBlock) = (Shape.Unknown, true, null);
            (register.AddressOnly, register.Definitions) = (true, 0);
        }
    }

    /// <summary>The register of the text, made at its first use.</summary>
    public Reg Get(PtxRegister register, int line)
    {
        if (registers.TryGetValue(register, out Reg? known)) return known;
        if (register.Group.Vector != 1 || ValueKinds.Of(register.Type) is not { } kind)
            throw new NotCompilableException(line, $"the register {register.Name} is a vector or has {register.Type.Bits()} bits");
        Reg made = Add(register.Name, register.Type, kind, register);
        registers.Add(register, made);
        return made;
    }

    /// <summary>A register that the text does not have.</summary>
    public Reg Temporary(PtxType type) => Add($"temporary {Registers.Count}", type, ValueKinds.Of(type)!.Value, null);

    private Reg Add(string name, PtxType type, ValueKind kind, PtxRegister? source)
    {
        var made = new Reg(Registers.Count, name, type, kind, source);
        Registers.Add(made);
        return made;
    }
}
