using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Where the variables of a module lie: offsets into shared memory, a thread's local memory, or the memory of module variables.</summary>
internal sealed class ModuleLayout
{
    private readonly Dictionary<PtxVariable, (PtxSpace Window, long Offset)> places = [];
    private readonly Dictionary<PtxFunction, int> localBytes = [], sharedBytes = [];

    /// <exception cref="MmkException">A variable that is declared but not defined.</exception>
    public ModuleLayout(PtxModule module)
    {
        long globals = 0, shared = 0;
        foreach (PtxVariable variable in module.Variables)
        {
            if (variable.Space == PtxSpace.Shared)
            {
                if (!variable.IsOpen) shared = Place(variable, PtxSpace.Shared, shared);
            }
            else globals = Place(variable, PtxSpace.Global, globals);
        }
        GlobalBytes = globals;
        foreach (PtxFunction function in module.Functions)
        {
            if (!function.HasBody) continue;
            long local = 0, own = shared;
            foreach (PtxVariable variable in function.Variables)
            {
                if (variable.Space == PtxSpace.Local) local = Place(variable, PtxSpace.Local, local);
                else if (variable.Space == PtxSpace.Shared && !variable.IsOpen) own = Place(variable, PtxSpace.Shared, own);
            }
            if (local > int.MaxValue / 2 || own > int.MaxValue / 2) throw RuntimeErrors.Unsupported(function.Name, function.Line, $"{local} bytes of local and {own} bytes of shared memory");
            localBytes[function] = (int)((local + 15) / 16 * 16);
            // Dynamic shared memory begins aligned for any vector.
            sharedBytes[function] = (int)((own + 127) / 128 * 128);
            long at = 0;
            foreach (PtxVariable parameter in function.Parameters)
            {
                at = (at + parameter.Align - 1) / parameter.Align * parameter.Align;
                places[parameter] = (PtxSpace.Param, at);
                at += parameter.Bytes;
            }
        }
    }

    /// <summary>Bytes of all module variables.</summary>
    public long GlobalBytes { get; }

    /// <summary>Local memory of a thread.</summary>
    public int LocalBytes(PtxFunction function) => localBytes[function];

    /// <summary>Static shared memory: where the dynamic part begins.</summary>
    public int SharedBytes(PtxFunction function) => sharedBytes[function];

    /// <summary>The window of addresses in which a variable lies, and its offset there. Constants lie with the globals.</summary>
    public PtxSpace Window(PtxVariable variable, out long offset)
    {
        (PtxSpace window, offset) = places[variable];
        return window;
    }

    /// <summary>The offset of a variable among the module's; -1 for one that lies elsewhere.</summary>
    public long GlobalOffset(PtxVariable variable) => places.TryGetValue(variable, out (PtxSpace Window, long Offset) place) && place.Window == PtxSpace.Global ? place.Offset : -1;

    private long Place(PtxVariable variable, PtxSpace window, long end)
    {
        long offset = (end + variable.Align - 1) / variable.Align * variable.Align;
        places[variable] = (window, offset);
        return offset + variable.Bytes;
    }
}
