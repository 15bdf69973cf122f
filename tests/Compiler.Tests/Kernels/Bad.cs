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

    private static int Returns(In<int> x) => x[0];

    private static void TakesClass(Box box, Out<int> y) => y[0] = 1;

    private static void WritesBadPtx(Out<uint> y)
    {
        CudaAsm.Emit("lop9.b32 %0, 1, 2, 3;", out uint v);
        y[0] = v;
    }
}
