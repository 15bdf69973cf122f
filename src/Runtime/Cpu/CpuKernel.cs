using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu;

/// <summary>An entry, compiled once per launch form at the first launch or by <see cref="Prepare"/>.</summary>
internal sealed class CpuKernel : DeviceKernel
{
    private readonly Lock compiling = new();
    private readonly List<(LaunchForm Form, CompiledKernel Kernel)> compiled = [];
    private volatile CompiledKernel? latest;
    private LaunchForm latestForm;
    private volatile string? reason;
    private readonly PtxFunction? inlined;
    private Program? program, handlers;

    public CpuKernel(CpuModule module, PtxFunction entry)
    {
        (Module, Entry) = (module, entry);
        (KernelParameter[] parameters, ParameterBytes) = ParameterLayout.Of(entry);
        Parameters = parameters;
        inlined = PtxInliner.Run(module.Ptx, entry, name => ModuleMemory.FunctionAddress(module.Ptx, name), out PtxInstruction? refused);
        if (refused is not null) reason = $"PTX line {refused.Line}: `{refused.Operation.Text}` of a function that calls itself, or of very long code";
        Layout = new ModuleLayout(module.Ptx, inlined ?? entry, module.Memory);
    }

    public ModuleLayout Layout { get; }

    public CpuModule Module { get; }

    public PtxFunction Entry { get; }

    public override string Name => Entry.Name;

    public override IReadOnlyList<KernelParameter> Parameters { get; }

    public override int ParameterBytes { get; }

    public override int StaticSharedBytes => Layout.SharedBytes;

    public override string ExecutedBy
    {
        get
        {
            if (reason is not null) return $"interpreter: {reason}";
            string large = latest is { OversizedRegions: > 0 and int regions } ? $", {regions} of {latest.Code.Length} regions too large to be optimised" : "";
            return $"SIMD code of {Module.Device.Lanes} lanes{large}";
        }
    }

    public override void Prepare() => Compiled(LaunchForm.Expected(Entry, Module.Device.Lanes));

    /// <summary>The machine code for a launch form; null where only the interpreter runs the kernel.</summary>
    public CompiledKernel? Compiled(LaunchForm form)
    {
        if (reason is not null) return null;
        lock (compiling)
        {
            if (latest is { } known && latestForm == form) return known;
            foreach ((LaunchForm Form, CompiledKernel Kernel) entry in compiled)
                if (entry.Form == form) return Use(entry.Form, entry.Kernel);
            try
            {
                CompiledKernel made = CompiledKernel.Compile(inlined!, form, Module.Device.Lanes, Layout, new HandlerTable(Handlers));
                compiled.Add((form, made));
                return Use(form, made);
            }
            catch (NotCompilableException refusal)
            {
                reason = refusal.Message;
                return null;
            }
        }
    }

    /// <summary>The kernel for the interpreter.</summary>
    /// <exception cref="MmkException">MMK310: nor does the interpreter run it.</exception>
    public Program Interpreted()
    {
        lock (compiling) return program ??= new Program(Module.Ptx, Module.Memory, null, Entry);
    }

    /// <summary>For messages: what a trap on a line stands for.</summary>
    public string TrapAt(int line)
    {
        foreach (PtxFunction function in Module.Ptx.Functions)
            foreach (PtxStatement statement in function.Body)
                switch (statement)
                {
                    case PtxInstruction { Opcode: PtxOpcode.Call } call when call.Line == line: return $"`{call}` has no function to go to: it is declared but not defined in this module, or the address is none";
                    case PtxInstruction { Opcode: PtxOpcode.BrxIdx } branch when branch.Line == line: return $"`{branch}`: the index lies beyond the branch targets";
                }
        return "trap";
    }

    public void Release()
    {
        program?.Dispose();
        handlers?.Dispose();
    }

    /// <summary>The interpreter's decoding of the compiled code.</summary>
    private Program Handlers() => inlined == Entry ? Interpreted() : handlers ??= new Program(Module.Ptx, Module.Memory, null, inlined!);

    private CompiledKernel Use(LaunchForm form, CompiledKernel kernel)
    {
        (latestForm, latest) = (form, kernel);
        return kernel;
    }
}
