namespace MmKernels.Ptx;

/// <summary>
/// One instruction form. <paramref name="Modifiers"/> lists groups separated by blanks; a group is alternatives separated by <c>|</c>
/// and is optional when it ends in <c>?</c>. Each group is used at most once, in any order; types fill their groups from left to right.
/// </summary>
/// <param name="Operands">
/// Operand patterns separated by blanks. <c>=</c> marks a destination; <c>T</c> is the first type, <c>T1</c> the second and so on, <c>W</c> the
/// first type at double width, a type's name that type; <c>p</c> a predicate, <c>!p</c> one that may be negated; <c>V</c> a value or vector as
/// <c>.v2</c>/<c>.v4</c> say; <c>A</c> an address, <c>L</c> a label, <c>#</c> an integer constant; <c>|p?</c> an optional second
/// destination; <c>X</c> the registers of ldmatrix; <c>*</c> anything from here on; <c>?</c> optional; <c>x/p</c> a value or a predicate;
/// <c>M</c>, <c>MA</c>, <c>MB</c>, <c>MC</c> fragments of the shape.
/// </param>
/// <param name="Sm">The first compute capability that has it, as in sm_80 → 80.</param>
/// <param name="Version">The first PTX version that has it, times ten: 78 for 7.8.</param>
public sealed record IsaRow(PtxOpcode Opcode, string Mnemonic, string Modifiers, string Operands, int Sm = 0, int Version = 10)
{
    /// <summary>The alternatives of each modifier group.</summary>
    public string[][] Groups { get; } = Split(Modifiers);

    /// <summary>Whether the group of that index may be absent.</summary>
    public bool[] Optional { get; } = Array.ConvertAll(Modifiers.Split(' ', StringSplitOptions.RemoveEmptyEntries), g => g[^1] == '?');

    private static string[][] Split(string modifiers)
        => Array.ConvertAll(modifiers.Split(' ', StringSplitOptions.RemoveEmptyEntries), g => g.TrimEnd('?').Split('|'));

    /// <summary>The operand patterns, one by one.</summary>
    public OperandPattern[] Patterns { get; } = Array.ConvertAll(Operands.Split(' ', StringSplitOptions.RemoveEmptyEntries), OperandPattern.Parse);
}
