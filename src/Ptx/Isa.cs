namespace MmKernels.Ptx;

/// <summary>The instruction set: one row per form, shared by printer, parser, verifier and executors.</summary>
public static partial class Isa
{
    private const string Round = "rn|rz|rm|rp";
    private const string Int = "u16|u32|u64|s16|s32|s64";
    private const string Word = "u32|u64|s32|s64";
    private const string Bits = "b16|b32|b64";
    private const string Any = "b8|b16|b32|b64|u8|u16|u32|u64|s8|s16|s32|s64|f16|bf16|f32|f64|f16x2|bf16x2|b128";
    private const string Scalar = "b16|b32|b64|u16|u32|u64|s16|s32|s64|f32|f64";
    private const string Number = "u8|u16|u32|u64|s8|s16|s32|s64|f16|bf16|f32|f64";
    private const string Space = "global|shared|shared::cta|shared::cluster|local|param|param::entry|param::func|const?";
    private const string GlobalOrShared = "global|shared|shared::cta|shared::cluster?";
    private const string Shared = "shared|shared::cta|shared::cluster?";
    private const string Order = "weak|volatile|relaxed|acquire|release|acq_rel|mmio?";
    private const string Scope = "cta|cluster|gpu|sys?";
    private const string Level = "L1::evict_normal|L1::evict_unchanged|L1::evict_first|L1::evict_last|L1::no_allocate? L2::evict_normal|L2::evict_first|L2::evict_last? L2::cache_hint? L2::64B|L2::128B|L2::256B?";
    private const string Video = "u32|s32 u32|s32 u32|s32 sat? add?";
    private const string Compare = "eq|ne|lt|le|gt|ge|lo|ls|hi|hs|equ|neu|ltu|leu|gtu|geu|num|nan";
    private const string FloatCompare = "eq|ne|lt|le|gt|ge|equ|neu|ltu|leu|gtu|geu|num|nan";

    /// <summary>Every row.</summary>
    public static IReadOnlyList<IsaRow> Rows => rows;

    /// <summary>The forms of a mnemonic, in the order in which they are tried; empty for an unknown one.</summary>
    public static ReadOnlySpan<IsaRow> Forms(string mnemonic) => byMnemonic.TryGetValue(mnemonic, out IsaRow[]? forms) ? forms : [];

    private static Dictionary<string, IsaRow[]> Index()
    {
        var index = new Dictionary<string, List<IsaRow>>();
        foreach (IsaRow row in rows)
        {
            if (!index.TryGetValue(row.Mnemonic, out List<IsaRow>? forms)) index.Add(row.Mnemonic, forms = []);
            forms.Add(row);
        }
        return index.ToDictionary(e => e.Key, e => e.Value.ToArray());
    }
}
