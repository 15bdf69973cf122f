using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>The global and const variables of a loaded module, in host memory with their initial values.</summary>
internal sealed unsafe class ModuleMemory : IDisposable
{
    private const long BytesAtMost = 1L << 34;

    private readonly Dictionary<string, ulong> addresses = [];
    private readonly MemoryMap? map;
    private byte* memory;

    public ModuleMemory(PtxModule module, MemoryMap? map)
    {
        this.map = map;
        long bytes = 0;
        var offsets = new List<(PtxVariable Variable, long Offset)>();
        foreach (PtxVariable variable in module.Variables)
        {
            if (variable.Space is not (PtxSpace.Global or PtxSpace.Const) || variable.Linkage == PtxLinkage.Extern) continue;
            int align = Math.Max(variable.Align, 16);
            long offset = (bytes + align - 1) / align * align;
            offsets.Add((variable, offset));
            // A gap between variables makes accesses beyond one of them visible.
            bytes = offset + variable.Bytes + 64;
            if (bytes > BytesAtMost) throw RuntimeErrors.OutOfMemory("interpreter", bytes);
        }
        memory = (byte*)Native.Allocate(bytes, 1024);
        foreach ((PtxVariable variable, long offset) in offsets)
        {
            addresses[variable.Name] = (ulong)(memory + offset);
            map?.Add((ulong)(memory + offset), variable.Bytes, variable.Name);
            variable.Data?.AsSpan().CopyTo(new Span<byte>(memory + offset, variable.Data.Length));
        }
        foreach ((PtxVariable variable, long offset) in offsets)
            foreach (PtxRelocation relocation in variable.Relocations)
                *(ulong*)(memory + offset + relocation.Offset) = Address(module, relocation.Symbol, variable.Line) + (ulong)relocation.Addend;
    }

    /// <summary>Where the variables lie: addresses are this and an offset that is the same in every process.</summary>
    public byte* Start => memory;

    /// <summary>The address of a variable.</summary>
    public bool TryAddress(string name, out ulong address) => addresses.TryGetValue(name, out address);

    /// <summary>The pseudo-address of a function: its number in the module.</summary>
    public static ulong FunctionAddress(PtxModule module, string name)
    {
        int index = module.Functions.FindIndex(f => f.Name == name && f.HasBody);
        return index < 0 ? 0 : Windows.Function | (ulong)(index + 1) << 4;
    }

    public void Dispose()
    {
        if (memory == null) return;
        foreach (ulong address in addresses.Values) map?.Remove(address);
        Native.Free(memory);
        memory = null;
    }

    private ulong Address(PtxModule module, string symbol, int line)
    {
        if (addresses.TryGetValue(symbol, out ulong address)) return address;
        address = FunctionAddress(module, symbol);
        return address != 0 ? address : throw RuntimeErrors.UndefinedSymbol(symbol, line);
    }
}
