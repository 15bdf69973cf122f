using System.Runtime.InteropServices;
using MmKernels.Runtime;

namespace MmKernels.Graphs;

/// <summary>A device with its kernels and persistent tensors: what graphs are recorded for and run on.</summary>
/// <remarks>One thread at a time may use it.</remarks>
public sealed class Accelerator : IDisposable
{
    private readonly List<DeviceBuffer> buffers = [];

    internal Accelerator(Device device, PtxDiskCache? disk, IReadOnlyList<KernelPack> packs)
    {
        Device = device;
        Kernels = new KernelCache(device, disk, packs);
    }

    /// <summary>For example <c>cpu</c> or <c>cuda:0</c>.</summary>
    public string Name => Device.Name;

    /// <summary>The hardware and how kernels run on it.</summary>
    public string Description => Device.Description;

    /// <summary>Blocks that make progress at the same time.</summary>
    public int Multiprocessors => Device.Capabilities.Multiprocessors;

    /// <summary>True where tensor-core kernels are worth choosing.</summary>
    public bool TensorCores => Device.Capabilities.TensorCores;

    /// <summary>True where kernels had better read again from caches what they would keep in shared memory on a GPU. The interpreter, which stands for a GPU, says false.</summary>
    public bool LargeCaches => Device.Capabilities.LargeCaches;

    public KernelCache Kernels { get; }

    /// <summary>Bytes of the persistent tensors' own memory; mapped weights that are used in place are not counted.</summary>
    public long PersistentBytes { get; private set; }

    /// <summary>Is told of every launch while set; launches then run one by one.</summary>
    public Action<LaunchTrace>? Traced { get; set; }

    internal Device Device { get; }

    /// <summary>Opens a device by name: <c>cpu</c>, <c>interpreter</c> or <c>cuda:N</c>.</summary>
    /// <param name="name">The device.</param>
    /// <param name="threads">Worker threads of the CPU device; 0 takes one per core.</param>
    /// <exception cref="MmkException">MMK508: no such device; or the device cannot be opened, with the reason.</exception>
    public static Accelerator Open(string name, int threads = 0)
    {
        IReadOnlyList<KernelPack> packs = KernelPack.InUse;
        return new Accelerator(Devices.Open(name, threads, packs), KernelCompilation.IsSupported ? PtxDiskCache.Open() : null, packs);
    }

    /// <summary>A persistent tensor with undefined content.</summary>
    public Tensor Allocate(DType dtype, Shape shape, string? name = null)
    {
        DeviceBuffer buffer = Own(Device.Allocate(Math.Max(1, shape.Elements * dtype.Bytes())));
        PersistentBytes += buffer.Bytes;
        return new Tensor(dtype, shape, new TensorMemory(buffer), 0, name);
    }

    /// <summary>A persistent tensor with this content.</summary>
    public Tensor Upload<T>(DType dtype, Shape shape, ReadOnlySpan<T> content, string? name = null) where T : unmanaged
    {
        Tensor tensor = Allocate(dtype, shape, name);
        Write(tensor, content);
        return tensor;
    }

    /// <summary>A scope for inputs and results that do not outlive it.</summary>
    public TensorScope OpenScope() => new(this);

    /// <summary>Whether <see cref="Wrap"/> may be given this address; where not, because kernels load wider than it is aligned, the content has to be copied.</summary>
    public bool CanWrap(nint host) => !Device.Capabilities.HostMemory || host % Device.Capabilities.HostAlignment == 0;

    /// <summary>A persistent tensor over host memory that stays valid and unchanged while the accelerator lives: in place where the device can, else a copy.</summary>
    public Tensor Wrap(DType dtype, Shape shape, nint host, string? name = null)
    {
        long bytes = shape.Elements * dtype.Bytes();
        DeviceBuffer buffer = Own(Device.Wrap(host, bytes));
        if (buffer.Address != (ulong)host) PersistentBytes += bytes;
        return new Tensor(dtype, shape, new TensorMemory(buffer), 0, name);
    }

    /// <summary>Copies host values into a tensor that has memory; the span must hold all of it.</summary>
    public void Write<T>(Tensor tensor, ReadOnlySpan<T> content) where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(content);
        if (bytes.Length != tensor.Bytes) throw GraphErrors.WrongSize(tensor, bytes.Length);
        Device.Write(BufferOf(tensor), tensor.Memory.BufferOffset + tensor.Offset, bytes);
    }

    /// <summary>Copies bytes into a part of a tensor that has memory.</summary>
    public void Write(Tensor tensor, long byteOffset, ReadOnlySpan<byte> content)
    {
        if (byteOffset < 0 || byteOffset > tensor.Bytes - content.Length) throw GraphErrors.WrongSize(tensor, byteOffset + content.Length);
        Device.Write(BufferOf(tensor), tensor.Memory.BufferOffset + tensor.Offset + byteOffset, content);
    }

    /// <summary>Copies a tensor that has memory to the host, after the work issued before.</summary>
    public void Read<T>(Tensor tensor, Span<T> destination) where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(destination);
        if (bytes.Length != tensor.Bytes) throw GraphErrors.WrongSize(tensor, bytes.Length);
        Device.Read(BufferOf(tensor), tensor.Memory.BufferOffset + tensor.Offset, bytes);
    }

    /// <summary>Copies a tensor that has memory to a new array.</summary>
    public T[] Read<T>(Tensor tensor) where T : unmanaged
    {
        var result = new T[tensor.Bytes / Marshal.SizeOf<T>()];
        Read(tensor, result.AsSpan());
        return result;
    }

    /// <summary>Copies a tensor that has memory to another of the same size.</summary>
    public void Copy(Tensor source, Tensor destination)
    {
        if (source.Bytes != destination.Bytes) throw GraphErrors.WrongSize(destination, source.Bytes);
        Device.Copy(BufferOf(source), source.Memory.BufferOffset + source.Offset, BufferOf(destination), destination.Memory.BufferOffset + destination.Offset, source.Bytes);
    }

    /// <summary>Sets all bytes of a tensor to zero.</summary>
    public void Clear(Tensor tensor) => Device.Fill(BufferOf(tensor), tensor.Memory.BufferOffset + tensor.Offset, tensor.Bytes, 0);

    /// <summary>Waits for all work.</summary>
    public void Synchronize() => Device.Synchronize();

    public void Dispose()
    {
        Kernels.Stop();
        foreach (DeviceBuffer buffer in buffers) buffer.Dispose();
        buffers.Clear();
        Device.Dispose();
    }

    internal DeviceBuffer Own(DeviceBuffer buffer)
    {
        buffers.Add(buffer);
        return buffer;
    }

    /// <summary>Ends the life of a tensor that <see cref="Allocate"/> made, and of every view of it.</summary>
    internal void Free(Tensor tensor)
    {
        DeviceBuffer buffer = BufferOf(tensor);
        PersistentBytes -= buffer.Bytes;
        Release(buffer);
    }

    internal void Release(DeviceBuffer buffer)
    {
        buffers.Remove(buffer);
        buffer.Dispose();
    }

    private static DeviceBuffer BufferOf(Tensor tensor) => tensor.Memory.Buffer ?? throw GraphErrors.NotReadable(tensor);
}
