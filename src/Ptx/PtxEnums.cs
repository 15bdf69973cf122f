namespace MmKernels.Ptx;

/// <summary>State space of a variable or an access; <see cref="Generic"/> where the text names none.</summary>
public enum PtxSpace : byte { Generic, Global, Shared, Local, Param, Const }

/// <summary>Rounding modifier. The <c>i</c> forms round to an integer in floating point.</summary>
public enum PtxRounding : byte { None, Rn, Rz, Rm, Rp, Rni, Rzi, Rmi, Rpi, Rna }

/// <summary>Comparison of setp and set. The <c>u</c> forms are true when an operand is NaN; Lo, Ls, Hi and Hs are unsigned.</summary>
public enum PtxCompare : byte { None, Eq, Ne, Lt, Le, Gt, Ge, Lo, Ls, Hi, Hs, Equ, Neu, Ltu, Leu, Gtu, Geu, Num, Nan }

/// <summary>The operation inside atom, red, redux, bar.red and behind the comparison of setp and set.</summary>
public enum PtxReduction : byte { None, Add, Min, Max, Inc, Dec, And, Or, Xor, Exch, Cas, Popc }

/// <summary>Which part of a product: mul, mad.</summary>
public enum PtxProduct : byte { None, Lo, Hi, Wide }

/// <summary>How a symbol is visible outside its module.</summary>
public enum PtxLinkage : byte { None, Visible, Extern, Weak, Common }

/// <summary>How the bits of an immediate were written.</summary>
public enum PtxImmediateKind : byte { Integer, F32, F64 }

/// <summary>Predefined read-only registers.</summary>
public enum PtxSpecialRegister : byte
{
    TidX, TidY, TidZ, NtidX, NtidY, NtidZ, CtaidX, CtaidY, CtaidZ, NctaidX, NctaidY, NctaidZ,
    LaneId, WarpId, NwarpId, WarpSize, LanemaskEq, LanemaskLt, LanemaskLe, LanemaskGt, LanemaskGe,
    Clock, ClockHi, Clock64, SmId, NsmId, GridId, GlobalTimer, GlobalTimerLo, GlobalTimerHi,
    DynamicSmemSize, TotalSmemSize,
    ClusterIdX, ClusterIdY, ClusterIdZ, NclusterIdX, NclusterIdY, NclusterIdZ,
    ClusterCtaidX, ClusterCtaidY, ClusterCtaidZ, ClusterNctaidX, ClusterNctaidY, ClusterNctaidZ, ClusterCtarank, ClusterNctarank,
}

/// <summary>Names of <see cref="PtxSpecialRegister"/>.</summary>
public static class PtxSpecialRegisters
{
    private static readonly string[] names =
    [
        "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z", "%ctaid.x", "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z",
        "%laneid", "%warpid", "%nwarpid", "WARP_SZ", "%lanemask_eq", "%lanemask_lt", "%lanemask_le", "%lanemask_gt", "%lanemask_ge",
        "%clock", "%clock_hi", "%clock64", "%smid", "%nsmid", "%gridid", "%globaltimer", "%globaltimer_lo", "%globaltimer_hi",
        "%dynamic_smem_size", "%total_smem_size",
        "%clusterid.x", "%clusterid.y", "%clusterid.z", "%nclusterid.x", "%nclusterid.y", "%nclusterid.z",
        "%cluster_ctaid.x", "%cluster_ctaid.y", "%cluster_ctaid.z", "%cluster_nctaid.x", "%cluster_nctaid.y", "%cluster_nctaid.z",
        "%cluster_ctarank", "%cluster_nctarank",
    ];

    private static readonly Dictionary<string, PtxSpecialRegister>.AlternateLookup<ReadOnlySpan<char>> byName = Index();

    /// <summary>The name in PTX text, for example <c>%tid.x</c>.</summary>
    public static string Name(this PtxSpecialRegister register) => names[(int)register];

    /// <summary>The special register of that name.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out PtxSpecialRegister register) => byName.TryGetValue(name, out register);

    /// <summary>64 bits for clock64, globaltimer and gridid, 32 for all others.</summary>
    public static PtxType Type(this PtxSpecialRegister register)
        => register is PtxSpecialRegister.Clock64 or PtxSpecialRegister.GlobalTimer or PtxSpecialRegister.GridId ? PtxType.U64 : PtxType.U32;

    private static Dictionary<string, PtxSpecialRegister>.AlternateLookup<ReadOnlySpan<char>> Index()
    {
        var index = new Dictionary<string, PtxSpecialRegister>();
        for (int i = 0; i < names.Length; i++) index.Add(names[i], (PtxSpecialRegister)i);
        return index.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
