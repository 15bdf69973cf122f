using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;
using MmKernels.Ptx;

namespace MmKernels.Compiler.Emit;

/// <summary>Writes a function as a PTX entry. This file: the frame of the entry, blocks and branches.</summary>
internal sealed partial class PtxEmitter
{
    private readonly Function function;
    private readonly Coalescing coalescing;
    private readonly PtxFunctionBuilder builder;
    private readonly List<SourcePlace?> places;
    private readonly PtxRegister?[] registers;
    private readonly PtxVariable[] parameters;
    private readonly Dictionary<MemoryArray, PtxVariable> arrays = [];
    private readonly Dictionary<Block, PtxLabel> labels = [];
    private readonly Dictionary<SourcePlace, PtxLocation> locations = [];
    private readonly HashSet<string> names = [];
    private int place;

    private PtxEmitter(Function function, Coalescing coalescing, PtxModule module, List<SourcePlace?> places)
    {
        this.function = function;
        this.coalescing = coalescing;
        this.places = places;
        builder = new PtxFunctionBuilder(module, function.Name);
        registers = new PtxRegister?[function.ValueCount];
        parameters = new PtxVariable[function.Parameters.Count];
    }

    /// <summary>Emits the entry into the module; phis must be coalesced and blocks laid out.</summary>
    public static PtxFunction Run(Function function, Coalescing coalescing, PtxModule module, CompileOptions options, List<SourcePlace?> places)
    {
        var emitter = new PtxEmitter(function, coalescing, module, places);
        emitter.Declare(options);
        emitter.Body();
        return emitter.builder.Function;
    }

    private void Declare(CompileOptions options)
    {
        if (options.GroupX > 0)
        {
            builder.Function.RequiredThreads = [options.GroupX, options.GroupY, options.GroupZ];
            builder.Function.MinBlocksPerMultiprocessor = 1;   // without it ptxas spills a few registers where that lets one more block fit
        }
        for (int i = 0; i < parameters.Length; i++)
        {
            IrParameter parameter = function.Parameters[i];
            if (parameter.Struct is { } owner)
            {
                parameters[i] = i > 0 && function.Parameters[i - 1].Struct == owner ? parameters[i - 1] : builder.Parameter(owner.Bytes, owner.Align, NewName(owner.Name));
                continue;
            }
            parameters[i] = parameter.IsPointer
                ? builder.Parameter(PtxType.U64, NewName(parameter.Name), PtxSpace.Global, 1)   // a view may begin at any element
                : builder.Parameter(ParameterType(parameter.Memory), NewName(parameter.Name));
        }
        foreach (MemoryArray array in function.Arrays)
        {
            PtxVariable variable = array.IsOpen
                ? builder.DynamicShared(array.Align, NewName(array.Name))
                : array.Data is { } data ? builder.Data(PtxSpace.Const, PtxType.B8, data.Length, array.Align, NewName(array.Name), data)
                : builder.Variable(array.Space == Space.Shared ? PtxSpace.Shared : PtxSpace.Local, PtxType.B8, (int)array.Bytes, array.Align, NewName(array.Name));
            arrays.Add(array, variable);
        }
    }

    /// <summary>A name of C# as an identifier of PTX that nothing else has.</summary>
    private string NewName(string name)
    {
        string made = string.Create(name.Length, name, static (to, from) =>
        {
            for (int i = 0; i < to.Length; i++) to[i] = char.IsAsciiLetterOrDigit(from[i]) || from[i] == '_' ? from[i] : '_';
        });
        if (made == "_" || made == "WARP_SZ") made += "_";
        while (!names.Add(made)) made += "_";
        return made;
    }

    private static PtxType ParameterType(MemoryType type) => type switch
    {
        MemoryType.S8 => PtxType.S8,
        MemoryType.U8 => PtxType.U8,
        MemoryType.S16 => PtxType.S16,
        MemoryType.U16 => PtxType.U16,
        MemoryType.B16 => PtxType.B16,
        MemoryType.B32 => PtxType.U32,
        MemoryType.B64 => PtxType.U64,
        MemoryType.F32 => PtxType.F32,
        _ => PtxType.F64,
    };

    private void Body()
    {
        var blocks = new List<Block>(function.Blocks.Count);
        foreach (Block block in function.Blocks)
            if (block == function.Entry || !IsEmpty(block)) blocks.Add(block);
        for (int i = 1; i < blocks.Count; i++) labels.Add(blocks[i], builder.Label());
        for (int i = 0; i < blocks.Count; i++)
        {
            Block block = blocks[i];
            if (i > 0) builder.Place(labels[block]);
            foreach (Value value in block.Values)
            {
                NotePlace(value.Place);
                Emit(value);
            }
            if (block is { Else: null, Next: { } successor }) Copies(block, successor);
            End(block, i + 1 < blocks.Count ? blocks[i + 1] : null);
        }
    }

    /// <summary>Whether the block only jumps on: it was made for copies that coalescing made needless.</summary>
    private bool IsEmpty(Block block)
    {
        if (block.Values.Count > 0 || block.Condition is not null || block.Next is not { } next || next == block) return false;
        int index = next.Predecessors.IndexOf(block);
        foreach (Value phi in next.Values)
        {
            if (phi.Op != Op.Phi) break;
            Value arg = phi.Args[index];
            if (arg.IsConstant || coalescing.Representative(arg) != coalescing.Representative(phi)) return false;
        }
        return true;
    }

    /// <summary>Where a jump to the block ends up.</summary>
    private Block Target(Block block)
    {
        for (int hops = 0; hops < function.Blocks.Count && block != function.Entry && IsEmpty(block); hops++) block = block.Next!;
        return block;
    }

    private void NotePlace(int valuePlace)
    {
        if (valuePlace == place || valuePlace == 0) return;
        place = valuePlace;
        SourcePlace source = places[valuePlace]!;
        if (!locations.TryGetValue(source, out PtxLocation? location))
        {
            location = new PtxLocation(FileIndex(source.File), source.Line, 0);
            locations.Add(source, location);
        }
        builder.Location = location;
    }

    private int FileIndex(string file)
    {
        foreach ((int index, string name) in builder.Module.Files)
            if (name == file) return index;
        builder.Module.Files.Add(builder.Module.Files.Count + 1, file);
        return builder.Module.Files.Count;
    }

    private void End(Block block, Block? following)
    {
        if (block.Next is null)
        {
            builder.Emit("ret");
            return;
        }
        Block next = Target(block.Next);
        if (block.Else is not null && Target(block.Else) is { } other && other != next)
        {
            PtxRegister condition = Register(block.Condition!);
            if (next == following)
            {
                builder.EmitIf(condition, true, "bra", new LabelOperand(labels[other]));
                return;
            }
            builder.EmitIf(condition, false, "bra", new LabelOperand(labels[next]));
            if (other != following) builder.Emit("bra.uni", new LabelOperand(labels[other]));
            return;
        }
        if (next != following) builder.Emit("bra.uni", new LabelOperand(labels[next]));
    }

    private void Move(PtxRegister target, PtxOperand source, IrType type)
        => builder.Emit(type switch { IrType.Pred => "mov.pred", IrType.I16 => "mov.b16", IrType.I32 => "mov.b32", IrType.I64 => "mov.b64", IrType.F32 => "mov.f32", _ => "mov.f64" }, target.Operand, source);

    private PtxRegister Register(Value value)
    {
        value = coalescing.Representative(value);
        return value.IsConstant ? Materialise(value) : registers[value.Id] ??= builder.Register(RegisterType(value.Type));
    }

    private static PtxType RegisterType(IrType type) => type switch
    {
        IrType.Pred => PtxType.Pred,
        IrType.I16 => PtxType.B16,
        IrType.I32 => PtxType.B32,
        IrType.I64 => PtxType.B64,
        IrType.F32 => PtxType.F32,
        _ => PtxType.F64,
    };

    private static ImmediateOperand Immediate(Value value) => value.Type switch
    {
        IrType.F32 => ImmediateOperand.Of(value.Float),
        IrType.F64 => ImmediateOperand.Of(value.Double),
        _ => ImmediateOperand.Of(value.Imm),
    };

    /// <summary>A register or an immediate.</summary>
    private PtxOperand Operand(Value value) => value.IsConstant ? Immediate(value) : Register(value).Operand;

    /// <summary>A register, for operands that cannot be immediates. It is not kept: the block may not dominate later uses.</summary>
    private PtxOperand RegisterOperand(Value value) => value.IsConstant ? Materialise(value).Operand : Register(value).Operand;

    private PtxRegister Materialise(Value value)
    {
        PtxRegister register = builder.Register(RegisterType(value.Type));
        Move(register, Immediate(value), value.Type);
        return register;
    }
}
