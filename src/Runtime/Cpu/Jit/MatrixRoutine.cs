using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Writes the method <c>void (float* d, float* c, float* a, float* b)</c> that computes D = A · B + C for a warp. Lane l holds column
/// 2 · (l mod 4) (+ 1 in the second register) of row l / 4 of C, so every group of four lanes multiplies one element of A, spread over
/// the group, with four elements of a row of B, which are the same in all groups.
/// </summary>
internal sealed class MatrixRoutine
{
    private readonly SimdKit kit;
    private readonly IlWriter il;
    private readonly int runs, elements;

    /// <summary>By row half, column and vector: the sums of the two vectors of lanes under way.</summary>
    private readonly LocalBuilder[,,] sums = new LocalBuilder[2, 2, 2];

    private MatrixRoutine(SimdKit kit, IlWriter il, int runs, int elements)
    {
        (this.kit, this.il, this.runs, this.elements) = (kit, il, runs, elements);
        for (int i = 0; i < 8; i++) sums[i >> 2, i >> 1 & 1, i & 1] = NewVector();
    }

    /// <summary>
    /// The routine for a shape. C and D are four registers, 32 lanes each. A holds f32 elements: by register and element, 32 lanes each.
    /// B holds f32 elements: by register, element and lane of a group, 4 even columns and 4 odd ones. Sums start from C in ascending k,
    /// rounded once per product; a NaN is the canonical one.
    /// </summary>
    public static MethodInfo Of(MethodTarget target, SimdKit kit, int runs, int elements)
        => target.Routine($"mma.{kit.Lanes}.{kit.Instructions}.{runs}.{elements}", [typeof(float*), typeof(float*), typeof(float*), typeof(float*)],
            il => new MatrixRoutine(kit, il, runs, elements).Write());

    private void Write()
    {
        for (int first = 0; first < 32; first += 2 * kit.Lanes) WritePair(first);
        il.Emit(OpCodes.Ret);
    }

    /// <summary>Two vectors of lanes share each row of B: eight sums under way hide the latency of the additions.</summary>
    private void WritePair(int first)
    {
        foreach ((int half, int column, int vector, LocalBuilder sum) in Sums())
        {
            LoadVector(1, PlaceOfSum(half, column, first, vector));
            il.Store(sum);
        }
        for (int run = 0; run < runs; run++) WriteRun(run, first);
        foreach ((int half, int column, int vector, LocalBuilder sum) in Sums())
        {
            il.Argument(0);
            il.Displace(PlaceOfSum(half, column, first, vector));
            il.Load(sum);
            il.Load(sum);
            il.Call(kit.Generic("Equals", ValueKind.F32, 2));
            il.Load(sum);
            il.Int(int.MaxValue);
            il.Call(kit.Broadcast(ValueKind.I32));
            il.Call(kit.Reinterpret(ValueKind.I32, ValueKind.F32)!);
            il.Call(kit.Generic("ConditionalSelect", ValueKind.F32, 3));
            il.StoreObject(kit.Vector(ValueKind.F32));
        }
    }

    /// <summary>The products of one register of B with two of A.</summary>
    private void WriteRun(int run, int first)
    {
        var held = new LocalBuilder[2, 2, 2];   // by row half, element and vector
        for (int i = 0; i < 4 * elements; i++)
        {
            (int half, int element, int vector) = (i & 1, i >> 2, i >> 1 & 1);
            LoadVector(2, ((2 * run + half) * elements + element) * RegisterHome.Bytes + (first + vector * kit.Lanes) * sizeof(float));
            il.Store(held[half, element, vector] = NewVector());
        }
        LocalBuilder even = NewVector(), odd = NewVector(), spread = NewVector();
        for (int lane = 0; lane < 4; lane++)
            for (int element = 0; element < elements; element++)
            {
                int row = ((run * elements + element) * 4 + lane) * 8 * sizeof(float);
                LoadGroups(row, even);
                LoadGroups(row + 4 * sizeof(float), odd);
                for (int i = 0; i < 4; i++)
                {
                    (int half, int vector) = (i & 1, i >> 1);
                    il.Load(held[half, element, vector]);
                    Spread(lane);
                    il.Store(spread);
                    Accumulate(spread, even, sums[half, 0, vector]);
                    Accumulate(spread, odd, sums[half, 1, vector]);
                }
            }
        foreach (LocalBuilder? local in held)
            if (local is not null) il.Release(local);
        foreach (LocalBuilder local in new[] { even, odd, spread }) il.Release(local);
    }

    private IEnumerable<(int Half, int Column, int Vector, LocalBuilder Sum)> Sums()
    {
        for (int half = 0; half < 2; half++)
            for (int column = 0; column < 2; column++)
                for (int vector = 0; vector < 2; vector++) yield return (half, column, vector, sums[half, column, vector]);
    }

    private int PlaceOfSum(int half, int column, int first, int vector) => (2 * half + column) * RegisterHome.Bytes + (first + vector * kit.Lanes) * sizeof(float);

    private LocalBuilder NewVector() => il.NewLocal(kit.Vector(ValueKind.F32));

    private void LoadVector(int argument, int bytes)
    {
        il.Argument(argument);
        il.Displace(bytes);
        il.LoadObject(kit.Vector(ValueKind.F32));
    }

    /// <summary>Four floats of B for every group of four lanes.</summary>
    private void LoadGroups(int bytes, LocalBuilder target)
    {
        il.Argument(3);
        il.Displace(bytes);
        if (kit.LoadGroups is { } load) il.Call(load);
        else
        {
            il.LoadObject(typeof(Vector128<float>));
            if (kit.RepeatGroups is { } repeat) il.Call(repeat);
        }
        il.Store(target);
    }

    /// <summary>Copies one lane of each group to all of it.</summary>
    private void Spread(int lane)
    {
        if (kit.PermuteGroups is { } permute)
        {
            il.Int(lane * 0b01010101);
            il.Call(permute);
            return;
        }
        for (int i = 0; i < kit.Lanes; i++) il.Int(i & ~3 | lane);
        il.Call(kit.Sequence(ValueKind.I32));
        il.Call(kit.Typed("Shuffle", ValueKind.F32, kit.Vector(ValueKind.I32)));
    }

    private void Accumulate(LocalBuilder a, LocalBuilder b, LocalBuilder sum)
    {
        il.Load(a);
        il.Load(b);
        il.Load(sum);
        il.Call(kit.FusedMultiplyAdd(ValueKind.F32));
        il.Store(sum);
    }
}
