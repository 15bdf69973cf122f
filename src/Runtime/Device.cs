using System.Diagnostics;

namespace MmKernels.Runtime;

/// <summary>What kernels may rely on when they choose a variant.</summary>
/// <param name="SmVersion">Compute capability as in sm_80 → 80; the PTX is emitted for it. CPU devices report what their executor runs.</param>
/// <param name="Multiprocessors">Blocks that make progress at the same time: SMs of a GPU, worker threads of a CPU device.</param>
/// <param name="MaxSharedBytes">Shared memory per block at most, static and dynamic together.</param>
/// <param name="HostMemory">True where device addresses are host addresses: mapped weights are used in place.</param>
/// <param name="TensorCores">True where mma instructions are worth choosing over fused multiply-adds.</param>
/// <param name="HostAlignment">Bytes at which host memory must be aligned to be used in place: the widest vector load, or less where any address will do.</param>
/// <param name="LargeCaches">True where a block had better read again from caches what it would keep in shared memory on a GPU.</param>
public sealed record DeviceCapabilities(int SmVersion, int Multiprocessors, int MaxSharedBytes, bool HostMemory, bool TensorCores, int HostAlignment = 16, bool LargeCaches = false);

/// <summary>
/// Runs PTX. Launches and copies are ordered as issued; <see cref="Synchronize"/> waits for all of them.
/// Not thread-safe: one thread at a time may issue work to a device.
/// </summary>
public abstract class Device : IDisposable
{
    /// <summary>For example <c>cpu</c>, <c>interpreter</c> or <c>cuda:0</c>.</summary>
    public abstract string Name { get; }

    /// <summary>For people: the processor or GPU behind the device, and how it executes.</summary>
    public abstract string Description { get; }

    public abstract DeviceCapabilities Capabilities { get; }

    /// <summary>Allocates device memory, aligned at 256 bytes at least; its content is undefined.</summary>
    /// <exception cref="MmkException">Out of memory, with the sizes asked for and free.</exception>
    public abstract DeviceBuffer Allocate(long bytes);

    /// <summary>
    /// Makes host memory that stays valid and unchanged for the device's lifetime usable by kernels: in place where
    /// <see cref="DeviceCapabilities.HostMemory"/> holds, as a copy elsewhere.
    /// </summary>
    /// <param name="host">Address of the first byte.</param>
    /// <param name="bytes">Number of bytes.</param>
    public abstract DeviceBuffer Wrap(nint host, long bytes);

    /// <summary>Copies host bytes into a buffer, starting at a byte offset. The source may be reused at once.</summary>
    public abstract void Write(DeviceBuffer destination, long offset, ReadOnlySpan<byte> source);

    /// <summary>Copies bytes of a buffer to the host; waits for the work that was issued before.</summary>
    public abstract void Read(DeviceBuffer source, long offset, Span<byte> destination);

    /// <summary>Copies between buffers of this device.</summary>
    public abstract void Copy(DeviceBuffer source, long sourceOffset, DeviceBuffer destination, long destinationOffset, long bytes);

    /// <summary>Sets bytes of a buffer.</summary>
    public abstract void Fill(DeviceBuffer destination, long offset, long bytes, byte value);

    /// <summary>Makes the entries of a PTX module launchable.</summary>
    /// <exception cref="MmkException">The PTX cannot be parsed, verified or assembled: line and reason.</exception>
    public abstract DeviceModule Load(string ptx);

    /// <summary>Runs an entry.</summary>
    /// <param name="parameters">The parameter block: every parameter at its <see cref="KernelParameter.Offset"/>, in host byte order.</param>
    /// <exception cref="MmkException">Sizes that the kernel or the device cannot take, or a fault inside the kernel (its name is in the message).</exception>
    public abstract void Launch(DeviceKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, ReadOnlySpan<byte> parameters);

    /// <summary>Waits until everything issued so far is done; reports faults of kernels that ran.</summary>
    public abstract void Synchronize();

    /// <summary>
    /// Records the launches that <paramref name="issue"/> makes, without running them, so that they can be issued together later.
    /// Every kernel must have run before. Null where the device gains nothing from it; then <paramref name="issue"/> is not called.
    /// </summary>
    public virtual DeviceGraph? Capture(Action issue) => null;

    /// <summary>Milliseconds that the device takes for the work that <paramref name="issue"/> makes; waits for it.</summary>
    public virtual double Time(Action issue)
    {
        Synchronize();
        long start = Stopwatch.GetTimestamp();
        issue();
        Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public abstract void Dispose();
}

/// <summary>Memory of a device. Freed by <see cref="Dispose"/>; using it afterwards is an error that says so.</summary>
public abstract class DeviceBuffer : IDisposable
{
    /// <summary>The address that kernels are given.</summary>
    public abstract ulong Address { get; }

    public abstract long Bytes { get; }

    public abstract void Dispose();
}

/// <summary>Launches that were captured together.</summary>
public abstract class DeviceGraph : IDisposable
{
    /// <summary>Issues all of them, with the parameters that they were captured with.</summary>
    public abstract void Launch();

    public abstract void Dispose();
}

/// <summary>A loaded PTX module.</summary>
public abstract class DeviceModule : IDisposable
{
    /// <summary>The entry of that name.</summary>
    /// <exception cref="MmkException">No such entry; the message lists those that exist.</exception>
    public abstract DeviceKernel GetKernel(string entry);

    public abstract void Dispose();
}

/// <summary>An entry of a module, ready to launch.</summary>
public abstract class DeviceKernel
{
    public abstract string Name { get; }

    public abstract IReadOnlyList<KernelParameter> Parameters { get; }

    /// <summary>Size of the parameter block.</summary>
    public abstract int ParameterBytes { get; }

    /// <summary>Shared memory that the kernel itself declares, without the dynamic part.</summary>
    public abstract int StaticSharedBytes { get; }

    /// <summary>What runs the kernel, for people: for example <c>SIMD JIT, 16 lanes</c>, or why the interpreter does.</summary>
    public abstract string ExecutedBy { get; }

    /// <summary>Does now what the first launch would do (machine code generation). May be called from several threads, for several kernels, at once.</summary>
    public virtual void Prepare()
    {
    }
}

/// <summary>A parameter's place in the parameter block.</summary>
public sealed record KernelParameter(string Name, int Offset, int Bytes, int Align);
