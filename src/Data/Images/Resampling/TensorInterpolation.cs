namespace MmKernels.Data.Images;

/// <summary>torch.nn.functional.interpolate of float planes, summed in double: the reference of everything that resizes tensors.</summary>
public static class TensorInterpolation
{
    /// <summary>Resizes [planes, vertical.InLength, horizontal.InLength] to [planes, vertical.OutLength, horizontal.OutLength].</summary>
    /// <exception cref="MmkException">MMK468: the values are not whole planes.</exception>
    public static float[] Resize(ReadOnlySpan<float> values, InterpolationAxis vertical, InterpolationAxis horizontal)
    {
        int inHeight = vertical.InLength, inWidth = horizontal.InLength, height = vertical.OutLength, width = horizontal.OutLength;
        long planeValues = (long)inHeight * inWidth;
        if (values.Length % planeValues != 0) throw ImageErrors.Resize($"{values.Length} values are not planes of {inHeight} x {inWidth}");
        long planes = values.Length / planeValues;
        if (planes * height * width > Array.MaxLength || (long)inHeight * width > Array.MaxLength) throw ImageErrors.Resize($"{planes} planes of {height} x {width} do not fit into memory");
        var resized = new float[planes * height * width];
        var rows = new double[inHeight * width];
        for (int plane = 0; plane < planes; plane++)
        {
            ReadOnlySpan<float> source = values.Slice(plane * inHeight * inWidth, inHeight * inWidth);
            for (int y = 0; y < inHeight; y++)
                for (int x = 0; x < width; x++)
                {
                    double sum = 0;
                    for (int t = x * horizontal.Taps; t < (x + 1) * horizontal.Taps; t++) sum += source[y * inWidth + horizontal.Indices[t]] * horizontal.Weights[t];
                    rows[y * width + x] = sum;
                }
            Span<float> target = resized.AsSpan(plane * height * width, height * width);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    double sum = 0;
                    for (int t = y * vertical.Taps; t < (y + 1) * vertical.Taps; t++) sum += rows[vertical.Indices[t] * width + x] * vertical.Weights[t];
                    target[y * width + x] = (float)sum;
                }
        }
        return resized;
    }
}
