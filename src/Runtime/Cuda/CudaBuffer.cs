namespace MmKernels.Runtime.Cuda;

/// <summary>Memory of a GPU.</summary>
internal sealed class CudaBuffer(CudaDevice device, ulong address, long bytes) : DeviceBuffer
{
    private bool disposed;

    public override ulong Address => disposed ? throw CudaErrors.Freed("a buffer") : address;

    public override long Bytes { get; } = bytes;

    public override void Dispose()
    {
        if (disposed) return;
        disposed = true;
        device.Free(address);
    }

    /// <summary>The address of a part, checked.</summary>
    public ulong Part(long offset, long count)
        => offset >= 0 && count >= 0 && offset <= Bytes - count ? Address + (ulong)offset : throw CudaErrors.OutOfBounds(offset, count, Bytes);
}
