namespace MmKernels.Ptx;

/// <summary>One element of a function's body.</summary>
public abstract class PtxStatement
{
    /// <summary>Line of the PTX text, from 1; 0 when built in memory.</summary>
    public int Line { get; init; }
}

/// <summary>A place in a body that branches name. <see cref="Index"/> is the statement's index in <see cref="PtxFunction.Body"/>.</summary>
public sealed class PtxLabel : PtxStatement
{
    public PtxLabel(string name) => Name = name;

    public string Name { get; }

    /// <summary>Index of this label in the body; -1 until it is placed.</summary>
    public int Index { get; internal set; } = -1;

    public override string ToString() => Name;
}

/// <summary><c>name: .branchtargets a, b, c;</c>: the targets of a brx.idx.</summary>
public sealed class PtxBranchTargets(PtxLabel name, PtxLabel[] targets) : PtxStatement
{
    public PtxLabel Name => name;

    public PtxLabel[] Targets => targets;
}

/// <summary><c>name: .callprototype (…) _ (…);</c>: the signature of an indirect call.</summary>
public sealed class PtxCallPrototype(PtxLabel name, PtxVariable[] returns, PtxVariable[] parameters) : PtxStatement
{
    public PtxLabel Name => name;

    public PtxVariable[] Returns => returns;

    public PtxVariable[] Parameters => parameters;
}

/// <summary>A <c>.loc</c> that no instruction carries; a later <c>inlined_at</c> may name its place.</summary>
public sealed class PtxLocationMark(PtxLocation location) : PtxStatement
{
    public PtxLocation Location => location;
}

/// <summary><c>.pragma "text";</c></summary>
public sealed class PtxPragma(string text) : PtxStatement
{
    public string Text => text;
}
