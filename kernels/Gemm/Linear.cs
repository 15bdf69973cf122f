namespace MmKernels.Kernels;

/// <summary>The linear layer: chooses the kernel that serves it.</summary>
public static class LinearOp
{
    /// <summary>y = f(x · wᵀ + bias) + residual, summed in f32.</summary>
    /// <remarks>
    /// Where sequences have one row each ([inputs], [1, inputs], [sequences, 1, inputs]: a step of decoding) <see cref="GemvKernel"/> serves, whatever their number;
    /// where they have more, <see cref="TensorGemmKernel"/> on devices with tensor cores and types that fit, else <see cref="GemmKernel"/>. The two kinds sum in different
    /// orders, so that a token in a prompt and the same token in a step may differ in the last bits; within each kind a row's bits depend on nothing but the row:
    /// neither on the other rows nor on their number.
    /// </remarks>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., rows of a sequence, inputs].</param>
    /// <param name="w">[outputs, inputs], as checkpoints store it.</param>
    /// <param name="bias">[outputs], of w's type.</param>
    /// <param name="residual">[.., outputs], of x's type.</param>
    /// <param name="activation">f; none where left out.</param>
    /// <returns>[.., outputs], of x's type.</returns>
    public static Tensor Linear(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        if (IsStep(x)) return g.Gemv(x, w, bias, residual, activation);
        return OnTensorCores(g, x, w) ? g.TensorGemm(x, w, bias, residual, activation) : g.Gemm(x, w, bias, residual, activation);
    }

    /// <summary>Whether sequences have one row each.</summary>
    internal static bool IsStep(Tensor x) => x.Shape.Rank == 1 || x.Shape[^2] == 1;

    internal static bool OnTensorCores(Graph g, Tensor x, Tensor w) => g.Accelerator.TensorCores && TensorGemmKernel.Takes(x, w);
}

/// <summary>What the kernels of a linear layer have in common.</summary>
internal static class LinearShapes
{
    /// <summary>Checks the operands and makes the result.</summary>
    public static Tensor Result(Graph g, Tensor x, Tensor w, Tensor? bias, Tensor? residual)
    {
        g.Require(w.Shape.Rank == 2 && x.Shape.Rank >= 1 && w.Shape[1] == x.Shape[^1], x, w);
        if (bias is not null) g.Require(bias.Shape == new Shape(w.Shape[0]) && bias.DType == w.DType, bias, w);
        g.Require(x.Shape.Elements > 0 && w.Shape.Elements > 0, x, w);
        int[] dims = x.Shape.Dims.ToArray();
        dims[^1] = w.Shape[0];
        Tensor y = g.New(x.DType, dims);
        if (residual is not null) g.Require(residual.Shape == y.Shape && residual.DType == y.DType, residual, y);
        return y;
    }

    /// <summary>Stands for an operand that is absent: no elements.</summary>
    public static Tensor None(Graph g, DType type) => g.New(type, 0);
}
