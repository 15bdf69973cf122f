namespace MmKernels.Dialect;

/// <summary>
/// Inline PTX. In the text <c>%0</c> is the first argument, <c>%1</c> the next, and <c>%%tid.x</c> a special register; several instructions, labels and
/// <c>.reg</c> declarations are allowed. The text must be a literal. Results and operands are numbers of 16, 32 or 64 bits and truth values.
/// <code>CudaAsm.Emit("lop3.b32 %0, %1, %2, %3, 0x96;", out uint parity, a, b, c);</code>
/// </summary>
/// <remarks>The compiler knows nothing about such text but its operands: it is neither moved nor removed.</remarks>
public static class CudaAsm
{
    [Intrinsic] public static void Emit(string text) => throw KernelOnly.Error();

    /// <summary>%0 is the result.</summary>
    [Intrinsic] public static void Emit<T0>(string text, out T0 result) where T0 : unmanaged => throw KernelOnly.Error();

    /// <summary>%0 is the result.</summary>
    [Intrinsic] public static void Emit<T0, T1>(string text, out T0 result, T1 operand1) where T0 : unmanaged where T1 : unmanaged => throw KernelOnly.Error();

    /// <summary>%0 is the result.</summary>
    [Intrinsic] public static void Emit<T0, T1, T2>(string text, out T0 result, T1 operand1, T2 operand2) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged => throw KernelOnly.Error();

    /// <summary>%0 is the result.</summary>
    [Intrinsic] public static void Emit<T0, T1, T2, T3>(string text, out T0 result, T1 operand1, T2 operand2, T3 operand3) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged => throw KernelOnly.Error();

    /// <summary>%0 is the result.</summary>
    [Intrinsic] public static void Emit<T0, T1, T2, T3, T4>(string text, out T0 result, T1 operand1, T2 operand2, T3 operand3, T4 operand4) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged => throw KernelOnly.Error();

    /// <summary>%0 is the result.</summary>
    [Intrinsic] public static void Emit<T0, T1, T2, T3, T4, T5>(string text, out T0 result, T1 operand1, T2 operand2, T3 operand3, T4 operand4, T5 operand5) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged => throw KernelOnly.Error();

    /// <summary>%0 is the result.</summary>
    [Intrinsic] public static void Emit<T0, T1, T2, T3, T4, T5, T6>(string text, out T0 result, T1 operand1, T2 operand2, T3 operand3, T4 operand4, T5 operand5, T6 operand6) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0>(string text, ref T0 operand0) where T0 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0, T1>(string text, ref T0 operand0, ref T1 operand1) where T0 : unmanaged where T1 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0, T1, T2>(string text, ref T0 operand0, ref T1 operand1, ref T2 operand2) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0, T1, T2, T3>(string text, ref T0 operand0, ref T1 operand1, ref T2 operand2, ref T3 operand3) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0, T1, T2, T3, T4>(string text, ref T0 operand0, ref T1 operand1, ref T2 operand2, ref T3 operand3, ref T4 operand4) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0, T1, T2, T3, T4, T5>(string text, ref T0 operand0, ref T1 operand1, ref T2 operand2, ref T3 operand3, ref T4 operand4, ref T5 operand5) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0, T1, T2, T3, T4, T5, T6>(string text, ref T0 operand0, ref T1 operand1, ref T2 operand2, ref T3 operand3, ref T4 operand4, ref T5 operand5, ref T6 operand6) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged => throw KernelOnly.Error();

    /// <summary>Every operand may be read and written.</summary>
    [Intrinsic] public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7>(string text, ref T0 operand0, ref T1 operand1, ref T2 operand2, ref T3 operand3, ref T4 operand4, ref T5 operand5, ref T6 operand6, ref T7 operand7) where T0 : unmanaged where T1 : unmanaged where T2 : unmanaged where T3 : unmanaged where T4 : unmanaged where T5 : unmanaged where T6 : unmanaged where T7 : unmanaged => throw KernelOnly.Error();
}
