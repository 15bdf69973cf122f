namespace MmKernels.Dialect;

/// <summary>A stretch of device memory: an address and a number of elements.</summary>
public readonly struct ArrayView<T> where T : unmanaged
{
    /// <summary>The element at an index; not checked on the GPU, checked by the sanitizer.</summary>
    public ref T this[int index] { [Intrinsic] get => throw KernelOnly.Error(); }

    /// <summary>The element at a 64-bit index.</summary>
    public ref T this[long index] { [Intrinsic] get => throw KernelOnly.Error(); }

    /// <summary>Number of elements.</summary>
    public long Length { [Intrinsic] get => KernelOnly.Value<long>(); }

    /// <summary>Number of elements, which must be below 2^31.</summary>
    public int IntLength { [Intrinsic] get => KernelOnly.Value<int>(); }

    /// <summary>The rest of the view from an index on.</summary>
    [Intrinsic] public ArrayView<T> SubView(int index) => throw KernelOnly.Error();

    /// <summary>The rest of the view from a 64-bit index on.</summary>
    [Intrinsic] public ArrayView<T> SubView(long index) => throw KernelOnly.Error();

    /// <summary>A part of the view.</summary>
    [Intrinsic] public ArrayView<T> SubView(int index, int length) => throw KernelOnly.Error();

    /// <summary>The same bytes as elements of another type; the address must be aligned for it.</summary>
    [Intrinsic] public ArrayView<TOther> Cast<TOther>() where TOther : unmanaged => throw KernelOnly.Error();
}

/// <summary>A view that a kernel reads and no thread of the same launch writes; loads may go through the read-only cache.</summary>
public readonly struct In<T> where T : unmanaged
{
    public readonly ArrayView<T> View;

    public T this[int index] { [Intrinsic] get => throw KernelOnly.Error(); }

    public T this[long index] { [Intrinsic] get => throw KernelOnly.Error(); }

    /// <summary>The rest of the view from an index on.</summary>
    [Intrinsic] public In<T> SubView(int index) => throw KernelOnly.Error();

    /// <summary>The rest of the view from a 64-bit index on.</summary>
    [Intrinsic] public In<T> SubView(long index) => throw KernelOnly.Error();

    /// <summary>The same bytes as elements of another type, for example <see cref="Vec4{T}"/>; the address must be aligned for it.</summary>
    [Intrinsic] public In<TOther> Cast<TOther>() where TOther : unmanaged => throw KernelOnly.Error();
}

/// <summary>A view that a kernel writes and never reads.</summary>
public readonly struct Out<T> where T : unmanaged
{
    public readonly ArrayView<T> View;

    public T this[int index] { [Intrinsic] set => throw KernelOnly.Error(); }

    public T this[long index] { [Intrinsic] set => throw KernelOnly.Error(); }

    /// <summary>The rest of the view from an index on.</summary>
    [Intrinsic] public Out<T> SubView(int index) => throw KernelOnly.Error();

    /// <summary>The rest of the view from a 64-bit index on.</summary>
    [Intrinsic] public Out<T> SubView(long index) => throw KernelOnly.Error();

    /// <summary>The same bytes as elements of another type; the address must be aligned for it.</summary>
    [Intrinsic] public Out<TOther> Cast<TOther>() where TOther : unmanaged => throw KernelOnly.Error();
}

/// <summary>A view that a kernel reads and writes.</summary>
public readonly struct InOut<T> where T : unmanaged
{
    public readonly ArrayView<T> View;

    public ref T this[int index] { [Intrinsic] get => throw KernelOnly.Error(); }

    public ref T this[long index] { [Intrinsic] get => throw KernelOnly.Error(); }

    /// <summary>The rest of the view from an index on.</summary>
    [Intrinsic] public InOut<T> SubView(int index) => throw KernelOnly.Error();

    /// <summary>The rest of the view from a 64-bit index on.</summary>
    [Intrinsic] public InOut<T> SubView(long index) => throw KernelOnly.Error();

    /// <summary>The same bytes as elements of another type; the address must be aligned for it.</summary>
    [Intrinsic] public InOut<TOther> Cast<TOther>() where TOther : unmanaged => throw KernelOnly.Error();
}

/// <summary>Two neighbouring elements, loaded and stored by one instruction.</summary>
public struct Vec2<T> where T : unmanaged
{
    public T X, Y;
}

/// <summary>Four neighbouring elements, loaded and stored by one instruction.</summary>
public struct Vec4<T> where T : unmanaged
{
    public T X, Y, Z, W;
}

/// <summary>Eight neighbouring elements: one instruction for 16-bit elements, two for 32-bit ones.</summary>
public struct Vec8<T> where T : unmanaged
{
    public T E0, E1, E2, E3, E4, E5, E6, E7;
}
