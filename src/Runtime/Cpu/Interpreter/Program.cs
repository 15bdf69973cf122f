using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>An entry with the functions that it can reach, decoded.</summary>
internal sealed unsafe class Program : IDisposable
{
    private const int RecursionBytes = 65536, NestedCallsAtMost = 500;

    private readonly Dictionary<PtxFunction, Code> codes = [];
    private readonly Dictionary<ulong, int> constants = [];
    private readonly Dictionary<PtxVariable, int> sharedOffsets = [];
    private readonly ModuleMemory memory;
    private bool recursive;
    private int decoding;

    /// <exception cref="MmkException">MMK310, MMK312: an instruction that the interpreter does not run, or a symbol without definition.</exception>
    public Program(PtxModule module, ModuleMemory memory, MemoryMap? map, PtxFunction entry)
    {
        Module = module;
        this.memory = memory;
        Map = map;
        (Parameters, ParameterBytes) = ParameterLayout.Of(entry);
        EntryFunction = entry;
        LayOutShared(entry);
        Entry = Decode(entry);
        Constants = (ulong*)Native.Allocate((long)Math.Max(1, constants.Count) * Warp.Lanes * 8);
        foreach ((ulong bits, int row) in constants)
            for (int lane = 0; lane < Warp.Lanes; lane++) Constants[row * Warp.Lanes + lane] = bits;
        LocalBytes = (int)((LocalNeed(Entry, []) + (recursive ? RecursionBytes : 0) + 255) / 256 * 256);
    }

    public PtxModule Module { get; }

    public Code Entry { get; }

    public PtxFunction EntryFunction { get; }

    public MemoryMap? Map { get; }

    public KernelParameter[] Parameters { get; }

    public int ParameterBytes { get; }

    /// <summary>Shared memory that the entry and its functions declare.</summary>
    public int StaticSharedBytes { get; private set; }

    /// <summary>Where dynamic shared memory starts.</summary>
    public int DynamicSharedOffset { get; private set; }

    /// <summary>Local memory per thread.</summary>
    public int LocalBytes { get; }

    /// <summary>Rows of constants.</summary>
    public ulong* Constants { get; private set; }

    /// <summary>The decoded function.</summary>
    public Code Decode(PtxFunction function)
    {
        if (codes.TryGetValue(function, out Code? code))
        {
            if (code.Ops.Length == 0) recursive = true;
            return code;
        }
        code = new Code(function);
        codes.Add(function, code);
        if (++decoding > NestedCallsAtMost) throw RuntimeErrors.Unsupported(EntryFunction.Name, function.Line, $"calls are nested more than {NestedCallsAtMost} deep");
        new Decoder(this, code).Run();
        decoding--;
        return code;
    }

    /// <summary>The function at a pseudo-address, for an indirect call.</summary>
    public Code FunctionAt(ulong address, PtxInstruction instruction)
    {
        int index = (int)((address & Windows.OffsetMask) >> 4) - 1;
        if (address >> Windows.Shift != Windows.Function >> Windows.Shift || index < 0 || index >= Module.Functions.Count || !codes.TryGetValue(Module.Functions[index], out Code? code))
            throw RuntimeErrors.Fault(Entry.Function.Name, $"{Place(instruction)}: the call goes to 0x{address:X}, which is no function");
        return code;
    }

    public int ConstantRow(ulong bits)
    {
        if (!constants.TryGetValue(bits, out int row)) constants.Add(bits, row = constants.Count);
        return row;
    }

    public ulong VariableAddress(PtxVariable variable, int line)
        => memory.TryAddress(variable.Name, out ulong address) ? address : throw RuntimeErrors.UndefinedSymbol(variable.Name, line);

    public int SharedOffset(PtxVariable variable) => sharedOffsets[variable];

    /// <summary>The shared or module variable that holds an address of shared memory, for messages.</summary>
    public string? SharedName(long offset)
    {
        foreach ((PtxVariable variable, int start) in sharedOffsets)
            if (offset >= start && (variable.IsOpen || offset < start + variable.Bytes)) return variable.Name;
        return null;
    }

    public IReadOnlyDictionary<PtxVariable, int> SharedOffsets => sharedOffsets;

    /// <summary>Marks that calls may nest without a bound that is known here.</summary>
    public void AssumeRecursion() => recursive = true;

    /// <summary>The C# line where <c>.loc</c> names it, and the PTX line.</summary>
    public string Place(PtxInstruction instruction)
    {
        string text = $"PTX line {instruction.Line}: `{instruction.ToString().TrimEnd(';')}`";
        if (instruction.Location is not { } location) return text;
        string file = Module.Files.TryGetValue(location.File, out string? name) ? Path.GetFileName(name) : $"file {location.File}";
        return $"{file}({location.Line}), {text}";
    }

    public void Dispose()
    {
        Native.Free(Constants);
        Constants = null;
    }

    private void LayOutShared(PtxFunction entry)
    {
        var open = new List<PtxVariable>();
        long end = 0;
        foreach (PtxVariable variable in Reach.SharedVariables(Module, entry))
        {
            if (variable.IsOpen)
            {
                open.Add(variable);
                continue;
            }
            long offset = (end + variable.Align - 1) / variable.Align * variable.Align;
            end = offset + variable.Bytes;
            if (end > int.MaxValue / 2) throw RuntimeErrors.SharedMemory(entry.Name, end, int.MaxValue / 2);
            sharedOffsets.Add(variable, (int)offset);
        }
        StaticSharedBytes = (int)end;
        int align = 16;
        foreach (PtxVariable variable in open) align = Math.Max(align, variable.Align);
        DynamicSharedOffset = (int)((end + align - 1) / align * align);
        foreach (PtxVariable variable in open) sharedOffsets.Add(variable, DynamicSharedOffset);
    }

    /// <summary>Local memory of the deepest chain of calls from here; a recursive call counts as nothing.</summary>
    private long LocalNeed(Code code, Dictionary<Code, long> known)
    {
        if (known.TryGetValue(code, out long need)) return need;
        known.Add(code, 0);
        long deepest = 0;
        foreach (ref readonly Op op in code.Ops.AsSpan())
        {
            if (op.Kind != OpKind.Call) continue;
            if (((CallSite)op.Data!).Target is { } target) deepest = Math.Max(deepest, LocalNeed(target, known));
            else foreach (Code any in codes.Values) deepest = Math.Max(deepest, any.FrameBytes);
        }
        need = code.FrameBytes + deepest;
        if (need > int.MaxValue / 2) throw RuntimeErrors.Unsupported(code.Function.Name, code.Function.Line, $"{need} bytes of local memory per thread");
        return known[code] = need;
    }
}
