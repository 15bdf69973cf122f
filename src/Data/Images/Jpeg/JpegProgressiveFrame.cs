using System.Runtime.Intrinsics;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>Turns the coefficients of a progressive frame into samples, once all scans are in.</summary>
internal static unsafe class JpegProgressiveFrame
{
    /// <summary>Coefficients (zigzag) whose missing bits make libjpeg smooth the blocks, which this decoder does not do.</summary>
    private const int SmoothedCoefficients = 10;

    public static void Finish(JpegFrame frame, string name)
    {
        foreach (JpegComponent component in frame.Components)
            for (int k = 0; k < SmoothedCoefficients; k++)
                if (component.LowestBits[k] != 0) throw ImageErrors.Truncated(name, "JPEG", $"the scans: coefficient {k} of component {component.Id} is incomplete");
        foreach (JpegComponent component in frame.Components)
        {
            component.AllocatePlane(name);
            Transform(component);
            component.DropCoefficients();
        }
    }

    private static void Transform(JpegComponent component)
    {
        fixed (short* coefficients = component.Coefficients)
        fixed (byte* plane = component.Plane)
        fixed (int* quantisation = component.Quantisation)
        {
            short* block = coefficients;
            for (int y = 0; y < component.StoredBlocksHigh; y++)
                for (int x = 0; x < component.StoredBlocksWide; x++, block += 64)
                {
                    byte* target = plane + y * 8 * component.Stride + x * 8;
                    if (OnlyDc(block)) JpegIdct.FlatBlock(block[0] * quantisation[0], target, component.Stride);
                    else JpegIdct.Block(block, quantisation, target, component.Stride);
                }
        }
    }

    private static bool OnlyDc(short* block)
    {
        Vector128<short> any = Vector128.Load(block).WithElement(0, (short)0);
        for (int i = 8; i < 64; i += 8) any |= Vector128.Load(block + i);
        return any == Vector128<short>.Zero;
    }
}
