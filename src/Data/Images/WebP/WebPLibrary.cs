using System.Runtime.InteropServices;

namespace MmKernels.Data.Images.WebP;

/// <summary>The system's libwebp, loaded by name when the first WebP picture comes.</summary>
internal sealed unsafe class WebPLibrary
{
    private static readonly string[] Names = ["libwebp.so.7", "libwebp.so.6", "libwebp.so", "libwebp.7.dylib", "libwebp.dylib", "libwebp.dll", "libwebp-7.dll"];

    private static readonly Lazy<WebPLibrary?> Loaded = new(Load);

    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, int*, int*, int> getInfo;
    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, int, byte*> decodeRgb, decodeRgba;

    private WebPLibrary(nint library)
    {
        getInfo = (delegate* unmanaged[Cdecl]<byte*, nuint, int*, int*, int>)NativeLibrary.GetExport(library, "WebPGetInfo");
        decodeRgb = (delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, int, byte*>)NativeLibrary.GetExport(library, "WebPDecodeRGBInto");
        decodeRgba = (delegate* unmanaged[Cdecl]<byte*, nuint, byte*, nuint, int, byte*>)NativeLibrary.GetExport(library, "WebPDecodeRGBAInto");
    }

    /// <summary>The library, or null where the machine has none.</summary>
    public static WebPLibrary? Instance => Loaded.Value;

    /// <summary>Width and height of a still picture, or null where libwebp refuses its header.</summary>
    public (int Width, int Height)? Size(ReadOnlySpan<byte> file)
    {
        int width, height;
        fixed (byte* data = file) return getInfo(data, (nuint)file.Length, &width, &height) != 0 ? (width, height) : null;
    }

    /// <summary>Decodes a still picture into bytes of three or four channels; false where libwebp refuses it.</summary>
    public bool Decode(ReadOnlySpan<byte> file, byte[] pixels, int stride, bool alpha)
    {
        fixed (byte* data = file)
        fixed (byte* target = pixels)
            return (alpha ? decodeRgba : decodeRgb)(data, (nuint)file.Length, target, (nuint)pixels.Length, stride) != null;
    }

    private static WebPLibrary? Load()
    {
        foreach (string name in Names)
            if (NativeLibrary.TryLoad(name, out nint library)) return new WebPLibrary(library);
        return null;
    }
}
