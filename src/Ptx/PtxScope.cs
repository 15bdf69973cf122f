namespace MmKernels.Ptx;

/// <summary>Names of one <c>{ }</c> of a body while it is read.</summary>
internal sealed class PtxScope(PtxScope? parent)
{
    private Dictionary<string, object>? names;
    private Dictionary<string, PtxRegisterGroup>? ranges;
    private Dictionary<string, PtxLabel>? labels;
    private List<LabelUse>? uses;

    /// <summary>A place that names a label: filled when the scope that has the label ends.</summary>
    public readonly record struct LabelUse(string Name, int Line, Array Into, int Index);

    public PtxScope? Parent => parent;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    /// <summary>Adds a register declaration or a variable; false when the scope has the name.</summary>
    public bool TryAdd(string name, object registerOrVariable)
        => registerOrVariable is PtxRegisterGroup { Count: >= 0 } range ? (ranges ??= []).TryAdd(name, range) : (names ??= []).TryAdd(name, registerOrVariable);

    public bool TryAddLabel(string name, PtxLabel label) => (labels ??= []).TryAdd(name, label);

    public void Use(LabelUse use) => (uses ??= []).Add(use);

    /// <summary>What the name means here: a register group with the number in it, a variable, or null.</summary>
    public object? Find(ReadOnlySpan<char> name, out int number)
    {
        number = 0;
        for (PtxScope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.names is not null && scope.names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out object? found)) return found;
            if (scope.ranges is not null && scope.FindInRanges(name, out PtxRegisterGroup? group, out number)) return group;
        }
        return null;
    }

    /// <summary>Fills the label uses that this scope can resolve and passes the others outwards; returns the first that nobody can resolve.</summary>
    public LabelUse? Close()
    {
        LabelUse? unresolved = null;
        if (uses is null) return null;
        foreach (LabelUse use in uses)
        {
            if (labels is not null && labels.TryGetValue(use.Name, out PtxLabel? label))
            {
                if (use.Into is PtxLabel[] targets) targets[use.Index] = label;
                else ((PtxOperand[])use.Into)[use.Index] = new LabelOperand(label);
            }
            else if (Parent is not null) Parent.Use(use);
            else if (unresolved is null || use.Line < unresolved.Value.Line) unresolved = use;
        }
        return unresolved;
    }

    private bool FindInRanges(ReadOnlySpan<char> name, out PtxRegisterGroup? group, out int number)
    {
        var lookup = ranges!.GetAlternateLookup<ReadOnlySpan<char>>();
        number = 0;
        group = null;
        int place = 1;
        // The shortest number first, as prefixes rarely end in digits; 7 digits exceed every range.
        for (int split = name.Length - 1; split > 0 && name.Length - split <= 7 && char.IsAsciiDigit(name[split]); split--)
        {
            number += (name[split] - '0') * place;
            place *= 10;
            bool canonical = name[split] != '0' || split == name.Length - 1;
            if (canonical && lookup.TryGetValue(name[..split], out group) && number < group.Count) return true;
        }
        return false;
    }
}
