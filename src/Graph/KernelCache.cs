using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using MmKernels.Compiler;
using MmKernels.Runtime;

namespace MmKernels.Graphs;

/// <summary>A kernel that a device can launch.</summary>
/// <param name="Kernel">The device's handle.</param>
/// <param name="Ptx">The text that the device runs.</param>
/// <param name="FromDisk">True where the PTX came from the cache on disk.</param>
public sealed record LoadedKernel(DeviceKernel Kernel, string Ptx, bool FromDisk);

/// <summary>
/// Compiles kernels once per process and keeps their PTX on disk across processes. Compilation starts when a kernel is first asked for,
/// on the thread pool, so that it overlaps with recording and with loading weights.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class KernelCache
{
    private readonly Device device;
    private readonly PtxDiskCache? disk;
    private readonly Lock loading = new();
    private long ticks;
    private volatile bool stopped;
    private readonly ConcurrentDictionary<(KernelRef Kernel, Dim3 Group), Lazy<Task<LoadedKernel>>> kernels = new();

    internal KernelCache(Device device, PtxDiskCache? disk)
    {
        this.device = device;
        this.disk = disk;
    }

    /// <summary>The folder that PTX is kept in across processes; null where there is none.</summary>
    public static string? Folder => PtxDiskCache.Open()?.Folder;

    /// <summary>Kernels asked for so far.</summary>
    public int Count => kernels.Count;

    /// <summary>Those of them that are compiled.</summary>
    public int Ready => kernels.Values.Count(kernel => kernel.IsValueCreated && kernel.Value.IsCompleted);

    /// <summary>Those of them whose PTX came from the disk.</summary>
    public int FromDisk => kernels.Values.Count(kernel => kernel.IsValueCreated && kernel.Value.IsCompletedSuccessfully && kernel.Value.Result.FromDisk);

    /// <summary>Time of compiling and loading kernels so far, summed over threads.</summary>
    public double Milliseconds => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref ticks)).TotalMilliseconds;

    /// <summary>The kernel for groups of this size; the task fails with the compiler's or the device's error.</summary>
    public Task<LoadedKernel> Request(KernelRef kernel, Dim3 group)
        => kernels.GetOrAdd((kernel, group), key => new Lazy<Task<LoadedKernel>>(() => Task.Run(() => Load(key.Kernel, key.Group)))).Value;

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
        MethodInfo method = kernel.Resolve();
        var options = new CompileOptions(Target(), group.X, group.Y, group.Z);
        string key = $"{kernel} {options}";
        PtxEntry? entry = disk?.Read(method, key);
        bool fromDisk = entry is not null;
        if (entry is null)
        {
            CompiledKernel compiled = new KernelCompiler().Compile(method, options);
            entry = new PtxEntry(compiled.Name, compiled.Ptx);
            if (!compiled.HoldsStaticFields) disk?.Write(method, key, entry);
        }
        DeviceKernel loaded;
        lock (loading) loaded = device.Load(entry.Ptx).GetKernel(entry.Name);
        loaded.Prepare();
        Interlocked.Add(ref ticks, Stopwatch.GetTimestamp() - start);
        return new LoadedKernel(loaded, entry.Ptx, fromDisk);
    }

    private string Target() => device.Capabilities.SmVersion >= 90 ? "sm_90" : "sm_80";
}
