using System.Runtime.InteropServices;

namespace MmKernels.Bench;

/// <summary>libturbojpeg (Debian: libturbojpeg0), the yardstick; loaded by name, optional.</summary>
internal sealed unsafe class TurboJpeg
{
    private const int Rgb = 0;   // TJPF_RGB

    private readonly nint library;
    private readonly nint decoder;

    private TurboJpeg(nint library)
    {
        this.library = library;
        decoder = ((delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "tjInitDecompress"))();
    }

    public static TurboJpeg? Load()
    {
        foreach (string name in new[] { "libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.dylib", "turbojpeg.dll", "libturbojpeg.dll" })
            if (NativeLibrary.TryLoad(name, out nint library)) return new TurboJpeg(library);
        return null;
    }

    /// <summary>Decodes to RGB with the library's defaults.</summary>
    public void Decode(byte[] jpeg, byte[] rgb, int width, int height)
    {
        var decompress = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, int, int, int, int, int, int>)NativeLibrary.GetExport(library, "tjDecompress2");
        fixed (byte* data = jpeg)
        fixed (byte* target = rgb)
            if (decompress(decoder, data, (nuint)jpeg.Length, target, width, 0, height, Rgb, 0) != 0) throw new InvalidOperationException("tjDecompress2 failed");
    }

    /// <summary>A JPEG file of RGB bytes. Subsampling: 0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0.</summary>
    public byte[] Encode(byte[] rgb, int width, int height, int subsampling, int quality, bool progressive)
    {
        const int progressiveFlag = 16384;
        nint encoder = ((delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "tjInitCompress"))();
        var compress = (delegate* unmanaged[Cdecl]<nint, byte*, int, int, int, int, byte**, nuint*, int, int, int, int>)NativeLibrary.GetExport(library, "tjCompress2");
        byte* jpeg = null;
        nuint length = 0;
        fixed (byte* source = rgb)
            if (compress(encoder, source, width, 0, height, Rgb, &jpeg, &length, subsampling, quality, progressive ? progressiveFlag : 0) != 0)
                throw new InvalidOperationException("tjCompress2 failed");
        return new ReadOnlySpan<byte>(jpeg, (int)length).ToArray();
    }
}
