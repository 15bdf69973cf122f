using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.AheadOfTime;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu;

/// <summary>An entry, compiled once per launch form at the first launch or by <see cref="Prepare"/>, or found among the code that was made ahead of time.</summary>
internal sealed class CpuKernel : DeviceKernel
{
    private readonly Lock compiling = new();
    private readonly List<Version> versions = [];
    private readonly KernelSource source;
    private volatile Version? latest;

    public CpuKernel(CpuModule module, PtxFunction entry)
    {
        (Module, Entry) = (module, entry);
        (KernelParameter[] parameters, ParameterBytes) = ParameterLayout.Of(entry);
        Parameters = parameters;
        source = new KernelSource(module.Ptx, entry, module.Memory, module.Device.Map) { Checked = module.Device.Checked, Stoppable = module.Device.HasLimit };
    }

    public ModuleLayout Layout => source.Layout;

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
            if ((latest?.Refusal ?? source.Refusal) is { } reason) return $"interpreter: {reason}";
            string origin = latest?.Kernel is { AheadOfTime: true } ? ", made ahead of time" : "";
            string large = latest?.Kernel is { Facts.OversizedRegions: > 0 } slow ? $", {slow.Facts.OversizedRegions} of {slow.Code.Length} regions too large to be optimised" : "";
            return $"SIMD code of {Module.Device.Lanes} lanes{(source.Checked ? ", accesses checked" : "")}{origin}{large}";
        }
    }

    public override void Prepare() => Compiled(LaunchForm.Expected(Entry, Module.Device.Lanes));

    /// <summary>The machine code for a launch form; null where only the interpreter runs the kernel.</summary>
    public CompiledKernel? Compiled(LaunchForm form)
    {
        lock (compiling)
        {
            if (latest is not { } version || version.Form != form) latest = version = Known(form) ?? Make(form);
            return version.Kernel;
        }
    }

    /// <summary>The kernel for the interpreter.</summary>
    /// <exception cref="MmkException">MMK310: nor does the interpreter run it.</exception>
    public Program Interpreted() => source.Interpreted();

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

    /// <summary>For messages: the access on a line; empty where the line has none or several.</summary>
    public string AccessAt(int line)
    {
        PtxInstruction? found = null;
        foreach (PtxFunction function in Module.Ptx.Functions)
            foreach (PtxStatement statement in function.Body)
            {
                if (statement is not PtxInstruction instruction || instruction.Line != line || !Array.Exists(instruction.Operands, o => o is AddressOperand)) continue;
                if (found is not null) return "";
                found = instruction;
            }
        return found is null ? "" : $"`{found.ToString().TrimEnd(';')}`: ";
    }

    public void Release() => source.Dispose();

    private Version? Known(LaunchForm form)
    {
        foreach (Version version in versions)
            if (version.Form == form) return version;
        return null;
    }

    private Version Make(LaunchForm form)
    {
        CompiledKernel? made = AheadOfTime(form);
        string? refusal = null;
        if (made is null && JustInTime.IsSupported)
        {
            try { made = CompiledKernel.Compile(source, form, Module.Device.Lanes); }
            catch (NotCompilableException e) { refusal = e.Message; }
        }
        else if (made is null) refusal = $"this program cannot make code while it runs, and its kernel packs hold none of {Module.Device.Lanes} lanes for {Name}";
        var version = new Version(form, made, refusal);
        versions.Add(version);
        return version;
    }

    private CompiledKernel? AheadOfTime(LaunchForm form)
    {
        // A pack's code neither checks nor looks at the time.
        if (source.Checked || source.Stoppable) return null;
        var key = new CpuCodeKey(Module.Hash, Name, form, Module.Device.Lanes);
        foreach (CpuCode code in Module.Device.Code)
            if (code.Find(key, Processor.Instructions, source.Handlers) is { } found) return found;
        return null;
    }

    /// <summary>The kernel in one launch form: machine code, or why there is none.</summary>
    private sealed record Version(LaunchForm Form, CompiledKernel? Kernel, string? Refusal);
}
