namespace MmKernels.Runtime.Cuda;

/// <summary>The errors of the CUDA device: numbers 380 to 399.</summary>
internal static class CudaErrors
{
    private const int OutOfMemoryResult = 2;

    public static MmkException NoDriver(string[] names)
        => new(380, $"there is no NVIDIA driver on this machine (looked for {string.Join(", ", names)})",
            "Install NVIDIA's driver, or use the device cpu; MMK_CUDA_DRIVER may name the driver's library");

    public static MmkException DriverTooOld(string path)
        => new(381, $"the NVIDIA driver {path} is older than CUDA 12.0", "Install driver 525 or newer");

    public static MmkException NoFunction(string path, string name, int status)
        => new(381, $"the NVIDIA driver {path} has no {name} for CUDA 12.0 (status {status})", "Install driver 525 or newer");

    public static MmkException NoDevice(int ordinal, int count)
        => new(382, $"there is no device cuda:{ordinal}: the driver sees {count} GPU(s)", "CUDA_VISIBLE_DEVICES may hide some");

    public static MmkException TooOldGpu(string name, int sm)
        => new(383, $"{name} has compute capability {sm / 10}.{sm % 10}; kernels need 8.0 or newer");

    public static MmkException OutOfMemory(string device, long bytes, ulong free, ulong total)
        => new(384, $"{device} has no room for {bytes} bytes: {free} of {total} bytes are free", "Use a smaller model, a shorter context or a smaller storage type");

    public static MmkException BadPtx(string device, string log)
        => new(385, $"{device} cannot assemble the PTX: {log.Trim()}");

    public static MmkException NoEntry(string entry, IEnumerable<string> entries)
        => new(386, $"the PTX has no entry `{entry}`; it has {string.Join(", ", entries)}");

    public static MmkException WrongParameterBlock(string kernel, int given, int expected)
        => new(387, $"{kernel} takes {expected} bytes of parameters and was given {given}");

    public static MmkException TooMuchShared(string kernel, long bytes, int limit)
        => new(388, $"{kernel} asks for {bytes} bytes of shared memory per block; the device has {limit}");

    public static MmkException Freed(string what)
        => new(389, $"{what} was used after it had been disposed");

    public static MmkException OutOfBounds(long offset, long bytes, long size)
        => new(390, $"bytes {offset} to {offset + bytes - 1} lie outside a buffer of {size} bytes");

    /// <param name="doing">What was going on.</param>
    /// <param name="result">The CUresult.</param>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its description.</param>
    public static MmkException Failed(string doing, int result, string name, string text)
        => new(391, $"CUDA reports {name} ({result}, {text}) while {doing}",
            result == OutOfMemoryResult ? "Free memory or use a smaller model" : null);

    public static bool IsOutOfMemory(int result) => result == OutOfMemoryResult;
}
