namespace MmKernels.Fuzz;

/// <summary>What a run of one target found.</summary>
public sealed class FuzzReport(string target, ulong seed)
{
    public int Inputs { get; internal set; }

    /// <summary>Inputs that parsed.</summary>
    public int Accepted { get; internal set; }

    /// <summary>Inputs answered with an MmkException, by its number.</summary>
    public SortedDictionary<int, int> Refused { get; } = [];

    public double SlowestMilliseconds { get; internal set; }

    public long MostAllocatedBytes { get; internal set; }

    public TimeSpan Elapsed { get; internal set; }

    /// <summary>The first failures, each with the command that repeats it.</summary>
    public List<string> Failures { get; } = [];

    internal void Fail(int index, string reason)
        => Failures.Add($"{target} seed {seed} input {index}: {reason}\n  repeat: dotnet run -c Release --project tests/Fuzz -- --target {target} --seed {seed} --only {index} --save input.bin");

    public override string ToString()
        => $"{target}: {Inputs} inputs in {Elapsed.TotalSeconds:0.0} s, {Accepted} accepted, {Refused.Values.Sum()} refused ({string.Join(", ", Refused.Select(pair => $"MMK{pair.Key:000} {pair.Value}"))}), "
            + $"slowest {SlowestMilliseconds:0.0} ms, most allocated {MostAllocatedBytes / 1024} KiB, {Failures.Count} failures";
}
