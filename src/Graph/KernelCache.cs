using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MmKernels.Compiler;
using MmKernels.Runtime;

namespace MmKernels.Graphs;

/// <summary>Where a kernel's PTX came from.</summary>
public enum KernelOrigin { Compiled, Disk, Pack }

/// <summary>A kernel that a device can launch.</summary>
/// <param name="Kernel">The device's handle.</param>
/// <param name="Ptx">The text that the device runs.</param>
/// <param name="Origin">Where the text came from.</param>
public sealed record LoadedKernel(DeviceKernel Kernel, string Ptx, KernelOrigin Origin);

/// <summary>
/// Finds kernels in packs, else compiles them once per process and keeps their PTX on disk across processes. This starts when a kernel is first asked for,
/// on the thread pool, so that it overlaps with recording and with loading weights.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class KernelCache
{
    private readonly Device device;
    private readonly PtxDiskCache? disk;
    private readonly IReadOnlyList<KernelPack> packs;
    private readonly Lock loading = new();
    private long ticks;
    private volatile bool stopped;
    private readonly ConcurrentDictionary<(KernelRef Kernel, Dim3 Group), Lazy<Task<LoadedKernel>>> kernels = new();

    /// <summary>What the CPU device asks for.</summary>
    internal const string CpuTarget = "sm_90";

    internal KernelCache(Device device, PtxDiskCache? disk, IReadOnlyList<KernelPack> packs)
    {
        this.device = device;
        this.disk = disk;
        this.packs = packs;
    }

    /// <summary>The folder that PTX is kept in across processes; null where there is none.</summary>
    public static string? Folder => PtxDiskCache.Open()?.Folder;

    /// <summary>Kernels asked for so far.</summary>
    public int Count => kernels.Count;

    /// <summary>Those of them that are compiled.</summary>
    public int Ready => kernels.Values.Count(kernel => kernel.IsValueCreated && kernel.Value.IsCompleted);

    /// <summary>Those of them whose PTX came from the disk.</summary>
    public int FromDisk => CountOf(KernelOrigin.Disk);

    /// <summary>Those of them that came from a pack.</summary>
    public int FromPacks => CountOf(KernelOrigin.Pack);

    /// <summary>The kernels asked for, one a line, as <see cref="KernelList"/> reads them.</summary>
    public IReadOnlyList<string> List => [.. kernels.Keys.Select(key => KernelList.Line(key.Kernel, key.Group)).Order(StringComparer.Ordinal)];

    /// <summary>Time of compiling and loading kernels so far, summed over threads.</summary>
    public double Milliseconds => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref ticks)).TotalMilliseconds;

    /// <summary>The kernel for groups of this size; the task fails with the compiler's or the device's error.</summary>
    public Task<LoadedKernel> Request(KernelRef kernel, Dim3 group)
        => kernels.GetOrAdd((kernel, group), key => new Lazy<Task<LoadedKernel>>(() => Task.Run(() => Load(key.Kernel, key.Group)))).Value;

    /// <summary>What the arguments of a kernel's launches must be.</summary>
    /// <exception cref="MmkException">MMK502: the class has no such method; MMK530: the program cannot compile, and no pack holds the kernel.</exception>
    internal KernelParameterRule[] Parameters(KernelRef kernel, Dim3 group)
    {
        foreach (KernelPack pack in packs)
            if (pack.Parameters(kernel) is { } known) return known;
        return KernelCompilation.IsSupported ? KernelSignature.Of(kernel.Resolve()) : throw GraphErrors.NotPacked(kernel, group, Target);
    }

    /// <summary>How kernels for groups of a size are compiled.</summary>
    internal static CompileOptions Options(string target, Dim3 group) => new(target, group.X, group.Y, group.Z);

    /// <summary>Starts no further compilation and waits for those under way: the device is about to be closed.</summary>
    internal void Stop()
    {
        stopped = true;
        foreach (Lazy<Task<LoadedKernel>> kernel in kernels.Values)
        {
            if (!kernel.IsValueCreated) continue;
            try { kernel.Value.Wait(); }
            catch (AggregateException) { }   // whoever asked for the kernel has seen it
        }
    }

    private LoadedKernel Load(KernelRef kernel, Dim3 group)
    {
        if (stopped) throw new OperationCanceledException();
        long start = Stopwatch.GetTimestamp();
        (PtxEntry entry, KernelOrigin origin) = Find(kernel, group);
        DeviceKernel loaded;
        lock (loading) loaded = device.Load(entry.Ptx).GetKernel(entry.Name);
        loaded.Prepare();
        Interlocked.Add(ref ticks, Stopwatch.GetTimestamp() - start);
        return new LoadedKernel(loaded, entry.Ptx, origin);
    }

    private string Target => device.Capabilities.SmVersion >= 90 ? "sm_90" : "sm_80";

    private (PtxEntry, KernelOrigin) Find(KernelRef kernel, Dim3 group)
    {
        string target = Target;
        foreach (KernelPack pack in packs)
            if (pack.Find(kernel, group, target) is { } packed) return (new PtxEntry(packed.Entry, packed.Ptx), KernelOrigin.Pack);
        return KernelCompilation.IsSupported ? Compile(kernel, Options(target, group)) : throw GraphErrors.NotPacked(kernel, group, target);
    }

    [RequiresUnreferencedCode(KernelCompilation.Reason), RequiresDynamicCode(KernelCompilation.Reason)]
    private (PtxEntry, KernelOrigin) Compile(KernelRef kernel, CompileOptions options)
    {
        MethodInfo method = kernel.Resolve();
        string key = $"{kernel} {options}";
        if (disk?.Read(method, key) is { } known) return (known, KernelOrigin.Disk);
        CompiledKernel compiled = new KernelCompiler().Compile(method, options);
        var entry = new PtxEntry(compiled.Name, compiled.Ptx);
        if (!compiled.HoldsStaticFields) disk?.Write(method, key, entry);
        return (entry, KernelOrigin.Compiled);
    }

    private int CountOf(KernelOrigin origin) => kernels.Values.Count(kernel => kernel.IsValueCreated && kernel.Value.IsCompletedSuccessfully && kernel.Value.Result.Origin == origin);
}
