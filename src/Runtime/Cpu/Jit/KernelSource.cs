using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>An entry of a loaded module with what compiling and interpreting it need: calls inlined, variables placed.</summary>
internal sealed class KernelSource : IDisposable
{
    private readonly PtxModule module;
    private readonly ModuleMemory memory;
    private readonly MemoryMap? map;
    private readonly PtxFunction? inlined;
    private readonly Lock decoding = new();
    private Program? program, handlers;

    /// <exception cref="MmkException">MMK310: more memory than there can be.</exception>
    public KernelSource(PtxModule module, PtxFunction entry, ModuleMemory memory, MemoryMap? map = null)
    {
        (this.module, this.memory, this.map, Entry) = (module, memory, map, entry);
        inlined = PtxInliner.Run(module, entry, name => ModuleMemory.FunctionAddress(module, name), out PtxInstruction? refused);
        if (refused is not null) Refusal = $"PTX line {refused.Line}: `{refused.Operation.Text}` of a function that calls itself, or of very long code";
        Layout = new ModuleLayout(module, inlined ?? entry, memory);
    }

    public PtxFunction Entry { get; }

    public ModuleLayout Layout { get; }

    /// <summary>Whether compiled code checks its accesses.</summary>
    public bool Checked { get; init; }

    /// <summary>Whether compiled loops look whether the launch's time is over.</summary>
    public bool Stoppable { get; init; }

    /// <summary>Why the entry cannot be compiled; null where that is not known.</summary>
    public string? Refusal { get; }

    /// <summary>Analyses the entry for a launch form.</summary>
    /// <param name="cuts">Instructions in front of which another method goes on.</param>
    /// <exception cref="NotCompilableException">The kernel holds what only the interpreter runs.</exception>
    public KernelPlan Plan(LaunchForm form, SimdKit kit, IReadOnlySet<PtxInstruction> cuts)
    {
        KernelPlan plan = KernelPlan.Make(inlined ?? throw new NotCompilableException(0, Refusal!), form, kit, Layout, new HandlerTable(Handlers), cuts);
        (plan.Checked, plan.Stoppable) = (Checked, Stoppable);
        return plan;
    }

    /// <summary>The kernel for the interpreter.</summary>
    /// <exception cref="MmkException">MMK310: nor does the interpreter run it.</exception>
    public Program Interpreted()
    {
        lock (decoding) return program ??= new Program(module, memory, map, Entry);
    }

    /// <summary>The interpreter's decoding of the compiled code.</summary>
    public Program Handlers()
    {
        lock (decoding) return inlined == Entry ? Interpreted() : handlers ??= new Program(module, memory, map, inlined!);
    }

    public void Dispose()
    {
        program?.Dispose();
        handlers?.Dispose();
    }
}
