namespace MmKernels.Data.Preprocessing;

/// <summary>The 3 x 256 table that turns bytes into floats with the roundings of the reference processors.</summary>
internal static class ByteValues
{
    /// <summary>
    /// y = f32(f64(byte) · factor), then f32(y - mean) and a true division by std, each rounded to float32. torchvision's ToTensor (f32(byte) / 255f)
    /// gives the same values for the factor 1/255.
    /// </summary>
    public static float[] Create(RescaleStep? rescale, NormalizeStep? normalize)
    {
        var table = new float[3 * 256];
        for (int c = 0; c < 3; c++)
            for (int value = 0; value < 256; value++)
            {
                float y = rescale is null ? value : (float)(value * rescale.Factor);
                if (normalize is not null) y = (y - normalize.Mean[c]) / normalize.Std[c];
                table[c * 256 + value] = y;
            }
        return table;
    }
}
