using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Dialect;

namespace MmKernels.Tests.Programs;

/// <summary>Programs of 64 threads that exchange values by shuffles, votes, atomics and shared memory, as kernels.</summary>
internal sealed class Lanes
{
    public const int Threads = 64;

    /// <summary>Elements of the shared and global arrays that atomics work on.</summary>
    public const int Counters = 8;

    private readonly ILGenerator il;
    private readonly MethodInfo[] functions;
    private readonly LocalBuilder value, shared, counters, wide;
    private readonly LocalBuilder?[] locals;

    private Lanes(ILGenerator il, MethodInfo[] functions)
    {
        this.il = il;
        this.functions = functions;
        value = il.DeclareLocal(typeof(int));
        wide = il.DeclareLocal(typeof(long));
        shared = il.DeclareLocal(typeof(ArrayView<int>));
        counters = il.DeclareLocal(typeof(ArrayView<int>));
        locals = Assembler.LocalArrays(il);
    }

    /// <summary>Each thread starts with its input and ends by writing its value. Arguments: inputs, global counters, global arrays, output.</summary>
    public static void Kernel(ILGenerator il, Sample sample, MethodInfo[] functions)
    {
        var kernel = new Lanes(il, functions);
        kernel.Allocate(kernel.shared, Threads);
        kernel.Allocate(kernel.counters, Counters);
        il.Emit(OpCodes.Ldarga_S, (byte)0);
        Assembler.Thread(il);
        il.Emit(OpCodes.Call, typeof(In<int>).GetMethod("get_Item", [typeof(int)])!);
        il.Emit(OpCodes.Stloc, kernel.value);
        foreach (Step step in sample.Steps) kernel.Emit(step);
        il.Emit(OpCodes.Ldarga_S, (byte)(2 + Arrays.Globals.Length));
        Assembler.Thread(il);
        il.Emit(OpCodes.Ldloc, kernel.value);
        il.Emit(OpCodes.Call, typeof(Out<int>).GetMethod("set_Item", [typeof(int), typeof(int)])!);
        il.Emit(OpCodes.Ret);
    }

    private void Allocate(LocalBuilder array, int length)
    {
        il.Emit(OpCodes.Ldc_I4, length);
        il.Emit(OpCodes.Call, typeof(SharedMemory).GetMethod("Allocate")!.MakeGenericMethod(typeof(int)));
        il.Emit(OpCodes.Stloc, array);
    }

    private void Emit(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Repeat: Repeat(step); return;
            case StepKind.Masked: Masked(step); return;
            case StepKind.Shared: Exchange(step); return;
            case StepKind.AtomicShared: CountShared(step); return;
            case StepKind.AtomicGlobal:
                il.Emit(OpCodes.Ldarga_S, (byte)1);
                Counter(step);
                il.Emit(OpCodes.Pop);
                Barrier();   // the next step may do something else with the counters
                return;
            case StepKind.Compute: Compute(step.Number); break;
            case StepKind.Wide: WideShuffle(step); break;
            case StepKind.Real: RealShuffle(step); break;
            case StepKind.Xor or StepKind.Down or StepKind.Up or StepKind.Index:
                il.Emit(OpCodes.Ldloc, value);
                Number(step);
                il.Emit(OpCodes.Call, typeof(Warp).GetMethod(step.Kind == StepKind.Index ? "Shuffle" : $"Shuffle{step.Kind}")!.MakeGenericMethod(typeof(int)));
                break;
            default: Vote(step); break;
        }
        il.Emit(OpCodes.Stloc, value);
    }

    private void Number(Step step) => il.Emit(OpCodes.Ldc_I4, step.Number);

    private void Compute(int function)
    {
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Conv_R4);
        Assembler.PassArrays(il, locals, 2);
        il.Emit(OpCodes.Call, functions[function]);
    }

    /// <summary>Even or odd lanes compute.</summary>
    private void Masked(Step step)
    {
        Label after = il.DefineLabel();
        Assembler.Thread(il);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.And);
        il.Emit(OpCodes.Ldc_I4, step.Number & 1);
        il.Emit(OpCodes.Bne_Un, after);
        Compute(1 + step.Number / 2);
        il.Emit(OpCodes.Stloc, value);
        il.MarkLabel(after);
    }

    /// <summary>value + the number of a vote on value > limit.</summary>
    private void Vote(Step step)
    {
        (System.Type type, string method) = step.Kind switch
        {
            StepKind.Ballot => (typeof(Warp), nameof(Warp.Ballot)),
            StepKind.All => (typeof(Warp), nameof(Warp.All)),
            StepKind.Any => (typeof(Warp), nameof(Warp.Any)),
            StepKind.Count => (typeof(Group), nameof(Group.BarrierPopCount)),
            StepKind.Every => (typeof(Group), nameof(Group.BarrierAnd)),
            _ => (typeof(Group), nameof(Group.BarrierOr)),
        };
        il.Emit(OpCodes.Ldloc, value);
        Number(step);
        il.Emit(OpCodes.Cgt);
        il.Emit(OpCodes.Call, type.GetMethod(method)!);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Add);
    }

    private void WideShuffle(Step step)
    {
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Ldc_I8, 0x1_0000_0003L);
        il.Emit(OpCodes.Mul);
        Number(step);
        il.Emit(OpCodes.Call, typeof(Warp).GetMethod(nameof(Warp.ShuffleXor))!.MakeGenericMethod(typeof(long)));
        il.Emit(OpCodes.Stloc, wide);
        il.Emit(OpCodes.Ldloc, wide);
        il.Emit(OpCodes.Ldc_I4, 32);
        il.Emit(OpCodes.Shr);
        il.Emit(OpCodes.Ldloc, wide);
        il.Emit(OpCodes.Xor);
        il.Emit(OpCodes.Conv_I4);
    }

    private void RealShuffle(Step step)
    {
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Ldc_I4, 0xFFFF);
        il.Emit(OpCodes.And);
        il.Emit(OpCodes.Conv_R4);
        Number(step);
        il.Emit(OpCodes.Call, typeof(Warp).GetMethod(nameof(Warp.ShuffleDown))!.MakeGenericMethod(typeof(float)));
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Xor);
    }

    /// <summary>Every thread writes its value to shared memory and reads that of another one.</summary>
    private void Exchange(Step step)
    {
        Element(shared, () => Assembler.Thread(il));
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Stind_I4);
        Barrier();
        Element(shared, () => Other(2 * step.Number + 1, Threads));
        il.Emit(OpCodes.Ldind_I4);
        il.Emit(OpCodes.Stloc, value);
        Barrier();
    }

    private void CountShared(Step step)
    {
        Element(counters, () => Other(1, Counters));
        il.Emit(OpCodes.Ldc_I4, Simulation.Start(step));
        il.Emit(OpCodes.Stind_I4);
        Barrier();
        il.Emit(OpCodes.Ldloca, counters);
        Counter(step);
        il.Emit(OpCodes.Pop);
        Barrier();
        Element(counters, () => Other(step.Number, Counters));
        il.Emit(OpCodes.Ldind_I4);
        il.Emit(OpCodes.Stloc, value);
        Barrier();
    }

    /// <summary>An atomic operation on the counter that the value chooses; the view's address is on the stack.</summary>
    private void Counter(Step step)
    {
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Ldc_I4, Counters - 1);
        il.Emit(OpCodes.And);
        il.Emit(OpCodes.Call, Assembler.Item(Type.Int));
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Call, typeof(Atomic).GetMethod(Simulation.Atomics[step.Number % Simulation.Atomics.Length], [typeof(int).MakeByRefType(), typeof(int)])!);
    }

    private void Element(LocalBuilder array, Action index)
    {
        il.Emit(OpCodes.Ldloca, array);
        index();
        il.Emit(OpCodes.Call, Assembler.Item(Type.Int));
    }

    private void Other(int stride, int length)
    {
        Assembler.Thread(il);
        il.Emit(OpCodes.Ldc_I4, stride);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Ldc_I4, length - 1);
        il.Emit(OpCodes.And);
    }

    private void Repeat(Step step)
    {
        LocalBuilder counter = il.DeclareLocal(typeof(int));
        Label body = il.DefineLabel(), test = il.DefineLabel();
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Stloc, counter);
        il.Emit(OpCodes.Br, test);
        il.MarkLabel(body);
        foreach (Step inner in step.Inner) Emit(inner);
        il.Emit(OpCodes.Ldloc, counter);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, counter);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, counter);
        Number(step);
        il.Emit(OpCodes.Blt, body);
    }

    private void Barrier() => il.Emit(OpCodes.Call, typeof(Group).GetMethod("Barrier")!);
}
