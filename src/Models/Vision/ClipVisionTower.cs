using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>CLIP's vision transformer with its weights.</summary>
internal sealed class ClipVisionTower : VisionTower
{
    private readonly ClipVisionSpec spec;
    private readonly Tensor patchWeight, classToken, positions;
    private readonly Norm preNorm;
    private readonly TransformerBlock[] blocks;
    private readonly Norm? postNorm;
    private readonly Linear? projection;

    public ClipVisionTower(ClipVisionSpec spec, Scope w, Scope root)
    {
        this.spec = spec;
        PictureSpec picture = spec.Picture;
        Scope embeddings = w["embeddings"];
        patchWeight = embeddings["patch_embedding"].Weight("weight", spec.Hidden, picture.Channels, picture.Patch, picture.Patch);
        classToken = embeddings.Weight("class_embedding", spec.Hidden);
        positions = embeddings["position_embedding"].Weight("weight", 1 + picture.Patches, spec.Hidden);
        preNorm = spec.Transformer.Norm.Load(w["pre_layrnorm"], spec.Hidden);   // the name's misspelling is the published one
        blocks = [.. Enumerable.Range(0, spec.Layers).Select(layer => new TransformerBlock(spec.Transformer, w["encoder.layers"][layer], $"vision.block{layer}"))];
        if (spec.ProjectionDim == 0) return;
        postNorm = spec.Transformer.Norm.Load(w["post_layernorm"], spec.Hidden);
        projection = Linear.Load(root["visual_projection"], spec.Hidden, spec.ProjectionDim, bias: false);
    }

    public override VisionFeatures Encode(Graph g, Tensor pixels, params ReadOnlySpan<int> taps)
    {
        int images = pixels.Shape[0], rows = pixels.Shape[2] / spec.Picture.Patch, columns = pixels.Shape[3] / spec.Picture.Patch;
        Tensor patches = g.Name(g.PatchEmbed(pixels, patchWeight), "vision.patch_embed");    // [images, patches, hidden]
        Tensor table = Positions(g, positions, spec.Picture, 1, rows, columns);              // [1 + patches, hidden]
        Tensor x = g.VisionEmbeddings(patches, g.Cast(classToken, table.DType), table);      // [images, 1 + patches, hidden]
        x = g.Name(preNorm.Apply(g, g.Name(x, "vision.embeddings")), "vision.pre_ln");
        return new VisionFeatures(TransformerBlock.Stack(g, blocks, x, taps), images, rows, columns, classTokens: 1);
    }

    public override void Pool(Graph g, VisionFeatures features)
    {
        if (postNorm is null || projection is null) return;
        Tensor pooled = g.Name(postNorm.Apply(g, features.ClassToken(g, spec.Layers)), "pooled");   // [images, hidden]
        g.Name(projection.ApplyEach(g, pooled), "image_embeds");                                        // [images, projection]
    }
}
