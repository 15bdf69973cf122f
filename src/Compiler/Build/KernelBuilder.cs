using System.Reflection;
using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>
/// Translates a kernel from IL to the IR by executing the IL on <see cref="Abstract"/> values: calls are inlined, structs and views are taken apart,
/// branches whose condition is known are followed, everything else becomes instructions. This file: blocks and the edges between them.
/// </summary>
/// <remarks>
/// A block of the IR stands for (call, IL instruction, known facts). Facts are constants in variables that direct unrolling, constants in variables that are assigned
/// once, and what views and references refer to. Facts of variables that nobody reads any more are dropped, so that paths meet again.
/// </remarks>
internal sealed partial class KernelBuilder
{
    private const int MaxBlocks = 20_000;
    private const int MaxSteps = 3_000_000;
    private const int MaxDepth = 100;

    private readonly Function function;
    private readonly CompileOptions options;
    private readonly HashSet<Origin> inMemory;
    private readonly IrBuilder ir;
    private readonly Queue<BlockInstance> work = new();
    private readonly List<Variable> touched = [];
    private readonly List<Variable> keyVariables = [];
    private readonly List<object> keyFacts = [];
    private readonly Dictionary<Value, (Frame Frame, int Index)> meetings = [];
    private List<Abstract> stack = [];
    private Frame frame = null!;
    private int index;
    private int serial;
    private int variables;

    private KernelBuilder(Function function, CompileOptions options, HashSet<Origin> inMemory)
    {
        this.function = function;
        this.options = options;
        this.inMemory = inMemory;
        ir = new IrBuilder(function);
    }

    /// <summary>IL instructions executed.</summary>
    public int Steps { get; private set; }

    /// <summary>Types of the variables; <see cref="Op.ReadVariable"/> and <see cref="Block.Assigned"/> speak of them by number.</summary>
    public List<IrType> VariableTypes { get; } = [];

    /// <summary>Where values come from, when line information is asked for; entry 0 is nowhere.</summary>
    public List<SourcePlace?> Places { get; } = [null];

    /// <summary>Translates the kernel; its IR still has variables.</summary>
    /// <exception cref="MmkException">The kernel says something that has no meaning on a GPU.</exception>
    public static KernelBuilder Build(MethodInfo kernel, string name, CompileOptions options, out Function function, out IReadOnlyList<CompiledParameter> parameters)
    {
        // A local array that turns out to be indexed at run time moves to memory, and the translation starts again.
        var inMemory = new HashSet<Origin>();
        while (true)
        {
            function = new Function(name);
            var builder = new KernelBuilder(function, options, inMemory);
            int moved = inMemory.Count;
            try
            {
                parameters = builder.Translate(kernel);
                return builder;
            }
            catch (MoveToMemory) when (inMemory.Count > moved)
            {
            }
        }
    }

    private IReadOnlyList<CompiledParameter> Translate(MethodInfo kernel)
    {
        IlMethod il = IlMethod.Of(kernel) ?? throw Diagnostics.NoBody(kernel.Name, kernel.Name);
        frame = new Frame(il, null, 0);
        if (il.HasHandlers) throw Diagnostics.Exceptions(SourceMap.Describe(kernel, 0), "try");
        Begin(function.NewBlock());
        List<CompiledParameter> parameters = DeclareParameters(kernel);
        Link(frame, 0);
        Finish();
        while (work.TryDequeue(out BlockInstance? instance)) Run(instance);
        return parameters;
    }

    private void Begin(Block block)
    {
        ir.Block = block;
        serial++;
        touched.Clear();
        stack = [];
    }

    /// <summary>Writes down what the block assigned.</summary>
    private void Finish()
    {
        foreach (Variable variable in touched)
            if (variable.IsWritten) ir.Block.Assigned[variable.Id] = variable.Value!;
    }

    private void Run(BlockInstance instance)
    {
        Begin(instance.Block);
        frame = instance.Frame;
        index = instance.Index;
        for (int i = 0; i < instance.Variables.Length; i++)
        {
            Variable variable = Touch(instance.Variables[i]);
            if (instance.Facts[i] is Value constant) variable.Value = constant;
            else variable.Fact = instance.Facts[i];
        }
        foreach (Slot slot in frame.StackShape(index) ?? []) stack.Add(Load(slot));
        bool atStart = true;
        while (true)
        {
            IlMethod il = frame.Il;
            if (!atStart && il.IsTarget[index] && !StaysHere(index))
            {
                Link(frame, index);
                break;
            }
            atStart = false;
            if (++Steps > MaxSteps) throw Diagnostics.TooLarge(Here(), $"the kernel executes more than {MaxSteps} instructions while it is compiled");
            if (options.LineInfo) NotePlace();
            if (!Step(il.Instructions[index])) break;
        }
        Finish();
    }

    /// <summary>Whether code that leads to the instruction may simply go on there: no other path can.</summary>
    private bool StaysHere(int target) => !frame.IsDynamic && !frame.Il.IsLoopHeader[target];

    /// <summary>Goes to an instruction of the current call; false where that ends the block.</summary>
    private bool GoTo(int target)
    {
        if (StaysHere(target))
        {
            index = target;
            return true;
        }
        Link(frame, target);
        return false;
    }

    /// <summary>Ends the block with a jump.</summary>
    private void Link(Frame target, int targetIndex)
    {
        Block next = BlockFor(target, targetIndex);
        ir.Block.Next = next;
        next.Predecessors.Add(ir.Block);
    }

    /// <summary>Branches on a condition; false where that ends the block.</summary>
    private bool Branch(Value condition, int whenTrue, int whenFalse)
    {
        if (condition.IsConstant) return GoTo(condition.Imm != 0 ? whenTrue : whenFalse);
        MarkDynamic();
        if (condition.Op == Op.Not) (condition, whenTrue, whenFalse) = (condition.Args[0], whenFalse, whenTrue);
        Block next = BlockFor(frame, whenTrue);
        Block other = BlockFor(frame, whenFalse);
        ir.Block.Next = next;
        next.Predecessors.Add(ir.Block);
        if (next == other) return false;
        ir.Block.Condition = condition;
        ir.Block.Else = other;
        other.Predecessors.Add(ir.Block);
        return false;
    }

    private void MarkDynamic()
    {
        for (Frame? f = frame; f is { IsDynamic: false }; f = f.Parent) f.IsDynamic = true;
    }

    /// <summary>A chain of comparisons; cases that lead to the same instruction are common and end in the same block.</summary>
    private bool SwitchOn(Value selector, int[] targets)
    {
        if (selector.IsConstant) return GoTo((ulong)(uint)selector.Imm < (ulong)targets.Length ? targets[selector.Imm] : index + 1);
        MarkDynamic();
        for (int i = 0; i < targets.Length; i++)
        {
            Block target = BlockFor(frame, targets[i]);
            Block from = ir.Block;
            from.Condition = ir.Compare(Condition.Eq, selector, ir.Int(i));
            from.Next = target;
            target.Predecessors.Add(from);
            Block rest = function.NewBlock();
            from.Else = rest;
            rest.Predecessors.Add(from);
            Finish();
            ir.Block = rest;
        }
        Link(frame, index + 1);
        return false;
    }

    /// <summary>The block for an instruction under the present facts; what the IL stack holds moves to slots.</summary>
    private Block BlockFor(Frame target, int targetIndex)
    {
        SpillCallers(target);
        SpillStack(target, targetIndex);
        CollectFacts(target, targetIndex);
        List<BlockInstance> instances = target.Instances(targetIndex);
        foreach (BlockInstance known in instances)
            if (known.Matches(keyVariables, keyFacts)) return known.Block;
        if (function.Blocks.Count > MaxBlocks) throw Diagnostics.TooLarge(Here(), $"the kernel has more than {MaxBlocks} blocks");
        var made = new BlockInstance(function.NewBlock(), target, targetIndex, [.. keyVariables], [.. keyFacts]);
        instances.Add(made);
        work.Enqueue(made);
        return made.Block;
    }

    private void SpillCallers(Frame target)
    {
        for (Frame f = target; f.Parent is not null; f = f.Parent)
        {
            if (f.CallerSlots is not null || f.CallerStack is not { } held) continue;
            f.CallerSlots = new Slot[held.Count];
            for (int i = 0; i < held.Count; i++) Store(f.CallerSlots[i] = NewSlotFor(held[i], f, Variable.WhileFrameLives, isSingle: true), held[i]);
        }
    }

    private void SpillStack(Frame target, int targetIndex)
    {
        ref Slot[]? shape = ref target.StackShape(targetIndex);
        if (shape is null)
        {
            shape = new Slot[stack.Count];
            for (int i = 0; i < shape.Length; i++) shape[i] = NewSlotFor(stack[i], target, -2 - targetIndex, isSingle: false);
        }
        for (int i = 0; i < shape.Length; i++) Store(shape[i], stack[i]);
    }

    private void CollectFacts(Frame target, int targetIndex)
    {
        keyVariables.Clear();
        keyFacts.Clear();
        bool referring = touched.Exists(variable => variable is { Fact: RefFact { Slot: not null } } && MayBeRead(variable, target, targetIndex));
        foreach (Variable variable in touched)
        {
            object? fact = variable.Value is { IsConstant: true } constant && (constant.Static || variable.IsSingle) ? constant : variable.Fact;
            if (fact is null || !IsLive(variable, fact, referring, target, targetIndex)) continue;
            int at = keyVariables.Count;
            while (at > 0 && keyVariables[at - 1].Id > variable.Id) at--;
            keyVariables.Insert(at, variable);
            keyFacts.Insert(at, fact);
        }
    }

    /// <summary>Whether the fact may matter at the instruction. A dropped constant is read like any other value; a dropped fact of a view would be an error.</summary>
    /// <param name="variable">The variable that it is of.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="referring">Whether references are about that name variables: they may name this one where its address is taken.</param>
    /// <param name="target">The call that goes on.</param>
    /// <param name="targetIndex">The instruction.</param>
    private static bool IsLive(Variable variable, object fact, bool referring, Frame target, int targetIndex)
    {
        if (!MayBeRead(variable, target, targetIndex)) return false;
        if (variable.Owner is not { } owner || variable.Slot < 0) return true;
        bool isReferred = owner.Il.IsAddressTaken[variable.Slot] && (owner != target || owner.Il.HasReferenceLocals || (referring && fact is not Value));
        if (isReferred || owner == target) return isReferred || owner.Il.Liveness.IsLive(targetIndex, variable.Slot);
        Frame child = target;
        while (child.Parent != owner) child = child.Parent!;
        return owner.Il.Liveness.IsLive(child.ReturnIndex, variable.Slot);
    }

    /// <summary>Whether the variable belongs to a call that is not over, and if to an IL stack then to the one that the instruction finds.</summary>
    private static bool MayBeRead(Variable variable, Frame target, int targetIndex)
    {
        if (variable.Owner is not { } owner) return true;
        if (!owner.IsCallerOf(target)) return false;
        return variable.Slot >= 0 || variable.Slot == Variable.WhileFrameLives || (owner == target && variable.Slot == -2 - targetIndex);
    }

    private Variable Touch(Variable variable)
    {
        if (variable.Serial == serial) return variable;
        variable.Serial = serial;
        variable.Value = null;
        variable.Fact = null;
        variable.IsWritten = false;
        touched.Add(variable);
        return variable;
    }

    /// <summary>Remembers where an operation stands that threads execute together.</summary>
    private Value Meeting(Value value)
    {
        meetings.Add(value, (frame, index));
        return value;
    }

    /// <summary>The error for an operation that some threads miss.</summary>
    public MmkException MissedBySome(Value meeting)
    {
        (Frame at, int where) = meetings[meeting];
        return Diagnostics.Divergent(Describe(at, where), meeting.Op switch { Op.Shuffle => "a shuffle", Op.Vote => "a vote", Op.Asm when meeting.Symbol is AsmTemplate asm => $"`{asm.Operation}`", _ => "a barrier" });
    }

    private string Here() => Describe(frame, index);

    private static string Describe(Frame frame, int index)
    {
        string place = SourceMap.Describe(frame.Il.Method, frame.Il.Instructions[Math.Min(index, frame.Il.Instructions.Length - 1)].Offset);
        for (Frame f = frame; f.Parent is { } caller; f = caller)
            place += $" called from {SourceMap.Describe(caller.Il.Method, caller.Il.Instructions[Math.Max(0, f.ReturnIndex - 1)].Offset)}";
        return place;
    }

    private void NotePlace()
    {
        SourcePlace? place = frame.Il.Places[index];
        if (place is null || place == Places[^1]) return;
        Places.Add(place);
        ir.Place = Places.Count - 1;
    }

    /// <summary>Ends a translation because a local array must have an address.</summary>
    private sealed class MoveToMemory : Exception;
}
