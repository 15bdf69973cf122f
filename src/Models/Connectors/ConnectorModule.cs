using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A connector with its weights.</summary>
public abstract class ConnectorModule
{
    /// <summary>Makes them: tokens for the prompt, memory for the hooks.</summary>
    public abstract Visual Encode(Graph g, VisionFeatures features);

    /// <summary>Makes one picture's tokens of those of a clip's frames: by default one frame's after the other's.</summary>
    public virtual Visual JoinFrames(Graph g, Visual frames) => frames with { TokensPerImage = frames.Tokens?.Shape[0] ?? 0 };

    /// <summary>3. Hooks in every decoder block: before it,</summary>
    public virtual Tensor BeforeBlock(Graph g, int layer, Tensor x, Visual visual, TokenMap map) => x;

    /// <summary>after it,</summary>
    public virtual Tensor AfterBlock(Graph g, int layer, Tensor x, Visual visual, TokenMap map) => x;

    /// <summary>and in place of its linear maps.</summary>
    public virtual Tensor Project(Graph g, int layer, Slot slot, Tensor x, Linear text, Tensor? residual, TokenMap map) => text.Apply(g, x, residual);
}
