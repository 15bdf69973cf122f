namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Which bits of a warp's registers have no value: ones are undefined.</summary>
internal sealed class WarpShadow
{
    private ulong[] rows = [];
    private uint[] predicates = [];

    /// <summary>The undefined bits of a register's lane; constants and special registers have none.</summary>
    public ulong this[Frame frame, int row, int lane]
    {
        get => row < 0 || row >> Op.BankShift != 0 ? 0 : rows[(frame.RowBase + row) * Warp.Lanes + lane];
        set => rows[(frame.RowBase + row) * Warp.Lanes + lane] = value;
    }

    /// <summary>The lanes in which a predicate has no value.</summary>
    public uint Predicate(Frame frame, int number) => predicates[frame.PredicateBase + number];

    public void SetPredicate(Frame frame, int number, uint undefined, uint mask)
    {
        ref uint p = ref predicates[frame.PredicateBase + number];
        p = p & ~mask | undefined & mask;
    }

    /// <summary>The registers of a new frame have no values; the constant predicate and the carry flag do.</summary>
    public void Enter(Frame frame, uint mask)
    {
        Reserve(ref rows, (frame.RowBase + frame.Code.Rows) * Warp.Lanes);
        Reserve(ref predicates, frame.PredicateBase + frame.Code.Predicates);
        for (int row = 0; row < frame.Code.Rows; row++)
            for (int lane = 0; lane < Warp.Lanes; lane++)
                if ((mask >> lane & 1) != 0) this[frame, row, lane] = ulong.MaxValue;
        for (int number = 0; number < frame.Code.Predicates; number++) SetPredicate(frame, number, number < 2 ? 0 : uint.MaxValue, mask);
    }

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, array.Length * 2));
    }
}
