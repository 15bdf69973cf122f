using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>vadd4, vset2 and their kin: four bytes or two halves of a register at once, put together or (.add) summed onto c.</summary>
internal static class VideoOps
{
    public static uint Evaluate(PtxOperation operation, uint a, uint b, uint c)
    {
        int parts = operation.Row.Mnemonic[^1] - '0', bits = 32 / parts;
        bool set = operation.Opcode == PtxOpcode.VideoSet;
        bool signedA = operation.Types[set ? 0 : 1] == PtxType.S32, signedB = operation.Types[set ? 1 : 2] == PtxType.S32;
        uint keep = (1u << bits) - 1, packed = 0, sum = c;
        for (int i = 0; i < parts; i++)
        {
            int result = Part(operation, Field(a, i * bits, bits, signedA), Field(b, i * bits, bits, signedB));
            if (operation.Sat) result = operation.Type == PtxType.S32 ? Math.Clamp(result, -(1 << bits - 1), (1 << bits - 1) - 1) : Math.Clamp(result, 0, (int)keep);
            sum = unchecked(sum + (uint)result);
            packed |= ((uint)result & keep) << i * bits;
        }
        return operation.Reduction == PtxReduction.Add ? sum : packed;
    }

    private static int Part(PtxOperation operation, int a, int b) => operation.Opcode switch
    {
        PtxOpcode.VideoAdd => a + b,
        PtxOpcode.VideoSub => a - b,
        // Rounded away from zero, as the ISA has it.
        PtxOpcode.VideoAverage => a + b >= 0 ? a + b + 1 >> 1 : a + b >> 1,
        PtxOpcode.VideoAbsdiff => Math.Abs(a - b),
        PtxOpcode.VideoMin => Math.Min(a, b),
        PtxOpcode.VideoMax => Math.Max(a, b),
        _ => FloatSlow.Holds(operation.Compare, a, b) ? 1 : 0,
    };

    private static int Field(uint value, int at, int bits, bool signed)
    {
        int up = 32 - bits - at;
        return signed ? (int)(value << up) >> 32 - bits : (int)(value << up >> 32 - bits);
    }
}
