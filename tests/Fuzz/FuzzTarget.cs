namespace MmKernels.Fuzz;

/// <summary>
/// One parser under fuzzing. To add a parser, derive from this in a file of its own in Targets/; it is found by reflection.
/// </summary>
public abstract class FuzzTarget
{
    /// <summary>Short and lower case: the name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Inputs to start from, good and bad, usually the goldens; at least one.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>
    /// Parses an input and touches what its users would touch. Returning means accepted, <see cref="MmkException"/> means refused; any other exception is a bug.
    /// </summary>
    public abstract void Run(byte[] input);

    /// <summary>Words of the format that mutations insert: keys, magic numbers, brackets.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>True for JSON and its like: three of four mutations then change whole values, so that more inputs stay well-formed and reach deep.</summary>
    public virtual bool IsText => false;

    /// <summary>Makes an input pass checks that hide the rest of the parser, for example by correcting checksums; every second input goes through it.</summary>
    public virtual byte[] Repair(byte[] input) => input;

    /// <summary>Longer inputs are cut to this.</summary>
    public virtual int MaxInputBytes => 1 << 16;

    /// <summary>Processor time for one input; an input counts as slow only if it is slow three times, because the first time compiles code.</summary>
    public virtual int MaxMilliseconds => 1000;

    /// <summary>Bytes that parsing an input of that size may allocate in all.</summary>
    public virtual long MaxAllocatedBytes(int inputBytes) => (16L << 20) + (256L * inputBytes);

    /// <summary>All targets, by name.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. typeof(FuzzTarget).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsNested: false } && type.IsSubclassOf(typeof(FuzzTarget)))
            .Select(type => (FuzzTarget)Activator.CreateInstance(type)!).OrderBy(target => target.Name, StringComparer.Ordinal),
    ];
}
