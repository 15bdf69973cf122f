using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>Gives the rows of one component at the frame's full size, with libjpeg's "fancy" interpolation where it uses that.</summary>
internal sealed class JpegUpsampler
{
    private const int Padding = 32;   // vectors may run over the end of a row

    private readonly JpegComponent component;
    private readonly int stepX, stepY;
    private readonly byte[] row;
    private readonly ushort[] sums;

    public JpegUpsampler(JpegComponent component, JpegFrame frame)
    {
        this.component = component;
        (stepX, stepY) = (frame.LargestHorizontal / component.Horizontal, frame.LargestVertical / component.Vertical);
        bool copies = stepX == 1 && (stepY != 2);
        row = copies ? [] : new byte[component.Width * stepX + Padding];
        sums = stepX == 2 && stepY <= 2 && component.Width > 2 ? new ushort[component.Width + Padding] : [];
    }

    /// <summary>Row <paramref name="y"/> of the frame; at least the frame's width long.</summary>
    public ReadOnlySpan<byte> Row(int y)
    {
        ReadOnlySpan<byte> near = PlaneRow(y / stepY);
        if (stepX == 1 && stepY != 2) return near;
        ReadOnlySpan<byte> far = stepY == 2 ? PlaneRow(Math.Clamp((y & 1) == 0 ? y / 2 - 1 : y / 2 + 1, 0, component.Height - 1)) : near;
        if (stepX == 1) BlendRows(near, far, (y & 1) == 0 ? 1 : 2);
        else if (sums.Length == 0) Repeat(near);
        else if (stepY == 1)
        {
            for (int x = 0; x < component.Width; x++) sums[x + 1] = near[x];
            Interpolate(evenBias: 1, oddBias: 2, shift: 2);
        }
        else
        {
            SumRows(near, far);
            Interpolate(evenBias: 8, oddBias: 7, shift: 4);
        }
        return row;
    }

    private ReadOnlySpan<byte> PlaneRow(int y) => component.Plane.AsSpan(y * component.Stride, component.Stride);

    private void Repeat(ReadOnlySpan<byte> near)
    {
        for (int x = 0, o = 0; x < component.Width; x++)
            for (int i = 0; i < stepX; i++, o++) row[o] = near[x];
    }

    private void BlendRows(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias)
    {
        for (int x = 0; x < component.Width; x++) row[x] = (byte)((near[x] * 3 + far[x] + bias) >> 2);
    }

    /// <summary>sums[x + 1] = 3 · near + far. Plane rows are whole blocks of 8.</summary>
    private void SumRows(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far)
    {
        ref byte nearStart = ref MemoryMarshal.GetReference(near), farStart = ref MemoryMarshal.GetReference(far);
        ref ushort target = ref sums[1];
        for (int x = 0; x < component.Width; x += 8)
        {
            Vector128<ushort> a = WidenEight(ref nearStart, x), b = WidenEight(ref farStart, x);
            (a + a + a + b).StoreUnsafe(ref target, (nuint)x);
        }
    }

    private static Vector128<ushort> WidenEight(ref byte start, int x)
        => Vector128.WidenLower(Vector128.CreateScalarUnsafe(System.Runtime.CompilerServices.Unsafe.ReadUnaligned<ulong>(ref System.Runtime.CompilerServices.Unsafe.Add(ref start, x))).AsByte());

    /// <summary>
    /// Even outputs are (3 · s + left + evenBias) >> shift, odd ones (3 · s + right + oddBias) >> shift. The ends repeat themselves, which gives
    /// the four-fold (or the plain) sample that libjpeg takes there.
    /// </summary>
    private void Interpolate(int evenBias, int oddBias, int shift)
    {
        int width = component.Width;
        sums[0] = sums[1];
        sums[width + 1] = sums[width];
        ref ushort start = ref MemoryMarshal.GetArrayDataReference(sums);
        ref byte target = ref MemoryMarshal.GetArrayDataReference(row);
        Vector128<ushort> even = Vector128.Create((ushort)evenBias), odd = Vector128.Create((ushort)oddBias);
        for (int x = 0; x < width; x += 8)
        {
            Vector128<ushort> left = Vector128.LoadUnsafe(ref start, (nuint)x), middle = Vector128.LoadUnsafe(ref start, (nuint)x + 1), right = Vector128.LoadUnsafe(ref start, (nuint)x + 2);
            Vector128<ushort> triple = middle + middle + middle;
            Vector128<ushort> first = (triple + left + even) >>> shift, second = (triple + right + odd) >>> shift;
            (first | (second << 8)).AsByte().StoreUnsafe(ref target, (nuint)(2 * x));   // even in the low byte, which comes first
        }
    }
}
