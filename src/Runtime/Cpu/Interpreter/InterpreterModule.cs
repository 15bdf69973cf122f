using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>A module loaded into an <see cref="InterpreterDevice"/>.</summary>
internal sealed class InterpreterModule : DeviceModule
{
    private readonly PtxModule module;
    private readonly MemoryMap map;
    private readonly ModuleMemory memory;
    private readonly Dictionary<string, InterpreterKernel> kernels = [];
    private bool closed;

    public InterpreterModule(InterpreterDevice device, PtxModule module, MemoryMap map)
    {
        Device = device;
        this.module = module;
        this.map = map;
        memory = new ModuleMemory(module, map);
    }

    public InterpreterDevice Device { get; }

    public override DeviceKernel GetKernel(string entry)
    {
        Open();
        if (kernels.TryGetValue(entry, out InterpreterKernel? kernel)) return kernel;
        if (module.FindFunction(entry) is not { IsEntry: true, HasBody: true } function)
            throw RuntimeErrors.NoEntry(entry, module.Functions.Where(f => f.IsEntry && f.HasBody).Select(f => f.Name));
        kernel = new InterpreterKernel(this, new Program(module, memory, map, function));
        kernels.Add(entry, kernel);
        return kernel;
    }

    public void Open()
    {
        if (closed) throw RuntimeErrors.DeviceClosed($"{Device.Name} module");
    }

    public override void Dispose()
    {
        if (closed) return;
        closed = true;
        foreach (InterpreterKernel kernel in kernels.Values) kernel.Program.Dispose();
        memory.Dispose();
        Device.Forget(this);
    }
}

/// <summary>An entry of an <see cref="InterpreterModule"/>.</summary>
internal sealed class InterpreterKernel(InterpreterModule module, Program program) : DeviceKernel
{
    public InterpreterModule Module => module;

    public Program Program => program;

    public override string Name => program.EntryFunction.Name;

    public override IReadOnlyList<KernelParameter> Parameters => program.Parameters;

    public override int ParameterBytes => program.ParameterBytes;

    public override int StaticSharedBytes => program.StaticSharedBytes;

    public override string ExecutedBy => "scalar interpreter";
}
