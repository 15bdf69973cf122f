using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Where the variables that an entry names lie: offsets into shared memory, a thread's local memory, the parameters, or the module's memory.</summary>
internal sealed unsafe class ModuleLayout
{
    private readonly Dictionary<PtxVariable, (PtxSpace Window, long Offset)> places = [];
    private readonly ModuleMemory memory;

    /// <exception cref="MmkException">More memory than there can be.</exception>
    public ModuleLayout(PtxModule module, PtxFunction entry, ModuleMemory memory)
    {
        this.memory = memory;
        long local = 0, shared = 0, align = 16;
        foreach (PtxVariable variable in Reach.SharedVariables(module, entry))
        {
            if (variable.IsOpen) align = Math.Max(align, variable.Align);
            else shared = Place(variable, PtxSpace.Shared, shared);
        }
        foreach (PtxVariable variable in entry.Variables)
            if (variable.Space == PtxSpace.Local) local = Place(variable, PtxSpace.Local, local);
        if (local > int.MaxValue / 2 || shared > int.MaxValue / 2) throw RuntimeErrors.Unsupported(entry.Name, entry.Line, $"{local} bytes of local and {shared} bytes of shared memory");
        LocalBytes = (int)((local + 15) / 16 * 16);
        SharedBytes = (int)shared;
        DynamicOffset = (int)((shared + align - 1) / align * align);
        long at = 0;
        foreach (PtxVariable parameter in entry.Parameters) at = Place(parameter, PtxSpace.Param, at);
    }

    /// <summary>Local memory of a thread.</summary>
    public int LocalBytes { get; }

    /// <summary>Static shared memory.</summary>
    public int SharedBytes { get; }

    /// <summary>Where dynamic shared memory begins.</summary>
    public int DynamicOffset { get; }

    /// <summary>The window of addresses in which a variable lies, and its offset there. Constants lie with the module's globals.</summary>
    /// <exception cref="MmkException">MMK312: declared but not defined.</exception>
    public PtxSpace Window(PtxVariable variable, int line, out long offset)
    {
        if (variable is { Space: PtxSpace.Shared, IsOpen: true })
        {
            offset = DynamicOffset;
            return PtxSpace.Shared;
        }
        if (places.TryGetValue(variable, out (PtxSpace Window, long Offset) place))
        {
            offset = place.Offset;
            return place.Window;
        }
        if (!memory.TryAddress(variable.Name, out ulong address)) throw RuntimeErrors.UndefinedSymbol(variable.Name, line);
        offset = (long)(address - (ulong)memory.Start);
        return PtxSpace.Global;
    }

    private long Place(PtxVariable variable, PtxSpace window, long end)
    {
        long offset = (end + variable.Align - 1) / variable.Align * variable.Align;
        places[variable] = (window, offset);
        return offset + variable.Bytes;
    }
}
