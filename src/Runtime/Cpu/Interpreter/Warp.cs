using System.Numerics;
using System.Runtime.CompilerServices;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>
/// 32 lanes with their registers. Lanes that stand at the same instruction form a group; the group that is furthest behind runs,
/// so that lanes meet again where branches join. A group that runs long lets the others run: spinning lanes cannot starve them.
/// </summary>
internal sealed unsafe partial class Warp
{
    public const int Lanes = 32;
    private const int Patience = 4096;

    /// <summary>Lanes at one instruction.</summary>
    internal struct Group
    {
        public int Pc;
        public uint Mask;
        public Frame Frame;
        public GroupState State;

        /// <summary>The barrier that a blocked group waits at.</summary>
        public int Barrier;

        /// <summary>How often it was preempted: the least preempted group goes first.</summary>
        public int Turns;
    }

    internal enum GroupState : byte { Runnable, AtBarrier, AtSynchronous }

    private readonly List<Group> groups = [];
    private ulong* rows;
    private uint* predicates;
    private int rowsAllocated, predicatesAllocated;

    public Warp(Block block, int index)
    {
        Block = block;
        Index = index;
        Banks = (ulong**)Native.Allocate(4 * sizeof(ulong*));
    }

    public Block Block { get; }

    /// <summary>Number of the warp in its block.</summary>
    public int Index { get; }

    /// <summary>Rows of the running frame's registers, of the module's constants and of this warp's special registers.</summary>
    public ulong** Banks { get; }

    /// <summary>Predicates of the running frame, one bit per lane.</summary>
    public uint* Predicates { get; private set; }

    /// <summary>The running frame.</summary>
    public Frame Frame { get; private set; } = null!;

    /// <summary>Lanes that have ended, or that the block does not have.</summary>
    public uint Exited { get; private set; }

    /// <summary>The instruction at which the first group of a warp that is not done stands.</summary>
    public PtxInstruction Waiting => groups[0].Frame.Code.Ops[groups[0].Pc].Instruction;

    public bool Done => Exited == uint.MaxValue;

    /// <summary>Undefined bits of the registers, for the sanitizer.</summary>
    public WarpShadow? Shadow { get; set; }

    /// <summary>Set by an instruction after which other warps should run.</summary>
    public bool YieldRequested { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* Row(int row) => Banks[row >> Op.BankShift] + ((row & 0xFFFFFF) << 5);

    /// <summary>The lanes for which a predicate operand holds; all for -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Lanes32(int predicate)
    {
        if (predicate < 0) return uint.MaxValue;
        uint bits = Predicates[predicate >> 1];
        return (predicate & 1) != 0 ? ~bits : bits;
    }

    /// <summary>Writes a predicate in the lanes of a mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetPredicate(int predicate, uint bits, uint mask)
    {
        if (predicate < 0) return;
        uint* p = Predicates + (predicate >> 1);
        *p = (*p & ~mask) | (bits & mask);
    }

    /// <summary>Puts the warp at the start of the entry.</summary>
    public void Start(Code entry, uint lanes)
    {
        groups.Clear();
        Exited = ~lanes;
        if (lanes == 0) return;
        Reserve(entry.Rows, entry.Predicates);
        var frame = new Frame(entry, null, -1, 0, 0, 0);
        groups.Add(new Group { Pc = 0, Mask = lanes, Frame = frame });
        predicates[0] = 0;
        FillSpecials(entry);
        Block.Sanitizer?.FrameEntered(this, frame, uint.MaxValue);
    }

    /// <summary>Runs until every lane has ended or waits, or until it is another warp's turn. Returns whether anything ran.</summary>
    public bool Run(ref long budget)
    {
        bool ran = false;
        while (budget > 0)
        {
            int next = Choose();
            if (next < 0) return ran;
            ran = true;
            YieldRequested = false;
            RunGroup(next, ref budget);
            if (YieldRequested) return true;
        }
        return ran;
    }

    /// <summary>Frees native memory.</summary>
    public void Release()
    {
        Native.Free(rows);
        Native.Free(predicates);
        Native.Free(Banks);
        Native.Free(specials);
    }

    /// <summary>Merges groups that stand together and picks the runnable one that is furthest behind; -1 where none can run.</summary>
    private int Choose()
    {
        Merge();
        int best = -1;
        for (int i = 0; i < groups.Count; i++)
        {
            if (groups[i].State == GroupState.AtBarrier) continue;
            if (groups[i].State == GroupState.AtSynchronous && !ReadySynchronous(i)) continue;
            if (best < 0 || Before(groups[i], groups[best])) best = i;
        }
        if (best >= 0) return best;
        // Lanes named by a member mask will not come: the others go on without them, which is undefined in PTX.
        for (int i = 0; i < groups.Count; i++)
        {
            if (groups[i].State != GroupState.AtSynchronous || !OthersCannotCome(i)) continue;
            Block.Sanitizer?.MissingMembers(this, groups[i].Frame, groups[i].Pc, groups[i].Mask);
            return i;
        }
        return -1;
    }

    private static bool Before(in Group a, in Group b)
    {
        if (a.Turns != b.Turns) return a.Turns < b.Turns;
        if (a.Frame.Depth != b.Frame.Depth) return a.Frame.Depth > b.Frame.Depth;
        return a.Pc < b.Pc;
    }

    private void Merge()
    {
        for (int i = groups.Count - 1; i > 0; i--)
        {
            for (int j = 0; j < i; j++)
            {
                Group a = groups[j], b = groups[i];
                if (a.Pc != b.Pc || a.Frame != b.Frame || a.State == GroupState.AtBarrier || b.State == GroupState.AtBarrier) continue;
                a.Mask |= b.Mask;
                a.Turns = Math.Max(a.Turns, b.Turns);
                groups[j] = a;
                groups.RemoveAt(i);
                break;
            }
        }
        if (groups.Count == 1 && groups[0].Turns != 0)
        {
            Group only = groups[0];
            only.Turns = 0;
            groups[0] = only;
        }
    }

    private void EnterFrame(Frame frame)
    {
        Frame = frame;
        Banks[0] = rows + (long)frame.RowBase * Lanes;
        Banks[1] = Block.Launch.Program.Constants;
        Banks[2] = specials + (long)specialBases[frame.Code] * Lanes;
        Predicates = predicates + frame.PredicateBase;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunGroup(int index, ref long budget)
    {
        Group group = groups[index];
        // Chosen while it waited: the scheduler saw to its members.
        bool first = group.State == GroupState.AtSynchronous;
        group.State = GroupState.Runnable;
        groups.RemoveAt(index);
        EnterFrame(group.Frame);
        // Another group at the same depth that is ahead joins this one when it gets there.
        int stop = int.MaxValue;
        foreach (Group other in groups)
            if (other.Frame == group.Frame && other.Pc > group.Pc && other.State != GroupState.AtBarrier) stop = Math.Min(stop, other.Pc);
        int pc = group.Pc;
        uint active = group.Mask;
        Op[] ops = group.Frame.Code.Ops;
        long end = budget - Patience;
        Sanitizer? sanitizer = Block.Sanitizer;
        while (true)
        {
            if (pc >= stop || (budget < end && groups.Count > 0) || budget <= 0)
            {
                if (budget < end) group.Turns++;
                Park(ref group, pc, active, GroupState.Runnable);
                return;
            }
            ref Op op = ref ops[pc];
            budget--;
            uint mask = active & Lanes32(op.Guard);
            sanitizer?.BeforeOp(this, ref op, active, mask);
            if (op.Kind == OpKind.Plain)
            {
                if (mask != 0) op.Run(this, ref op, mask);
                pc++;
                first = false;
                continue;
            }
            if (op.Kind == OpKind.Branch)
            {
                if (mask == active) pc = op.Target;
                else if (mask == 0) pc++;
                else
                {
                    group.Mask = mask;
                    Park(ref group, op.Target, mask, GroupState.Runnable);
                    Park(ref group, pc + 1, active & ~mask, GroupState.Runnable);
                    return;
                }
                first = false;
                continue;
            }
            if (!Control(ref group, ref op, ref pc, active, mask, first)) return;
            first = false;
        }
    }

    private void Park(ref Group group, int pc, uint mask, GroupState state)
    {
        group.Pc = pc;
        group.Mask = mask;
        group.State = state;
        groups.Add(group);
    }

    private void Reserve(int rowCount, int predicateCount)
    {
        if (rowCount > rowsAllocated)
        {
            int grown = Math.Max(rowCount, rowsAllocated * 2);
            rows = (ulong*)Native.Grow(rows, (long)rowsAllocated * Lanes * 8, (long)grown * Lanes * 8);
            rowsAllocated = grown;
        }
        if (predicateCount > predicatesAllocated)
        {
            int grown = Math.Max(predicateCount, predicatesAllocated * 2);
            predicates = (uint*)Native.Grow(predicates, predicatesAllocated * 4L, grown * 4L);
            predicatesAllocated = grown;
        }
    }
}
