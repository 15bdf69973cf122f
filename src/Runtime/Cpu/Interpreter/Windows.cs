namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Generic addresses: the top byte tells the space; host addresses have zero there.</summary>
internal static class Windows
{
    public const int Shift = 56;
    public const ulong Shared = 1ul << Shift, Local = 2ul << Shift, Param = 3ul << Shift, Function = 4ul << Shift;
    public const ulong OffsetMask = (1ul << Shift) - 1;
}
