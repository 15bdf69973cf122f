namespace MmKernels.Compiler.Ir;

/// <summary>A kernel in the IR: its blocks, constants, parameters and arrays.</summary>
internal sealed class Function(string name)
{
    private readonly Dictionary<long, Value>[] constants = NewTables();
    private readonly Dictionary<long, Value>[] statics = NewTables();
    private int values;
    private int blocks;

    public string Name => name;

    public List<IrParameter> Parameters { get; } = [];

    /// <summary>Shared, local and constant arrays.</summary>
    public List<MemoryArray> Arrays { get; } = [];

    /// <summary>All blocks; the entry first. In reverse post-order after <see cref="Dominators.Compute"/>.</summary>
    public List<Block> Blocks { get; set; } = [];

    public Block Entry => Blocks[0];

    /// <summary>Values made so far; ids are below it.</summary>
    public int ValueCount => values;

    public Block NewBlock()
    {
        var block = new Block(blocks++);
        Blocks.Add(block);
        return block;
    }

    public int NextId() => values++;

    /// <summary>The constant with these bits; one object per type, bits and <paramref name="isStatic"/>.</summary>
    public Value Constant(IrType type, long bits, bool isStatic = false)
    {
        bits = type switch
        {
            IrType.Pred => bits & 1,
            IrType.I16 => (ushort)bits,
            IrType.I32 or IrType.F32 => (int)bits,
            _ => bits,
        };
        Dictionary<long, Value> table = (isStatic ? statics : constants)[(int)type];
        if (table.TryGetValue(bits, out Value? known)) return known;
        var made = new Value(values++, Op.Constant, type, Value.None) { Imm = bits, Static = isStatic };
        table.Add(bits, made);
        return made;
    }

    public Value Constant(float value) => Constant(IrType.F32, BitConverter.SingleToInt32Bits(value));

    public Value Constant(double value) => Constant(IrType.F64, BitConverter.DoubleToInt64Bits(value));

    /// <summary>The same constant without its part in unrolling, so that equal constants are one object.</summary>
    public Value Plain(Value constant) => constant.Static ? Constant(constant.Type, constant.Imm) : constant;

    private static Dictionary<long, Value>[] NewTables()
    {
        var tables = new Dictionary<long, Value>[(int)IrType.F64 + 1];
        for (int i = 0; i < tables.Length; i++) tables[i] = [];
        return tables;
    }
}

/// <summary>A parameter of the PTX entry.</summary>
/// <param name="IsPointer">An address in global memory.</param>
/// <param name="Struct">The struct that this is a number of; parameters of one struct follow each other.</param>
/// <param name="Offset">Bytes from the start of the struct.</param>
internal sealed record IrParameter(string Name, IrType Type, MemoryType Memory, bool IsPointer, StructParameter? Struct = null, int Offset = 0);

/// <summary>A struct that is passed by value.</summary>
internal sealed record StructParameter(string Name, int Bytes, int Align);

/// <summary>A shared, local or constant array.</summary>
internal sealed class MemoryArray(string name, Space space, long bytes, int align)
{
    public string Name => name;

    public Space Space => space;

    public long Bytes => bytes;

    public int Align => align;

    /// <summary>Dynamic shared memory: its size is chosen by the launch.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What an array in <see cref="Space.Const"/> holds.</summary>
    public byte[]? Data { get; init; }

    public override string ToString() => name;
}

/// <summary>Registers that the hardware sets.</summary>
internal enum SpecialRegister : byte
{
    ThreadX, ThreadY, ThreadZ, GroupX, GroupY, GroupZ, BlockX, BlockY, BlockZ, GridX, GridY, GridZ, Lane, DynamicSharedBytes,
}
