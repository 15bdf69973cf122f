using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MmKernels.Tests;

/// <summary>The stand-in for NVIDIA's driver: compiled from C once per test run, or absent where there is no C compiler.</summary>
public sealed unsafe class FakeDriver
{
    private static readonly Lazy<FakeDriver?> Instance = new(Build);

    private readonly nint library;

    private FakeDriver(nint library) => this.library = library;

    /// <summary>The driver; the calling test is skipped where it cannot be built.</summary>
    public static FakeDriver Get()
    {
        FakeDriver? driver = Instance.Value;
        Skip.If(driver is null, "no C compiler (cc) to build the stand-in for the CUDA driver");
        driver!.Clear();
        return driver;
    }

    /// <summary>The calls since <see cref="Clear"/>, a line each.</summary>
    public string[] Log => Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "fake_log"))())!
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The parameter block of the last launch.</summary>
    public byte[] Parameters
    {
        get
        {
            var block = new byte[4096];
            fixed (byte* into = block)
                return block[..(int)((delegate* unmanaged<byte*, nuint>)NativeLibrary.GetExport(library, "fake_parameters"))(into)];
        }
    }

    public void Clear() => ((delegate* unmanaged<void>)NativeLibrary.GetExport(library, "fake_clear"))();

    private static FakeDriver? Build()
    {
        string source = Path.Combine(AppContext.BaseDirectory, "fake_cuda.c");
        string output = Path.Combine(AppContext.BaseDirectory, "libfakecuda.so");
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O1", "-o", output, source]))!;
            compiler.WaitForExit();
            if (compiler.ExitCode != 0) throw new InvalidOperationException("fake_cuda.c does not compile");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        Environment.SetEnvironmentVariable("MMK_CUDA_DRIVER", output);
        return new FakeDriver(NativeLibrary.Load(output));
    }
}
