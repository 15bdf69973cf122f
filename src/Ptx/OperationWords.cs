namespace MmKernels.Ptx;

/// <summary>What single modifiers mean.</summary>
internal static class OperationWords
{
    public static PtxSpace? Space(string word) => word switch
    {
        "global" => PtxSpace.Global,
        "shared" or "shared::cta" or "shared::cluster" => PtxSpace.Shared,
        "local" => PtxSpace.Local,
        "param" or "param::entry" or "param::func" => PtxSpace.Param,
        "const" => PtxSpace.Const,
        _ => null,
    };

    public static PtxRounding? Rounding(string word) => word switch
    {
        "rn" => PtxRounding.Rn,
        "rz" => PtxRounding.Rz,
        "rm" => PtxRounding.Rm,
        "rp" => PtxRounding.Rp,
        "rni" => PtxRounding.Rni,
        "rzi" => PtxRounding.Rzi,
        "rmi" => PtxRounding.Rmi,
        "rpi" => PtxRounding.Rpi,
        "rna" => PtxRounding.Rna,
        _ => null,
    };

    public static PtxCompare? Compare(string word) => word switch
    {
        "eq" => PtxCompare.Eq,
        "ne" => PtxCompare.Ne,
        "lt" => PtxCompare.Lt,
        "le" => PtxCompare.Le,
        "gt" => PtxCompare.Gt,
        "ge" => PtxCompare.Ge,
        "lo" => PtxCompare.Lo,
        "ls" => PtxCompare.Ls,
        "hi" => PtxCompare.Hi,
        "hs" => PtxCompare.Hs,
        "equ" => PtxCompare.Equ,
        "neu" => PtxCompare.Neu,
        "ltu" => PtxCompare.Ltu,
        "leu" => PtxCompare.Leu,
        "gtu" => PtxCompare.Gtu,
        "geu" => PtxCompare.Geu,
        "num" => PtxCompare.Num,
        "nan" => PtxCompare.Nan,
        _ => null,
    };

    public static PtxReduction? Reduction(string word) => word switch
    {
        "add" => PtxReduction.Add,
        "min" => PtxReduction.Min,
        "max" => PtxReduction.Max,
        "inc" => PtxReduction.Inc,
        "dec" => PtxReduction.Dec,
        "and" => PtxReduction.And,
        "or" => PtxReduction.Or,
        "xor" => PtxReduction.Xor,
        "exch" => PtxReduction.Exch,
        "cas" => PtxReduction.Cas,
        "popc" => PtxReduction.Popc,
        _ => null,
    };

    public static PtxProduct? Product(string word) => word switch
    {
        "lo" => PtxProduct.Lo,
        "hi" => PtxProduct.Hi,
        "wide" => PtxProduct.Wide,
        _ => null,
    };

    public static PtxMode? Mode(string word) => word switch
    {
        "up" => PtxMode.Up,
        "down" => PtxMode.Down,
        "bfly" => PtxMode.Bfly,
        "idx" => PtxMode.Idx,
        "all" => PtxMode.All,
        "any" => PtxMode.Any,
        "ballot" => PtxMode.Ballot,
        "f4e" => PtxMode.F4e,
        "b4e" => PtxMode.B4e,
        "rc8" => PtxMode.Rc8,
        "ecl" => PtxMode.Ecl,
        "ecr" => PtxMode.Ecr,
        "rc16" => PtxMode.Rc16,
        "finite" => PtxMode.Finite,
        "infinite" => PtxMode.Infinite,
        "number" => PtxMode.Number,
        "notanumber" => PtxMode.NotANumber,
        "normal" => PtxMode.Normal,
        "subnormal" => PtxMode.Subnormal,
        "l" => PtxMode.Left,
        "r" => PtxMode.Right,
        _ => null,
    };

    /// <summary>Reads m16n8k16; ldmatrix's m8n8 has no k.</summary>
    public static PtxShape? Shape(string word)
    {
        int n = word.IndexOf('n'), k = word.IndexOf('k');
        if (word.Length < 4 || word[0] != 'm' || n < 2) return null;
        if (!int.TryParse(word.AsSpan(1, n - 1), out int rows)) return null;
        if (!int.TryParse(word.AsSpan(n + 1, (k < 0 ? word.Length : k) - n - 1), out int columns)) return null;
        int depth = 0;
        if (k >= 0 && !int.TryParse(word.AsSpan(k + 1), out depth)) return null;
        return new PtxShape(rows, columns, depth);
    }
}
