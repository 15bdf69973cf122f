using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu;

/// <summary>A launch as the workers see it.</summary>
internal unsafe struct LaunchRequest
{
    public Dim3 Grid, Block;

    /// <summary>Shared memory, the dynamic part included.</summary>
    public int SharedBytes;

    public int DynamicSharedBytes;

    public byte* Parameters;

    public int ParameterBytes;

    public MemoryMap Map;

    /// <summary>Memory of the module's variables.</summary>
    public byte* Globals;
}
