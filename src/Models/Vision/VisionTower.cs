using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>A vision encoder with its weights.</summary>
public abstract class VisionTower
{
    /// <summary>Records the encoder as far as the last hidden state that is asked for.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="pixels">Normalised pictures of one size, [images, channels, height, width].</param>
    /// <param name="taps">Hidden states to keep: 0 is the input of the first block, l the output of block l - 1.</param>
    public abstract VisionFeatures Encode(Graph g, Tensor pixels, params ReadOnlySpan<int> taps);

    /// <summary>Records what follows the last block (pooling, projection) where the model has it; the features must hold the last hidden state.</summary>
    public virtual void Pool(Graph g, VisionFeatures features)
    {
    }

    /// <summary>A table of positions, stretched where the picture has another size than the table was trained for.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="table">[prefix + patches, hidden].</param>
    /// <param name="picture">What the table was trained for.</param>
    /// <param name="prefix">Rows that belong to no patch.</param>
    /// <param name="rows">The picture's patches from top to bottom.</param>
    /// <param name="columns">The picture's patches from left to right.</param>
    protected static Tensor Positions(Graph g, Tensor table, PictureSpec picture, int prefix, int rows, int columns)
        => rows == picture.Grid && columns == picture.Grid ? table
            : g.Name(g.InterpolatePositions(table, prefix, picture.Grid, picture.Grid, rows, columns), "vision.positions");
}
