using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>SigLIP's pooling head: a learned probe attends to all patches; y + mlp(norm(y)) of what it finds.</summary>
internal sealed class SiglipPooling
{
    private readonly TransformerSpec spec;
    private readonly Tensor probe;
    private readonly Linear query, key, value, output;
    private readonly Norm norm;
    private readonly Mlp mlp;

    public SiglipPooling(TransformerSpec spec, Scope w)
    {
        this.spec = spec;
        int hidden = spec.Hidden;
        probe = w.Weight("probe", 1, 1, hidden);
        // One matrix holds the three maps, query first.
        Tensor weight = w["attention"].Weight("in_proj_weight", 3 * hidden, hidden), bias = w["attention"].Weight("in_proj_bias", 3 * hidden);
        (query, key, value) = (Part(0), Part(1), Part(2));
        output = Linear.Load(w["attention.out_proj"], hidden, hidden, bias: true);
        norm = spec.Norm.Load(w["layernorm"], hidden);
        mlp = spec.Mlp.Load(w["mlp"], hidden);

        Linear Part(int index) => new(weight.Rows(index * hidden, hidden), bias.Rows(index * hidden, hidden));
    }

    /// <summary>x [images, patches, hidden] -> [images, hidden].</summary>
    public Tensor Apply(Graph g, Tensor x)
    {
        int images = x.Shape[0], hidden = spec.Hidden;
        Tensor probes = g.Cast(g.GatherRows(probe.Reshape(1, hidden), g.Constant<int>(DType.I32, new Shape(images), new int[images])), x.DType);   // [images, hidden]
        Tensor q = query.Apply(g, probes.Reshape(images, 1, hidden));
        Tensor o = g.Attention(q, key.Apply(g, x), value.Apply(g, x), spec.Heads, spec.Heads, spec.Scale);   // [images, 1, hidden]
        Tensor y = output.Apply(g, o);
        return mlp.Apply(g, norm.Apply(g, y), y, new Projection(g), "vision.pooling").Reshape(images, hidden);
    }
}
