namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>What a launch must know of a kernel's machine code.</summary>
/// <param name="Lanes">Lanes of a slice.</param>
/// <param name="SaveStride">Bytes of the save area of one slice.</param>
/// <param name="LocalBytes">Local memory of a thread.</param>
/// <param name="HomeBytes">Memory of matrix instructions and their registers that the warps of a block share.</param>
/// <param name="WarpHomeBytes">The same that each warp needs.</param>
/// <param name="FirstBehindCut">Regions from this one on go on behind a cut, where nobody waits.</param>
/// <param name="OversizedRegions">Regions that are too large to be optimised: right, but several times slower.</param>
/// <param name="UsesHandlers">Whether single instructions go through the interpreter's handlers.</param>
internal sealed record CodeFacts(int Lanes, int SaveStride, int LocalBytes, int HomeBytes, int WarpHomeBytes, int FirstBehindCut, int OversizedRegions, bool UsesHandlers)
{
    /// <summary>Accesses that are checked; code that was made ahead of time has none.</summary>
    public int Sites { get; init; }
}
