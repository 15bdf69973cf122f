using MmKernels.Graphs;

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
    public virtual void Project(Graph g, VisionFeatures features)
    {
    }
}
