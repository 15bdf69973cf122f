using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>SigLIP's vision transformer with its weights.</summary>
internal sealed class SiglipVisionTower : VisionTower
{
    private readonly SiglipVisionSpec spec;
    private readonly Tensor patchWeight, patchBias, positions;
    private readonly TransformerBlock[] blocks;
    private readonly Norm? postNorm;
    private readonly SiglipPooling? pooling;

    public SiglipVisionTower(SiglipVisionSpec spec, Scope w)
    {
        this.spec = spec;
        PictureSpec picture = spec.Picture;
        Scope embeddings = w["embeddings"];
        patchWeight = embeddings["patch_embedding"].Weight("weight", spec.Hidden, picture.Channels, picture.Patch, picture.Patch);
        patchBias = embeddings["patch_embedding"].Weight("bias", spec.Hidden);
        positions = embeddings["position_embedding"].Weight("weight", picture.Patches, spec.Hidden);
        blocks = [.. Enumerable.Range(0, spec.Layers).Select(layer => new TransformerBlock(spec.Transformer, w["encoder.layers"][layer], $"vision.block{layer}"))];
        if (!spec.Pools) return;
        postNorm = spec.Transformer.Norm.Load(w["post_layernorm"], spec.Hidden);
        pooling = new SiglipPooling(spec.Transformer, w["head"]);
    }

    public override VisionFeatures Encode(Graph g, Tensor pixels, params ReadOnlySpan<int> taps)
    {
        int images = pixels.Shape[0], rows = pixels.Shape[2] / spec.Picture.Patch, columns = pixels.Shape[3] / spec.Picture.Patch;
        Tensor patches = g.Name(g.PatchEmbed(pixels, patchWeight, patchBias), "vision.patch_embed");                        // [images, patches, hidden]
        Tensor x = g.Name(g.Add(patches, Positions(g, positions, spec.Picture, 0, rows, columns)), "vision.embeddings");   // [images, patches, hidden]
        return new VisionFeatures(TransformerBlock.Stack(g, blocks, x, taps), images, rows, columns, classTokens: 0);
    }

    public override void Pool(Graph g, VisionFeatures features)
    {
        if (postNorm is null || pooling is null) return;
        Tensor x = g.Name(postNorm.Apply(g, features.All(spec.Layers)), "last_hidden_state");   // [images·patches, hidden]
        g.Name(pooling.Apply(g, x.Reshape(features.Images, features.Tokens, spec.Hidden)), "pooled");
    }
}
