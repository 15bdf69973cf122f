namespace MmKernels.Compiler.Build;

/// <summary>What the compiler makes of a method instead of inlining it.</summary>
internal enum Intrinsic : byte
{
    None,

    // Threads.
    GridIdxX, GridIdxY, GridIdxZ, GridDimX, GridDimY, GridDimZ,
    GroupIdxX, GroupIdxY, GroupIdxZ, GroupDimX, GroupDimY, GroupDimZ, GroupBarrier, BarrierPopCount, BarrierAnd, BarrierOr,
    LaneIdx, WarpIdx, WarpBarrier, ShuffleXor, ShuffleDown, ShuffleUp, Shuffle, VoteAll, VoteAny, Ballot,

    // Memory.
    ViewItem, ViewSetItem, ViewLength, ViewIntLength, ViewSubView, ViewCast, ViewBase, SpanItem, SpanIsEmpty, SpanMake, SpanLength,
    SharedAllocate, SharedDynamic, LocalAllocate, InlineArraySpan, InlineArrayElement, InlineArrayFirst,
    AtomicAdd, AtomicMin, AtomicMax, AtomicAnd, AtomicOr, AtomicXor, AtomicExchange, AtomicCompareExchange, FenceGroup, FenceDevice,

    // Matrices and copies of a warp.
    MatrixMultiplyBF16, MatrixMultiplyF16, LoadMatrices4, LoadMatrices4Transposed, LoadMatrices2, LoadMatrices2Transposed, PackBF16, PackF16,
    AsyncCopy16, AsyncCopy16OrZero, AsyncCommit, AsmEmit, AsmEmitRef, AsyncWait,

    // Compile time.
    UnrollFrom, SizeOf, ReferenceAs,

    // Numbers.
    Bitcast32, Bitcast64, Min, Max, MinUnsigned, MaxUnsigned, MinNaN, MaxNaN, Abs, Fma, Sqrt, Rsqrt, Rcp, Exp2, Log2, SinApprox, CosApprox, TanhApprox,
    Floor, Ceiling, Truncate, Round, IsNaN, Clamp, ClampUnsigned, ClampFloat, CopySign, PopCount, LeadingZeros, TrailingZeros, Log2Whole,
    HalfToFloat, FloatToHalf, BrainToFloat, FloatToBrain,
}
