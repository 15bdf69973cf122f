using MmKernels.Dialect;

namespace MmKernels.Tests.Kernels;

internal interface IShape
{
    float Area(float x);
}

internal sealed class Box : IShape
{
    public float Area(float x) => x * x;
}

/// <summary>Kernels that cannot be compiled; the line with the fault says the number.</summary>
internal static class Bad
{
    private static readonly float[] table = [1f];

    internal static float Counter = 1f;

    private static void CallsThroughTable(Out<float> y, IntPtr p)
    {
        IShape? shape = Box(p);
        y[0] = shape.Area(2f);
    }

    private static IShape Box(IntPtr p) => new Box(); // error: MMK206

    private static void CallsFramework(In<float> x, Out<float> y)
    {
        y[0] = MathF.Sinh(x[0]); // error: MMK205
    }

    private static void AllocatesArray(Out<int> y)
    {
        var a = new int[4]; // error: MMK206
        y[0] = a.Length;
    }

    private static void Boxes(In<int> x, Out<int> y)
    {
        y[0] = Hash(x[0]); // error: MMK207
    }

    private static int Hash(object o) => o.GetHashCode();

    private static void UsesDelegate(In<int> x, Out<int> y)
    {
        y[0] = Apply(v => v + 1, x[0]);
    }

    private static int Apply(Func<int, int> f, int x) => f(x);

    private static void UsesString(Out<int> y)
    {
        y[0] = "four".Length; // error: MMK209
    }

    private static void Throws(In<int> x, Out<int> y)
    {
        if (x[0] < 0) throw new ArgumentException("negative"); // error: MMK210
        y[0] = 1;
    }

    private static void Recursive(In<int> x, Out<int> y) => y[0] = Factorial(x[0]);

    private static int Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1); // error: MMK211

    private static void UnrollsUnknown(Out<int> y, int n)
    {
        for (int i = Unroll.From(n); i < 4; i++) y[i] = i; // error: MMK212
    }

    private static void AllocatesUnknown(Out<float> y, int n)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(n); // error: MMK212
        y[0] = shared[0];
    }

    private static void ReadsStatic(Out<float> y)
    {
        y[0] = Counter + table.Length; // error: MMK213
    }

    private static void UnrollsForEver(Out<int> y, int n)
    {
        for (int i = Unroll.From(0); i < n; i++) // error: MMK214
            y[i] = i;
    }

    private static void OutOfRange(Out<float> y)
    {
        ArrayView<float> a = LocalMemory.Allocate<float>(4);
        for (int i = Unroll.From(0); i <= 4; i++)
            a[i] = 1f; // error: MMK216
        y[0] = a[0];
    }

    private static void Checked(In<int> x, Out<int> y)
    {
        y[0] = checked(x[0] + 1); // error: MMK219
    }

    private static unsafe void StackAllocates(Out<int> y)
    {
        int* p = stackalloc int[4]; // error: MMK203
        y[0] = *p;
    }

    private static void ComputesInDecimal(In<int> x, Out<int> y)
    {
        decimal third = x[0] / 3m; // error: MMK222
        y[0] = (int)third;
    }

    private static void ComputesIn128Bits(In<long> x, Out<long> y)
    {
        Int128 square = (Int128)x[0] * x[0]; // error: MMK222
        y[0] = (long)(square >> 64);
    }

    private static void Catches(In<int> x, Out<int> y)
    {
        y[0] = Guarded(x[0]);
    }

    private static int Guarded(int x)
    {
        try
        {
            return 10 / x; // error: MMK210
        }
        catch (DivideByZeroException)
        {
            return 0;
        }
    }

    private static void UsesLinq(In<int> x, Out<int> y)
    {
        y[0] = Enumerable.Range(0, 4).Sum(); // error: MMK205
    }

    private static void PrintsANumber(In<int> x, Out<int> y)
    {
        Console.WriteLine(x[0]); // error: MMK205
        y[0] = 1;
    }

    private static void FormatsText(In<int> x, Out<int> y)
    {
        y[0] = $"{x[0]}".Length; // error: MMK215
    }

    private static void ConcatenatesText(In<int> x, Out<int> y)
    {
        string text = "a" + x[0]; // error: MMK209
        y[0] = text.Length;
    }

    private static void WritesStatic(In<float> x, Out<float> y)
    {
        Counter += 1f; // error: MMK213
        y[0] = x[0];
    }

    private static void ReadsAStaticArray(In<int> x, Out<float> y)
    {
        y[0] = table[x[0]]; // error: MMK213
    }

    private static void MutuallyRecursive(In<int> x, Out<int> y) => y[0] = IsEven(x[0]) ? 1 : 0;

    private static bool IsEven(int n) => n == 0 || IsOdd(n - 1);

    private static bool IsOdd(int n) => n != 0 && IsEven(n - 1); // error: MMK211

    private static unsafe void ReadsThroughAPointer(Out<int> y)
    {
        int local = 3;
        int* p = &local; // error: MMK203
        y[0] = *p;
    }

    private static unsafe void CallsAFunctionPointer(In<int> x, Out<int> y)
    {
        delegate*<int, int> f = &Next; // error: MMK208
        y[0] = f(x[0]);
    }

    private static int Next(int x) => x + 1;

    private static void CallsAVirtualMethodOfAStruct(In<int> x, Out<int> y)
    {
        y[0] = x[0].GetHashCode(); // error: MMK205
    }

    private static void BoxesAnEnum(In<int> x, Out<int> y)
    {
        y[0] = ((Wide)x[0]).HasFlag(Wide.Low) ? 1 : 0; // error: MMK207
    }

    private static void LocksAnObject(Out<int> y)
    {
        lock (typeof(Bad)) // error: MMK210
            y[0] = 1;
    }

    private static void TestsAType(In<int> x, Out<int> y)
    {
        object? o = null; // error: MMK215
        y[0] = o is string ? 1 : 0;
    }

    private static void ConvertsChecked(In<long> x, Out<int> y)
    {
        y[0] = checked((int)x[0]); // error: MMK219
    }

    private static void TakesARemainderOfFloats(In<float> x, Out<float> y)
    {
        y[0] = x[0] % 3f; // error: MMK221
    }

    private static void UsesInterlocked(InOut<int> y)
    {
        System.Threading.Interlocked.Add(ref y[0], 1); // error: MMK205
    }

    private static void AllocatesStackOfUnknownSize(Out<int> y, int n)
    {
        Span<int> a = stackalloc int[n]; // error: MMK212
        y[0] = a[0];
    }

    private static void SlicesOutOfRange(Out<int> y)
    {
        Span<int> a = stackalloc int[4];
        Span<int> b = a.Slice(2, 3); // error: MMK216
        y[0] = b[0];
    }

    private static void ViewsTuplesInMemory(In<(byte, int)> x, Out<int> y) => y[0] = x[0].Item2; // error: MMK223

    private static void ViewsInMemory(In<Holder> x, Out<int> y)
    {
        y[0] = x[0].View[0]; // error: MMK215
    }

    internal struct Holder(ArrayView<int> view)
    {
        public ArrayView<int> View = view;
    }

    private static void CallsADefaultOfAnInterface(Out<int> y)
    {
        y[0] = Doubled(new Unit());
    }

    private interface IHasDefault
    {
        int Value() => 3;
    }

    internal struct Unit : IHasDefault;

    private static int Doubled<TUnit>(TUnit unit) where TUnit : struct, IHasDefault
    {
        return 2 * unit.Value(); // error: MMK204
    }

    private static void DividesByConstantZero(In<int> x, Out<int> y)
    {
        int zero = 0;
        y[0] = x[0] / zero; // error: MMK221
    }

    private static void InitialiserThrows(Out<int> y)
    {
        y[0] = Broken.Value; // error: MMK221
    }

    private static class Broken
    {
        internal static readonly int Value = int.Parse("four");
    }

    private static void WaitsInABranchOfThreads(InOut<int> y)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(64);
        shared[Group.IdxX] = y[Group.IdxX];
        if (Group.IdxX < 10)
        {
            Group.Barrier(); // error: MMK224
            y[Group.IdxX] = shared[Group.IdxX + 1];
        }
        y[Group.IdxX + 64] = 1;
    }

    private static void ShufflesInABranchOfLanes(InOut<int> y)
    {
        int v = y[Group.IdxX];
        if ((Warp.LaneIdx & 1) == 0) v = Warp.ShuffleXor(v, 2); // error: MMK224
        y[Group.IdxX] = v;
    }

    private static void WaitsInALoopOfSomeThreads(InOut<int> y, int n)
    {
        for (int i = 0; i < n; i++)
        {
            if (Group.IdxX == 0) Group.Barrier(); // error: MMK224
            y[i] += i;
        }
    }

    private static void WaitsBehindAViewChosenByThread(InOut<int> y)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(64), view = shared;
        shared[Group.IdxX] = 1;
        if (Group.IdxX > 5) view = y.View;
        Group.Barrier(); // error: MMK224
        y[Group.IdxX] = view[3];
    }

    private static async void Awaits(Out<int> y)
    {
        await System.Threading.Tasks.Task.Delay(1);
    }

    private static int Returns(In<int> x) => x[0];

    private static void TakesViewsInAStruct(Holder holder, Out<int> y) => y[0] = holder.View[0];

    private static void TakesClass(Box box, Out<int> y) => y[0] = 1;

    private static void WritesBadPtx(Out<uint> y)
    {
        CudaAsm.Emit("lop9.b32 %0, 1, 2, 3;", out uint v);
        y[0] = v;
    }
}
