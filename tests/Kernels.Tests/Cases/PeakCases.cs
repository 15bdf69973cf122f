using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class PeakCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach ((int threads, int steps) in new[] { (256, 1), (512, 100) })
            yield return new KernelCase($"fma peak {threads} threads {steps} steps")
            {
                Operands = [],
                Op = (g, _) => [g.FmaPeak(threads, steps, 1f, 2f)],   // whole numbers below 2^24: exact
                Reference = _ =>
                {
                    var y = new double[threads];
                    FmaPeakKernel.Reference(y, steps, 1, 2);
                    return [y];
                },
            };
        Operand x = Operand.Whole(DType.F32, 100, 131072);   // exact too
        yield return new KernelCase("read peak 131072")
        {
            Operands = [x],
            Op = (g, t) => [g.ReadPeak(t[0])],
            Reference = o =>
            {
                var y = new double[512];
                ReadPeakKernel.Reference(o[0].Floats, y);
                return [y];
            },
        };
    }
}
