using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>A call's target and where its arguments and returns lie in the caller.</summary>
/// <param name="Target">The function, or null for an indirect call.</param>
internal sealed record CallSite(Code? Target, CallValue[] Arguments, CallValue[] Returns);

/// <summary>An argument or return: bytes in the caller's frame, or a row (then <paramref name="FrameOffset"/> is -1).</summary>
internal readonly record struct CallValue(int FrameOffset, int Bytes, int Row);

/// <summary>Moves arguments and returns between the frames of caller and callee, which lie in the lanes' local memory.</summary>
internal static unsafe class Calls
{
    public static void CopyArguments(Warp warp, Frame callee, CallSite call, uint mask)
    {
        List<PtxVariable> parameters = callee.Code.Function.Parameters;
        for (int i = 0; i < Math.Min(parameters.Count, call.Arguments.Length); i++)
        {
            int offset = callee.LocalBase + callee.Code.FrameOffsets[parameters[i]];
            int bytes = (int)parameters[i].Bytes;
            for (uint m = mask; m != 0; m &= m - 1)
            {
                int lane = BitOperations.TrailingZeroCount(m);
                byte* local = Local(warp, lane);
                if (call.Arguments[i].FrameOffset >= 0)
                    Buffer.MemoryCopy(local + callee.Caller!.LocalBase + call.Arguments[i].FrameOffset, local + offset, bytes, Math.Min(bytes, call.Arguments[i].Bytes));
                else
                {
                    ulong value = warp.Row(call.Arguments[i].Row)[lane];
                    Buffer.MemoryCopy(&value, local + offset, bytes, Math.Min(bytes, 8));
                }
                warp.Block.Sanitizer?.LocalWritten(warp, lane, offset, bytes);
            }
        }
    }

    public static void CopyReturns(Warp warp, Frame callee, CallSite call, uint mask)
    {
        List<PtxVariable> returns = callee.Code.Function.Returns;
        for (int i = 0; i < Math.Min(returns.Count, call.Returns.Length); i++)
        {
            int offset = callee.LocalBase + callee.Code.FrameOffsets[returns[i]];
            int bytes = (int)returns[i].Bytes;
            for (uint m = mask; m != 0; m &= m - 1)
            {
                int lane = BitOperations.TrailingZeroCount(m);
                byte* local = Local(warp, lane);
                if (call.Returns[i].FrameOffset < 0)
                {
                    ulong value = 0;
                    Buffer.MemoryCopy(local + offset, &value, 8, Math.Min(bytes, 8));
                    warp.Row(call.Returns[i].Row)[lane - (callee.RowBase - callee.Caller!.RowBase) * Warp.Lanes] = value;
                    if (warp.Shadow is { } shadow) shadow[callee.Caller, call.Returns[i].Row, lane] = 0;
                    continue;
                }
                int to = callee.Caller!.LocalBase + call.Returns[i].FrameOffset;
                Buffer.MemoryCopy(local + offset, local + to, call.Returns[i].Bytes, Math.Min(bytes, call.Returns[i].Bytes));
                warp.Block.Sanitizer?.LocalWritten(warp, lane, to, bytes);
            }
        }
    }

    private static byte* Local(Warp warp, int lane) => warp.Block.Local + (long)(warp.Index * Warp.Lanes + lane) * warp.Block.LocalBytes;
}
