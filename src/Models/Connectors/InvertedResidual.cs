using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>MobileNet v3's block without expansion: depthwise convolution, norm over channels, Hardswish; squeeze and excitation; a map of every pixel, norm.</summary>
/// <remarks>source: Howard et al. 2019, arXiv:1905.02244; torchvision, InvertedResidual.</remarks>
internal sealed class InvertedResidual(Scope w, int channels, int stride, string stage)
{
    private static readonly LayerNormSpec NormSpec = new(1e-5f);

    private readonly Tensor depthwise = w["0.0"].Weight("weight", channels, 1, 3, 3);
    private readonly Norm depthwiseNorm = NormSpec.Load(w["0.1"], channels), norm = NormSpec.Load(w["2.1"], channels);
    private readonly Linear squeeze = Pointwise(w["1.fc1"], channels, Divisible(channels / 4), bias: true), excite = Pointwise(w["1.fc2"], Divisible(channels / 4), channels, bias: true);
    private readonly Linear pointwise = Pointwise(w["2.0"], channels, channels, bias: false);

    /// <summary>The block whose output has another size than its input x [images, rows, columns, channels].</summary>
    public Tensor Apply(Graph g, Tensor x) => g.Name(Branch(g, x), $"{stage}.out");

    /// <summary>What is added to x [images, rows, columns, channels] where the sizes agree.</summary>
    public Tensor Branch(Graph g, Tensor x)
    {
        Tensor d = g.Name(g.DepthwiseConv(x, depthwise, stride: stride), $"{stage}.depthwise");
        d = g.Name(depthwiseNorm.Apply(g, d), $"{stage}.depthwise_norm");
        d = g.Name(g.Activate(d, Activation.HardSwish), $"{stage}.depthwise_act");
        (int images, int rows, int columns, int width) = d.Shape;
        Tensor flat = d.Reshape(images, rows * columns, width);
        Tensor factors = g.MeanPoolRows(flat, rows * columns).Reshape(images, width);                                       // [images, channels]
        factors = g.Activate(excite.ApplyEach(g, g.Activate(squeeze.ApplyEach(g, factors), Activation.Relu)), Activation.HardSigmoid);
        var image = new int[images * rows * columns];
        for (int i = 0; i < image.Length; i++) image[i] = i / (rows * columns);
        Tensor everywhere = g.GatherRows(factors, g.Constant<int>(DType.I32, new Shape(image.Length), image));                // [images·pixels, channels]
        d = g.Name(g.Multiply(d, everywhere.Reshape(images, rows, columns, width)), $"{stage}.se");
        return norm.Apply(g, pointwise.Apply(g, d));
    }

    /// <summary>A convolution of single pixels.</summary>
    private static Linear Pointwise(Scope w, int inputs, int outputs, bool bias)
        => new(w.Weight("weight", outputs, inputs, 1, 1).Reshape(outputs, inputs), bias ? w.Weight("bias", outputs) : null);

    /// <summary>The multiple of 8 nearest to a width, not more than a tenth below it.</summary>
    private static int Divisible(int width)
    {
        int rounded = Math.Max(8, (width + 4) / 8 * 8);
        return rounded < 0.9 * width ? rounded + 8 : rounded;
    }
}
