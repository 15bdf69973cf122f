using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Dialect;

namespace MmKernels.Tests.Programs;

/// <summary>Programs of 64 threads that exchange values by shuffles, votes and shared memory: as a kernel, and simulated on the host.</summary>
internal static class Lanes
{
    public const int Threads = 64;

    private const int WarpSize = 32;

    /// <summary>Each thread starts with its input and ends by writing its value.</summary>
    public static void Kernel(ILGenerator il, Sample sample, MethodInfo[] functions)
    {
        LocalBuilder value = il.DeclareLocal(typeof(int)), shared = il.DeclareLocal(typeof(ArrayView<int>)), local = Assembler.LocalArray(il);
        MethodInfo item = typeof(ArrayView<int>).GetMethod("get_Item", [typeof(int)])!;
        il.Emit(OpCodes.Ldc_I4, Threads);
        il.Emit(OpCodes.Call, typeof(SharedMemory).GetMethod("Allocate")!.MakeGenericMethod(typeof(int)));
        il.Emit(OpCodes.Stloc, shared);
        il.Emit(OpCodes.Ldarga_S, (byte)0);
        Assembler.Thread(il);
        il.Emit(OpCodes.Call, typeof(In<int>).GetMethod("get_Item", [typeof(int)])!);
        il.Emit(OpCodes.Stloc, value);
        foreach (Step step in sample.Steps) Emit(step);
        il.Emit(OpCodes.Ldarga_S, (byte)2);
        Assembler.Thread(il);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Call, typeof(Out<int>).GetMethod("set_Item", [typeof(int), typeof(int)])!);
        il.Emit(OpCodes.Ret);

        void Emit(Step step)
        {
            if (step.Kind == StepKind.Shared)
            {
                SharedElement(false);
                il.Emit(OpCodes.Ldloc, value);
                il.Emit(OpCodes.Stind_I4);
                Barrier();
                SharedElement(true);
                il.Emit(OpCodes.Ldind_I4);
                il.Emit(OpCodes.Stloc, value);
                Barrier();
                return;
            }
            il.Emit(OpCodes.Ldloc, value);
            switch (step.Kind)
            {
                case StepKind.Compute:
                    il.Emit(OpCodes.Ldloc, value);
                    il.Emit(OpCodes.Conv_R4);
                    Assembler.Part(il, 1);
                    il.Emit(OpCodes.Ldloc, local);
                    il.Emit(OpCodes.Call, functions[step.Number]);
                    break;
                case StepKind.Ballot:
                    il.Emit(OpCodes.Ldc_I4, step.Number);
                    il.Emit(OpCodes.Cgt);
                    il.Emit(OpCodes.Call, typeof(Warp).GetMethod("Ballot")!);
                    il.Emit(OpCodes.Ldloc, value);
                    il.Emit(OpCodes.Add);
                    break;
                default:
                    il.Emit(OpCodes.Ldc_I4, step.Number);
                    il.Emit(OpCodes.Call, typeof(Warp).GetMethod(step.Kind == StepKind.Index ? "Shuffle" : $"Shuffle{step.Kind}")!.MakeGenericMethod(typeof(int)));
                    break;
            }
            il.Emit(OpCodes.Stloc, value);

            void SharedElement(bool other)
            {
                il.Emit(OpCodes.Ldloca, shared);
                Assembler.Thread(il);
                if (other)
                {
                    il.Emit(OpCodes.Ldc_I4, step.Number);
                    il.Emit(OpCodes.Mul);
                    il.Emit(OpCodes.Ldc_I4, Threads - 1);
                    il.Emit(OpCodes.And);
                }
                il.Emit(OpCodes.Call, item);
            }

            void Barrier() => il.Emit(OpCodes.Call, typeof(Group).GetMethod("Barrier")!);
        }
    }

    /// <summary>The same on the host: every thread finishes a step before the next one begins.</summary>
    /// <param name="functions">The host methods by index.</param>
    public static int[] Simulate(Sample sample, Func<int, float, int[], int[], int>[] functions, int[] inputs, int[] global)
    {
        int[] values = [.. inputs];
        int[][] locals = [.. values.Select(_ => Enumerable.Range(0, Assembler.ArrayLength).ToArray())];
        foreach (Step step in sample.Steps)
        {
            int[] before = [.. values];
            for (int t = 0; t < Threads; t++)
            {
                int warp = t & ~(WarpSize - 1), lane = t & (WarpSize - 1), n = step.Number;
                values[t] = step.Kind switch
                {
                    StepKind.Compute => Call(functions[n], t),
                    StepKind.Xor => before[warp + (lane ^ n)],
                    StepKind.Down => lane + n < WarpSize ? before[t + n] : before[t],
                    StepKind.Up => lane >= n ? before[t - n] : before[t],
                    StepKind.Index => before[warp + n],
                    StepKind.Shared => before[t * n & (Threads - 1)],
                    _ => before[t] + (int)Ballot(before, warp, n),
                };
            }
        }
        return values;

        int Call(Func<int, float, int[], int[], int> function, int t)
        {
            int[] part = global[(t * Assembler.ArrayLength)..((t + 1) * Assembler.ArrayLength)];
            int result = function(values[t], values[t], part, locals[t]);
            part.CopyTo(global, t * Assembler.ArrayLength);
            return result;
        }
    }

    private static uint Ballot(int[] values, int warp, int limit)
    {
        uint bits = 0;
        for (int lane = 0; lane < WarpSize; lane++)
            if (values[warp + lane] > limit) bits |= BitOperations.RotateLeft(1u, lane);
        return bits;
    }
}
