using System.Numerics;

namespace MmKernels.Tests.Programs;

/// <summary>What the kernels of <see cref="Lanes"/> compute, on the host: every thread finishes a step before the next one begins.</summary>
internal sealed class Simulation
{
    private const int WarpSize = 32;

    /// <summary>The atomic operations that steps choose from; their order does not matter.</summary>
    public static readonly string[] Atomics = ["Add", "Min", "Max", "And", "Or", "Xor"];

    private readonly HostFunction[] functions;
    private readonly Array[] globals;
    private readonly Array[][] locals;
    private readonly int[] counters;

    private Simulation(HostFunction[] functions, Array[] globals, int[] counters, int[] values)
    {
        this.functions = functions;
        this.globals = globals;
        this.counters = counters;
        Values = values;
        locals = [.. values.Select(_ => Arrays.All.Select(a => Arrays.Counting(a.Type, Arrays.Length)).ToArray())];
    }

    private int[] Values { get; set; }

    /// <summary>The threads' values in the end; the global arrays and counters are changed.</summary>
    /// <param name="functions">The host methods by index.</param>
    public static int[] Run(Sample sample, HostFunction[] functions, int[] inputs, Array[] globals, int[] counters)
    {
        var simulation = new Simulation(functions, globals, counters, [.. inputs]);
        foreach (Step step in sample.Steps) simulation.Run(step);
        return simulation.Values;
    }

    /// <summary>What shared counters start with.</summary>
    public static int Start(Step step) => Atomics[step.Number % Atomics.Length] == "And" ? -1 : 0;

    private void Run(Step step)
    {
        if (step.Kind == StepKind.Repeat)
        {
            for (int k = 0; k < step.Number; k++)
                foreach (Step inner in step.Inner) Run(inner);
            return;
        }
        int[] before = [.. Values], shared = [.. Enumerable.Repeat(Start(step), Lanes.Counters)];
        int n = step.Number;
        if (step.Kind is StepKind.AtomicShared or StepKind.AtomicGlobal)
            foreach (int value in before) Count(step.Kind == StepKind.AtomicShared ? shared : counters, value, n);
        if (step.Kind == StepKind.AtomicGlobal) return;
        for (int t = 0; t < before.Length; t++)
        {
            int first = t & ~(WarpSize - 1), lane = t & (WarpSize - 1), value = before[t];
            ReadOnlySpan<int> warp = before.AsSpan(first, WarpSize);
            Values[t] = step.Kind switch
            {
                StepKind.Compute => Call(n, t),
                StepKind.Masked => (t & 1) == (n & 1) ? Call(1 + n / 2, t) : value,
                StepKind.Xor => warp[lane ^ n],
                StepKind.Down => lane + n < WarpSize ? warp[lane + n] : value,
                StepKind.Up => lane >= n ? warp[lane - n] : value,
                StepKind.Index => warp[n],
                StepKind.Wide => (int)(warp[lane ^ n] * 0x1_0000_0003L >> 32) ^ (int)(warp[lane ^ n] * 0x1_0000_0003L),
                StepKind.Real => value ^ (lane + n < WarpSize ? warp[lane + n] : value) & 0xFFFF,
                StepKind.Shared => before[t * (2 * n + 1) & (Lanes.Threads - 1)],
                StepKind.AtomicShared => shared[t * n & (Lanes.Counters - 1)],
                StepKind.Ballot => value + (int)Ballot(warp, n),
                StepKind.All => value + (Ballot(warp, n) == uint.MaxValue ? 1 : 0),
                StepKind.Any => value + (Ballot(warp, n) != 0 ? 1 : 0),
                StepKind.Count => value + before.Count(v => v > n),
                StepKind.Every => value + (before.All(v => v > n) ? 1 : 0),
                _ => value + (before.Any(v => v > n) ? 1 : 0),
            };
        }
    }

    private int Call(int function, int thread)
    {
        Array[] parts = [.. locals[thread]];
        for (int g = 0; g < globals.Length; g++)
        {
            Array part = parts[Arrays.Globals[g]];
            Array.Copy(globals[g], thread * Arrays.Length, part, 0, Arrays.Length);
        }
        int result = (int)functions[function](Values[thread], Values[thread], parts);
        for (int g = 0; g < globals.Length; g++) Array.Copy(parts[Arrays.Globals[g]], 0, globals[g], thread * Arrays.Length, Arrays.Length);
        return result;
    }

    private static void Count(int[] into, int value, int number)
    {
        ref int target = ref into[value & (Lanes.Counters - 1)];
        target = Atomics[number % Atomics.Length] switch
        {
            "Add" => target + value,
            "Min" => Math.Min(target, value),
            "Max" => Math.Max(target, value),
            "And" => target & value,
            "Or" => target | value,
            _ => target ^ value,
        };
    }

    private static uint Ballot(ReadOnlySpan<int> warp, int limit)
    {
        uint bits = 0;
        for (int lane = 0; lane < WarpSize; lane++)
            if (warp[lane] > limit) bits |= BitOperations.RotateLeft(1u, lane);
        return bits;
    }
}
