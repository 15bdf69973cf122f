using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>CLIP's vision transformer: patches and a class token, learned positions, pre-norm blocks with bidirectional attention.</summary>
internal sealed class ClipVisionTower : VisionTower
{
    private readonly ClipVisionSpec spec;
    private readonly Tensor patchWeight, classToken, positions;
    private readonly Norm preNorm;
    private readonly ClipBlock[] blocks;
    private readonly Norm? postNorm;
    private readonly Linear? projection;

    public ClipVisionTower(ClipVisionSpec spec, Scope w, Scope root)
    {
        this.spec = spec;
        Scope embeddings = w["embeddings"];
        patchWeight = embeddings["patch_embedding"].Weight("weight", spec.Hidden, spec.Channels, spec.PatchSize, spec.PatchSize);
        classToken = embeddings.Weight("class_embedding", spec.Hidden);
        positions = embeddings["position_embedding"].Weight("weight", 1 + spec.Patches, spec.Hidden);
        preNorm = spec.Norm.Load(w["pre_layrnorm"], spec.Hidden);   // the name's misspelling is the published one
        blocks = new ClipBlock[spec.Layers];
        for (int layer = 0; layer < blocks.Length; layer++) blocks[layer] = new ClipBlock(spec, w["encoder.layers"][layer], layer);
        if (!spec.Projects) return;
        postNorm = spec.Norm.Load(w["post_layernorm"], spec.Hidden);
        projection = Linear.Load(root["visual_projection"], spec.Hidden, spec.ProjectionDim, bias: false);
    }

    public override VisionFeatures Encode(Graph g, Tensor pixels, params ReadOnlySpan<int> taps)
    {
        int images = pixels.Shape[0], rows = pixels.Shape[2] / spec.PatchSize, columns = pixels.Shape[3] / spec.PatchSize;
        Tensor patches = g.Name(g.PatchEmbed(pixels, patchWeight), "vision.patch_embed");         // [images, patches, hidden]
        Tensor table = Positions(g, rows, columns);                                                      // [1 + patches, hidden]
        Tensor x = g.VisionEmbeddings(patches, g.Cast(classToken, table.DType), table);                  // [images, 1 + patches, hidden]
        x = g.Name(x, "vision.embeddings");
        x = g.Name(preNorm.Apply(g, x), "vision.pre_ln");

        var hidden = new Dictionary<int, Tensor>();
        int last = 0;
        foreach (int tap in taps) last = Math.Max(last, tap);
        for (int layer = 0; ; layer++)
        {
            if (taps.Contains(layer)) hidden[layer] = x.Reshape(images * (1 + rows * columns), spec.Hidden);
            if (layer == last) break;
            x = blocks[layer].Apply(g, x);
        }
        return new VisionFeatures(hidden, images, rows, columns, classTokens: 1);
    }

    public override void Project(Graph g, VisionFeatures features)
    {
        if (postNorm is null || projection is null) return;
        Tensor pooled = g.Name(postNorm.Apply(g, features.ClassToken(g, spec.Layers)), "pooled");   // [images, hidden]
        g.Name(projection.Apply(g, pooled), "image_embeds");                                          // [images, projection]
    }

    /// <summary>The table, stretched where the picture has another size than the table was trained for.</summary>
    private Tensor Positions(Graph g, int rows, int columns)
    {
        int side = spec.ImageSize / spec.PatchSize;
        if (rows == side && columns == side) return positions;
        return g.Name(g.InterpolatePositions(positions, 1, side, side, rows, columns), "vision.positions");
    }
}
