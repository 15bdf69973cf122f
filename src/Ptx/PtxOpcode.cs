namespace MmKernels.Ptx;

/// <summary>
/// What an instruction does, before its modifiers. Spellings that mean the same share an opcode: <c>bar.sync</c> and
/// <c>barrier.sync</c> are both <see cref="BarSync"/>; <see cref="PtxOperation.Text"/> keeps the spelling.
/// </summary>
public enum PtxOpcode : ushort
{
    // Integer arithmetic and bits
    Abs, Add, Addc, And, Bfe, Bfi, Bfind, Bmsk, Brev, Clz, Cnot, Div, Dp2a, Dp4a, Fns, Lop3, Mad, Mad24, Madc, Max, Min, Mul, Mul24,
    Neg, Not, Or, Popc, Prmt, Rem, Sad, Shf, Shl, Shr, Sub, Subc, Szext, Xor,
    // Four bytes or two halves at once; the mnemonic says which
    VideoAdd, VideoSub, VideoAverage, VideoAbsdiff, VideoMin, VideoMax, VideoSet,
    // Floating point beyond the shared names above
    Copysign, Cos, Ex2, Fma, Lg2, Rcp, Rsqrt, Sin, Sqrt, Tanh, Testp,
    // Comparison and selection
    Selp, Set, Setp, Slct,
    // Movement
    Cvt, Cvta, CvtPack, Isspacep, Ld, Ldu, Mov, Prefetch, Prefetchu, St, Applypriority, Discard, CreatePolicy, Mapa, Getctarank,
    // Control
    Bra, BrxIdx, Call, Exit, Ret, Trap, Brkpt, Nanosleep, Pmevent, GridDepControl,
    // Threads together
    Activemask, BarArrive, BarRed, BarSync, BarWarpSync, BarrierClusterArrive, BarrierClusterWait, ElectSync, Fence, MatchSync, Membar,
    ReduxSync, Shfl, ShflSync, Vote, VoteSync,
    // Atomics
    Atom, Red,
    // Asynchronous copies and barriers in memory
    CpAsync, CpAsyncCommitGroup, CpAsyncWaitAll, CpAsyncWaitGroup, CpAsyncMbarrierArrive,
    CpAsyncBulk, CpAsyncBulkTensor, CpAsyncBulkPrefetch, CpAsyncBulkPrefetchTensor, CpReduceAsyncBulk, CpReduceAsyncBulkTensor, CpAsyncBulkCommitGroup, CpAsyncBulkWaitGroup,
    MbarrierArrive, MbarrierArriveDrop, MbarrierArriveExpectTx, MbarrierCompleteTx, MbarrierExpectTx, MbarrierInit, MbarrierInval,
    MbarrierPendingCount, MbarrierTestWait, MbarrierTryWait, TensormapReplace,
    // Matrices
    Ldmatrix, Mma, Movmatrix, Stmatrix, WmmaLoad, WmmaMma, WmmaStore,
    WgmmaMmaAsync, WgmmaFence, WgmmaCommitGroup, WgmmaWaitGroup, Setmaxnreg,
    // Textures and surfaces: read, but not run
    Tex, Tld4, Txq, Suld, Sust, Sured, Suq,
}

/// <summary>The variant of shfl, vote, match, prmt, testp and shf, which all name theirs by a modifier.</summary>
public enum PtxMode : byte
{
    None,
    Up, Down, Bfly, Idx,
    All, Any, Uni, Ballot,
    F4e, B4e, Rc8, Ecl, Ecr, Rc16,
    Finite, Infinite, Number, NotANumber, Normal, Subnormal,
    Left, Right,
}

/// <summary>The shape of a matrix instruction, as in m16n8k16.</summary>
public readonly record struct PtxShape(int M, int N, int K);
