using System.Collections.Concurrent;

namespace MmKernels.Ptx;

/// <summary>
/// Opcode and modifiers of an instruction, such as <c>ld.global.nc.v4.f32</c>, matched against its row of the <see cref="Isa"/>.
/// Immutable, and one object per spelling.
/// </summary>
public sealed class PtxOperation
{
    private const int KnownAtMost = 8192;
    private static readonly ConcurrentDictionary<string, PtxOperation> known = new();
    private static readonly ConcurrentDictionary<string, PtxOperation>.AlternateLookup<ReadOnlySpan<char>> knownSpan = known.GetAlternateLookup<ReadOnlySpan<char>>();

    private PtxOperation(string text, IsaRow row, string[] modifiers)
    {
        Text = text;
        Row = row;
        Modifiers = modifiers;
        var types = new List<PtxType>();
        foreach (string modifier in modifiers) Resolve(modifier, types);
        Types = [.. types];
    }

    /// <summary>The spelling, for example <c>fma.rn.ftz.f32</c>.</summary>
    public string Text { get; }

    public IsaRow Row { get; }

    public PtxOpcode Opcode => Row.Opcode;

    /// <summary>What follows the mnemonic, in the order of the text, without dots.</summary>
    public IReadOnlyList<string> Modifiers { get; }

    /// <summary>All types in the order of the text: cvt has destination and source, mma D, A, B and C.</summary>
    public PtxType[] Types { get; }

    /// <summary>The first type; for mul.wide that of the factors, for cvt and set that of the destination.</summary>
    public PtxType Type => Types.Length > 0 ? Types[0] : PtxType.None;

    /// <summary>The second type where there is one (cvt, set, slct: the source's), else <see cref="Type"/>.</summary>
    public PtxType SourceType => Types.Length > 1 ? Types[1] : Type;

    /// <summary>The space of the address; for copies that of the destination.</summary>
    public PtxSpace Space { get; private set; }

    /// <summary>For copies between spaces: the source's.</summary>
    public PtxSpace SourceSpace { get; private set; }

    public PtxRounding Rounding { get; private set; }

    public PtxCompare Compare { get; private set; }

    public PtxReduction Reduction { get; private set; }

    public PtxProduct Product { get; private set; }

    public PtxMode Mode { get; private set; }

    /// <summary>Subnormal inputs and results become zeros of their sign.</summary>
    public bool Ftz { get; private set; }

    /// <summary>Clamped: to [0, 1] for floats, to the type's range for integers.</summary>
    public bool Sat { get; private set; }

    public bool Approx { get; private set; }

    /// <summary>div.full: approximate with the full range.</summary>
    public bool Full { get; private set; }

    /// <summary>min.NaN and max.NaN give NaN when an operand is one.</summary>
    public bool NaN { get; private set; }

    /// <summary>Negative results become zero, NaN the canonical NaN.</summary>
    public bool Relu { get; private set; }

    /// <summary>Writes the carry flag.</summary>
    public bool CarryOut { get; private set; }

    /// <summary>bra, call, ret: all active threads of the warp agree.</summary>
    public bool Uniform { get; private set; }

    /// <summary>cvta.to: from generic to the space.</summary>
    public bool To { get; private set; }

    /// <summary>Elements of a vector access: 1, 2, 4 or 8.</summary>
    public int Vector { get; private set; } = 1;

    /// <summary>Matrices moved by ldmatrix and stmatrix: 1, 2 or 4.</summary>
    public int Matrices { get; private set; }

    /// <summary>ldmatrix, stmatrix: transposed.</summary>
    public bool Transposed { get; private set; }

    /// <summary>Shape of a matrix instruction.</summary>
    public PtxShape Shape { get; private set; }

    /// <summary>Whether the modifier is there, without its dot.</summary>
    public bool Has(string modifier)
    {
        foreach (string m in Modifiers)
            if (m == modifier) return true;
        return false;
    }

    public override string ToString() => Text;

    /// <summary>The operation of that spelling, such as <c>add.s32</c>.</summary>
    /// <exception cref="MmkException">MMK103: unknown opcode, unknown modifier, or a combination that no form allows.</exception>
    public static PtxOperation Parse(ReadOnlySpan<char> text) => Parse(text, 0);

    internal static PtxOperation Parse(ReadOnlySpan<char> text, int line)
    {
        if (knownSpan.TryGetValue(text, out PtxOperation? operation)) return operation;
        string spelling = text.ToString();
        operation = Match(spelling, line);
        if (known.Count < KnownAtMost) return known.GetOrAdd(spelling, operation);
        return operation;
    }

    private static PtxOperation Match(string text, int line)
    {
        // The longest mnemonic wins: cp.async.bulk before cp.async.
        for (int end = text.Length; end > 0; end = text.LastIndexOf('.', end - 1))
        {
            ReadOnlySpan<IsaRow> forms = Isa.Forms(text[..end]);
            if (forms.Length == 0) continue;
            string[] modifiers = end == text.Length ? [] : text[(end + 1)..].Split('.');
            string? missing = null;
            foreach (IsaRow row in forms)
            {
                if (OperationMatch.TryMatch(row, modifiers, out string? lacks)) return new PtxOperation(text, row, modifiers);
                missing ??= lacks;
            }
            throw PtxErrors.Opcode(line, OperationMatch.Explain(text, forms, modifiers, missing));
        }
        int dot = text.IndexOf('.');
        throw PtxErrors.Opcode(line, $"unknown opcode `{(dot < 0 ? text : text[..dot])}`");
    }

    private void Resolve(string modifier, List<PtxType> types)
    {
        PtxType type = PtxTypes.Parse(modifier);
        if (type != PtxType.None) types.Add(type);
        else if (OperationWords.Space(modifier) is { } space)
        {
            if (Space == PtxSpace.Generic) Space = space;
            else SourceSpace = space;
        }
        else if (OperationWords.Rounding(modifier) is { } rounding) Rounding = rounding;
        else if (Opcode is PtxOpcode.Set or PtxOpcode.Setp or PtxOpcode.VideoSet && OperationWords.Compare(modifier) is { } compare) Compare = compare;
        else if (OperationWords.Reduction(modifier) is { } reduction) Reduction = reduction;
        else if (Opcode is not (PtxOpcode.Set or PtxOpcode.Setp) && OperationWords.Product(modifier) is { } product) Product = product;
        else if (OperationWords.Mode(modifier) is { } mode) Mode = mode;
        else if (OperationWords.Shape(modifier) is { } shape) Shape = shape;
        else ResolveFlag(modifier);
    }

    private void ResolveFlag(string modifier)
    {
        switch (modifier)
        {
            case "ftz": Ftz = true; break;
            case "sat" or "satfinite": Sat = true; break;
            case "approx": Approx = true; break;
            case "full": Full = true; break;
            case "NaN": NaN = true; break;
            case "relu": Relu = true; break;
            case "cc": CarryOut = true; break;
            case "to": To = true; break;
            case "uni" when Opcode is PtxOpcode.Vote or PtxOpcode.VoteSync: Mode = PtxMode.Uni; break;
            case "uni": Uniform = true; break;
            case "trans": Transposed = true; break;
            case "v2" or "v4" or "v8": Vector = modifier[1] - '0'; break;
            case "x1" or "x2" or "x4": Matrices = modifier[1] - '0'; break;
        }
    }
}
