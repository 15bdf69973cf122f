namespace MmKernels.Kernels;

/// <summary>Cuts pictures into patches, one row each: y[row · columns + column] = the patch's pixels in the order channel, y, x. With a linear layer on top it is a convolution whose stride is its size.</summary>
/// <remarks>
/// shapes  : pixels [images, channels, height, width] -> y [images, rows · columns, channels · patch · patch], rows = height / patch, columns = width / patch, rounded down
/// launch  : one warp per patch, group 128
/// traffic : each pixel read and written once; memory bound
/// numbers : exact
/// source  : Dosovitskiy et al. 2020, arXiv:2010.11929
/// </remarks>
public static class PatchEmbedKernel
{
    /// <summary>The patch embedding of vision transformers: [images, rows · columns, hidden].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="pixels">[images, channels, height, width]; what is left over at the right and at the bottom is ignored, as by a convolution.</param>
    /// <param name="w">[hidden, channels, patch, patch].</param>
    /// <param name="bias">[hidden], of w's type.</param>
    public static Tensor PatchEmbed(this Graph g, Tensor pixels, Tensor w, Tensor? bias = null)
    {
        g.Require(w.Shape.Rank == 4 && w.Shape[2] == w.Shape[3] && pixels.Shape.Rank == 4 && pixels.Shape[1] == w.Shape[1], pixels, w);
        Tensor patches = g.Patchify(pixels, w.Shape[2]);                                                          // [images, patches, 3·p·p]
        return g.Linear(patches, w.Reshape(w.Shape[0], patches.Shape[^1]), bias);                                 // [images, patches, hidden]
    }

    /// <summary>The patches as rows of pixels: [images, rows · columns, channels · patch · patch].</summary>
    public static Tensor Patchify(this Graph g, Tensor pixels, int patch)
    {
        (int images, int channels, int height, int width) = pixels.Shape;
        g.Require(patch > 0 && images > 0 && channels > 0 && height >= patch && width >= patch, pixels);
        int rows = height / patch, columns = width / patch;
        g.Require((long)images * rows * columns < int.MaxValue / 2 && (long)channels * patch * patch < int.MaxValue / 2, pixels);
        Tensor y = g.New(pixels.DType, images, rows * columns, channels * patch * patch);
        g.Launch(new KernelRef(typeof(PatchEmbedKernel), nameof(Kernel), KernelRef.Element(pixels.DType)),
            Rows.Blocks(images * rows * columns), Rows.GroupSize, pixels, y, images * rows * columns, channels, height, width, patch);
        return y;
    }

    internal static void Kernel<T>(In<T> pixels, Out<T> y, int patches, int channels, int height, int width, int patch) where T : unmanaged, IElement<T>
    {
        int index = Rows.Row;
        if (index >= patches) return;
        int columns = width / patch, perImage = height / patch * columns;
        int image = index / perImage, row = (index - image * perImage) / columns, column = index - image * perImage - row * columns;
        int size = channels * patch * patch;
        Out<T> ys = y.SubView((long)index * size);
        In<T> corner = pixels.SubView(((long)image * channels * height + row * patch) * width + column * patch);
        for (int i = Warp.LaneIdx; i < size; i += Warp.WarpSize)
        {
            int line = i / patch, channel = line / patch;
            ys[i] = corner[(channel * height + line - channel * patch) * width + i - line * patch];
        }
    }

    public static void Reference(ReadOnlySpan<float> pixels, Span<double> y, int channels, int height, int width, int patch)
    {
        int rows = height / patch, columns = width / patch, images = pixels.Length / (channels * height * width), at = 0;
        for (int image = 0; image < images; image++)
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                    for (int channel = 0; channel < channels; channel++)
                        for (int dy = 0; dy < patch; dy++)
                            for (int dx = 0; dx < patch; dx++)
                                y[at++] = pixels[((image * channels + channel) * height + row * patch + dy) * width + column * patch + dx];
    }
}
