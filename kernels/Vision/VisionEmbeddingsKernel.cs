namespace MmKernels.Kernels;

/// <summary>Puts the class token before each picture's patches and adds the positions.</summary>
/// <remarks>
/// shapes  : patches [images, count, hidden], classToken [hidden], positions [1 + count, hidden] -> y [images, 1 + count, hidden]
/// launch  : one warp per row, group 128
/// traffic : two elements read, one written per result; memory bound
/// numbers : one f32 addition, one rounding to the storage type: exact to half an ulp
/// </remarks>
public static class VisionEmbeddingsKernel
{
    /// <summary>[class token, patches] + positions, of patches' type. Without a class token, <see cref="AddKernel.Add"/> adds the positions.</summary>
    public static Tensor VisionEmbeddings(this Graph g, Tensor patches, Tensor classToken, Tensor positions)
    {
        (int images, int count, int hidden) = patches.Shape;
        g.Require(classToken.Shape.Elements == hidden && classToken.Shape[^1] == hidden, classToken, patches);
        g.Require(positions.Shape == new Shape(count + 1, hidden) && positions.DType == classToken.DType, positions, patches);
        Tensor y = g.New(patches.DType, images, count + 1, hidden);
        int rows = Rows.Count(g, y);
        g.Launch(new KernelRef(typeof(VisionEmbeddingsKernel), nameof(Kernel), KernelRef.Element(patches.DType), KernelRef.Element(positions.DType)),
            Rows.Blocks(rows), Rows.GroupSize, patches, classToken, positions, y, rows, count, hidden);
        return y;
    }

    internal static void Kernel<T, TW>(In<T> patches, In<TW> classToken, In<TW> positions, Out<T> y, int rows, int count, int hidden)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
    {
        int row = Rows.Row;
        if (row >= rows) return;
        int image = row / (count + 1), token = row - image * (count + 1);
        In<T> patch = patches.SubView((long)(image * count + XMath.Max(token - 1, 0)) * hidden);
        In<TW> position = positions.SubView((long)token * hidden);
        Out<T> ys = y.SubView((long)row * hidden);
        for (int i = Warp.LaneIdx; i < hidden; i += Warp.WarpSize)
        {
            float value = token == 0 ? (float)classToken[i] : (float)patch[i];
            ys[i] = (T)(value + position[i]);
        }
    }

    public static void Reference(ReadOnlySpan<float> patches, ReadOnlySpan<float> classToken, ReadOnlySpan<float> positions, Span<double> y, int count, int hidden)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int row = i / hidden, image = row / (count + 1), token = row % (count + 1), column = i % hidden;
            double value = token == 0 ? classToken[column] : patches[(image * count + token - 1) * hidden + column];
            y[i] = value + positions[token * hidden + column];
        }
    }
}
