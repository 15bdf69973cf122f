using System.Diagnostics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>One launch: sizes, parameters, and the messages about what went wrong.</summary>
internal sealed unsafe class Launch(Program program, Dim3 grid, Dim3 block, int dynamicSharedBytes, byte* parameters, Sanitizer? sanitizer, long instructionLimit)
{
    /// <summary>Blocks that run at the same time at most.</summary>
    private const int ResidentAtMost = 1024;
    private const long RoundsPerTurn = 16;

    private long instructions;
    private long ticks;

    public Program Program => program;

    public Code Entry => program.Entry;

    public Dim3 Grid => grid;

    public Dim3 Block => block;

    public int DynamicSharedBytes => dynamicSharedBytes;

    public int SharedBytes { get; } = dynamicSharedBytes == 0 ? program.StaticSharedBytes : program.DynamicSharedOffset + dynamicSharedBytes;

    public int LocalBytes => program.LocalBytes;

    public byte* Parameters => parameters;

    public int ParameterBytes => program.ParameterBytes;

    public Sanitizer? Sanitizer => sanitizer;

    /// <summary>Instructions that warps have run.</summary>
    public long Instructions => instructions;

    /// <summary>Runs all blocks, x fastest; one after the other unless they wait for each other.</summary>
    public void Run()
    {
        var all = new List<Block>();
        var free = new Stack<Block>();
        var waiting = new Queue<Block>();
        long next = 0, blocks = grid.Count;
        try
        {
            while (next < blocks || waiting.Count > 0)
            {
                // A block that spins for long may wait for one that has not started: the others get their turns.
                bool start = next < blocks && waiting.Count < ResidentAtMost;
                Block block;
                if (!start) block = waiting.Dequeue();
                else if (!free.TryPop(out block!)) all.Add(block = new Block(this));
                if (start)
                {
                    block.Start((int)(next % grid.X), (int)(next / grid.X % grid.Y), (int)(next / grid.X / grid.Y));
                    next++;
                }
                if (block.Run(sanitizer is null ? RoundsPerTurn : long.MaxValue)) free.Push(block);
                else waiting.Enqueue(block);
            }
        }
        finally
        {
            foreach (Block block in all) block.Release();
        }
    }

    /// <summary>Time that the launch may take; null for none.</summary>
    public TimeSpan? Limit { get; init; }

    private readonly long began = Stopwatch.GetTimestamp();

    public void Count(long run)
    {
        if (Limit is { } limit && Stopwatch.GetElapsedTime(began) > limit) throw RuntimeErrors.StillRunning(Entry.Function.Name, limit);
        instructions += run;
        if (instructions > instructionLimit) throw RuntimeErrors.Fault(Entry.Function.Name, $"stopped after {instructions} warp instructions, as the limit says");
    }

    public long Tick() => ++ticks;

    public MmkException OutOfBounds(Warp warp, ref Op op, int lane, ulong address, int bytes, PtxSpace space)
    {
        string where = space switch
        {
            PtxSpace.Shared => $"shared memory has {SharedBytes} bytes, the access goes to byte {(uint)address}{Nearest((long)(uint)address)}",
            PtxSpace.Local => $"local memory has {LocalBytes} bytes per thread, the access goes to byte {address}",
            PtxSpace.Param => $"the parameters have {ParameterBytes} bytes, the access goes to byte {address}",
            _ => $"address 0x{address:X} is {Describe(address)}",
        };
        return RuntimeErrors.OutOfBounds(Entry.Function.Name, $"{warp.Place(op.Instruction)}: {bytes} bytes out of bounds, {Thread(warp, lane)}: {where}");
    }

    public MmkException Misaligned(Warp warp, ref Op op, int lane, ulong address, int bytes, PtxSpace space)
        => RuntimeErrors.Misaligned(Entry.Function.Name, $"{warp.Place(op.Instruction)}: {space.ToString().ToLowerInvariant()} address 0x{address:X} is not a multiple of {bytes}, {Thread(warp, lane)}{(space == PtxSpace.Global ? $": {Describe(address)}" : "")}");

    /// <summary>For messages: block and thread of a lane.</summary>
    public string Thread(Warp warp, int lane)
    {
        int thread = warp.Index * Warp.Lanes + lane;
        return $"block ({warp.Block.X}, {warp.Block.Y}, {warp.Block.Z}) thread ({thread % block.X}, {thread / block.X % block.Y}, {thread / block.X / block.Y})";
    }

    /// <summary>For messages: the parameter whose buffer an address is in or near.</summary>
    public string Describe(ulong address) => program.Map is null ? "an unknown address" : program.Map.Describe(address, ParameterAt);

    /// <summary>The name of the pointer parameter that holds an address.</summary>
    public string? ParameterAt(ulong start)
    {
        foreach (KernelParameter parameter in program.Parameters)
        {
            // Structs may hold several pointers, such as a view's.
            for (int at = 0; at + 8 <= parameter.Bytes; at += 8)
                if (*(ulong*)(parameters + parameter.Offset + at) is var value && value >= start && program.Map!.TryFind(value, out ulong found, out _) && found == start)
                    return parameter.Bytes == 8 ? $"`{parameter.Name}`" : $"`{parameter.Name}` (byte {at})";
        }
        return null;
    }

    private string Nearest(long offset) => program.SharedName(offset) is { } name ? $" of `{name}`" : "";
}
