using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>An mma of 16 × 8 results whose products are summed in f32.</summary>
/// <param name="Runs">Registers of B: each holds four lanes' elements along k.</param>
/// <param name="Elements">Elements in a register of A or B.</param>
/// <param name="Type">Of A and B.</param>
/// <param name="TypeC">f32 in four registers, or pairs of f16 in two.</param>
/// <param name="TypeD">As <paramref name="TypeC"/>.</param>
internal sealed record MatrixShape(int Runs, int Elements, PtxType Type, PtxType TypeC, PtxType TypeD)
{
    public int RegistersOfA => 2 * Runs;

    public int FirstC => 3 * Runs;

    /// <summary>Null where the instruction is another one.</summary>
    public static MatrixShape? Of(PtxOperation operation)
    {
        if (operation is not { Shape: { M: 16, N: 8 } shape, Types: [var d, var a, var b, var c] } || a != b || d is not (PtxType.F32 or PtxType.F16)) return null;
        return a switch
        {
            PtxType.F16 or PtxType.BF16 when shape.K is 8 or 16 => new MatrixShape(shape.K / 8, 2, a, c, d),
            PtxType.TF32 when shape.K is 4 or 8 => new MatrixShape(shape.K / 4, 1, a, c, d),
            _ => null,
        };
    }
}
