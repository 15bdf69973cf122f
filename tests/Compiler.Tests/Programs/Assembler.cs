using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Dialect;

namespace MmKernels.Tests.Programs;

/// <summary>
/// Turns programs into an assembly: for each a host method and a kernel that runs the same code with views in place of arrays.
/// IL is written the way the C# compiler writes it: values stay on the stack across <c>?:</c>, loops test at the bottom. This file: methods and statements.
/// </summary>
internal sealed partial class Assembler
{
    private readonly bool onDevice;
    private readonly ILGenerator il;
    private readonly MethodInfo[] functions;
    private readonly LocalBuilder[] variables;
    private readonly LocalBuilder[] mixes = new LocalBuilder[2];
    private readonly Stack<(Label Break, Label Continue)> loops = new();
    private readonly Label end;

    private Assembler(ILGenerator il, MethodInfo[] functions, bool onDevice)
    {
        this.il = il;
        this.onDevice = onDevice;
        this.functions = functions;
        end = il.DefineLabel();
        variables = new LocalBuilder[Types.Count * Generator.VariablesPerType];
        for (int i = 0; i < variables.Length; i++) variables[i] = il.DeclareLocal(((Type)(i / Generator.VariablesPerType)).Clr());
        for (int i = 0; i < mixes.Length; i++) mixes[i] = il.DeclareLocal(typeof(Mix));
    }

    /// <summary>The classes of the programs: Host, Kernel, LaneKernel, and the helpers F1.. (host) and G1.. (device).</summary>
    public static System.Type[] Build(IReadOnlyList<Sample> samples)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Programs"), typeof(object).Assembly);
        ModuleBuilder module = assembly.DefineDynamicModule("Programs");
        for (int i = 0; i < samples.Count; i++) Define(module, samples[i], i);
        var stream = new MemoryStream();
        assembly.Save(stream);
        Assembly loaded = Assembly.Load(stream.ToArray());
        return [.. Enumerable.Range(0, samples.Count).Select(i => loaded.GetType($"P{i}")!)];
    }

    private static void Define(ModuleBuilder module, Sample sample, int index)
    {
        TypeBuilder type = module.DefineType($"P{index}", TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
        Functions(type, sample, onDevice: false);
        MethodBuilder[] device = Functions(type, sample, onDevice: true);
        const MethodAttributes Static = MethodAttributes.Public | MethodAttributes.Static;
        System.Type[] globals = [.. Arrays.Globals.Select(a => View(Arrays.All[a].Type))];
        if (sample.Steps.Length > 0) Lanes.Kernel(type.DefineMethod("LaneKernel", Static, typeof(void), [typeof(In<int>), typeof(ArrayView<int>), .. globals, typeof(Out<int>)]).GetILGenerator(), sample, device);
        else Kernel(type.DefineMethod("Kernel", Static, typeof(void), [typeof(In<int>), typeof(In<float>), .. globals, typeof(Out<long>)]).GetILGenerator(), device[0]);
        type.CreateType();
    }

    private static MethodBuilder[] Functions(TypeBuilder type, Sample sample, bool onDevice)
    {
        System.Type[] parameters = [typeof(int), typeof(float), .. Arrays.All.Select(a => onDevice ? View(a.Type) : a.Type.Clr().MakeArrayType())];
        var functions = new MethodBuilder[sample.Functions.Length];
        for (int f = 0; f < functions.Length; f++)
            functions[f] = type.DefineMethod(f == 0 ? (onDevice ? "Device" : "Host") : $"{(onDevice ? 'G' : 'F')}{f}", MethodAttributes.Public | MethodAttributes.Static,
                f == 0 ? typeof(long) : typeof(int), parameters);
        // .NET 10's optimising JIT folds `0 <= int.MinValue - BitOperations.TrailingZeroCount(2ul)` to false; what is not optimised is right.
        foreach (MethodBuilder function in functions) function.SetImplementationFlags(onDevice ? MethodImplAttributes.IL : MethodImplAttributes.IL | MethodImplAttributes.NoOptimization);
        for (int f = 0; f < functions.Length; f++) new Assembler(functions[f].GetILGenerator(), functions, onDevice).Function(sample.Functions[f], f == 0);
        return functions;
    }

    /// <summary>Runs the program on element Group.IdxX of the inputs, with the thread's part of the global arrays and with local ones.</summary>
    private static void Kernel(ILGenerator il, MethodInfo function)
    {
        LocalBuilder?[] locals = LocalArrays(il);
        byte output = (byte)(2 + Arrays.Globals.Length);
        il.Emit(OpCodes.Ldarga_S, output);
        Thread(il);
        for (byte input = 0; input < 2; input++)
        {
            il.Emit(OpCodes.Ldarga_S, input);
            Thread(il);
            il.Emit(OpCodes.Call, (input == 0 ? typeof(In<int>) : typeof(In<float>)).GetMethod("get_Item", [typeof(int)])!);
        }
        PassArrays(il, locals, 2);
        il.Emit(OpCodes.Call, function);
        il.Emit(OpCodes.Call, typeof(Out<long>).GetMethod("set_Item", [typeof(int), typeof(long)])!);
        il.Emit(OpCodes.Ret);
    }

    public static System.Type View(Type element) => typeof(ArrayView<>).MakeGenericType(element.Clr());

    public static MethodInfo Item(Type element) => View(element).GetMethod("get_Item", [typeof(int)])!;

    public static void Thread(ILGenerator il) => il.Emit(OpCodes.Call, typeof(Group).GetProperty(nameof(Group.IdxX))!.GetMethod!);

    /// <summary>Local arrays that count 0, 1, 2.. in locals of the method; null for global arrays.</summary>
    public static LocalBuilder?[] LocalArrays(ILGenerator il)
    {
        var locals = new LocalBuilder?[Arrays.All.Length];
        for (int a = 0; a < locals.Length; a++)
        {
            (bool isLocal, Type type) = Arrays.All[a];
            if (!isLocal) continue;
            LocalBuilder local = locals[a] = il.DeclareLocal(View(type));
            il.Emit(OpCodes.Ldc_I4, Arrays.Length);
            il.Emit(OpCodes.Call, typeof(LocalMemory).GetMethod("Allocate")!.MakeGenericMethod(type.Clr()));
            il.Emit(OpCodes.Stloc, local);
            for (int i = 0; i < Arrays.Length; i++)
            {
                il.Emit(OpCodes.Ldloca, local);
                il.Emit(OpCodes.Ldc_I4, i);
                il.Emit(OpCodes.Call, Item(type));
                if (type == Type.Double) il.Emit(OpCodes.Ldc_R8, (double)i);
                else if (type == Type.Float) il.Emit(OpCodes.Ldc_R4, (float)i);
                else il.Emit(OpCodes.Ldc_I4, i);
                il.Emit(OpCodes.Stobj, type.Clr());
            }
        }
        return locals;
    }

    /// <summary>Pushes all arrays: the thread's parts of the global ones, which are the method's arguments from a first one on, and the local ones.</summary>
    public static void PassArrays(ILGenerator il, LocalBuilder?[] locals, int firstGlobal)
    {
        for (int a = 0; a < locals.Length; a++)
        {
            if (locals[a] is { } local)
            {
                il.Emit(OpCodes.Ldloc, local);
                continue;
            }
            il.Emit(OpCodes.Ldarga_S, (byte)(firstGlobal + Array.IndexOf(Arrays.Globals, a)));
            Thread(il);
            il.Emit(OpCodes.Ldc_I4, Arrays.Length);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Call, View(Arrays.All[a].Type).GetMethod("SubView", [typeof(int)])!);
        }
    }

    private void Function(Function function, bool isMain)
    {
        // C# lets no variable be read before it is assigned.
        for (int i = 0; i < variables.Length; i++)
        {
            Constant(new Expression(Kind.Constant, (Type)(i / Generator.VariablesPerType), []));
            il.Emit(OpCodes.Stloc, variables[i]);
        }
        foreach (LocalBuilder mix in mixes)
        {
            il.Emit(OpCodes.Ldloca, mix);
            il.Emit(OpCodes.Initobj, typeof(Mix));
        }
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Stloc, Local(Type.Int, 0));
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stloc, Local(Type.Float, 0));
        Block(function.Body);
        il.MarkLabel(end);
        if (isMain) Digest();
        else il.Emit(OpCodes.Ldloc, Local(Type.Int, 0));
        il.Emit(OpCodes.Ret);
    }

    /// <summary>All variables and the local arrays in one number; NaNs count as one value.</summary>
    private void Digest()
    {
        LocalBuilder real = il.DeclareLocal(typeof(double));
        il.Emit(OpCodes.Ldc_I8, 17L);
        for (int i = 0; i < variables.Length; i++) Add((Type)(i / Generator.VariablesPerType), () => il.Emit(OpCodes.Ldloc, variables[i]));
        for (int i = 0; i < 6; i++) Add(FieldType(i), () => Emit(new Expression(Kind.Field, FieldType(i), [], i)));
        for (int a = 0; a < Arrays.All.Length; a++)
            for (int i = 0; i < Arrays.Length && Arrays.All[a].IsLocal; i++)
                Add(Arrays.All[a].Type, () => Emit(new Expression(Kind.Element, Arrays.All[a].Type, [new Expression(Kind.Constant, Type.Int, [], i)], a)));

        void Add(Type type, Action value)
        {
            il.Emit(OpCodes.Ldc_I8, 31L);
            il.Emit(OpCodes.Mul);
            value();
            if (type.IsReal() || type.IsHalf()) Bits(type, real);
            else il.Emit(OpCodes.Conv_I8);
            il.Emit(OpCodes.Add);
        }
    }

    private void Bits(Type type, LocalBuilder real)
    {
        Label number = il.DefineLabel(), done = il.DefineLabel();
        Convert(type, Type.Double);
        il.Emit(OpCodes.Stloc, real);
        il.Emit(OpCodes.Ldloc, real);
        il.Emit(OpCodes.Ldloc, real);
        il.Emit(OpCodes.Beq, number);
        il.Emit(OpCodes.Ldc_I8, 12345L);
        il.Emit(OpCodes.Br, done);
        il.MarkLabel(number);
        il.Emit(OpCodes.Ldloc, real);
        il.Emit(OpCodes.Call, typeof(BitConverter).GetMethod("DoubleToInt64Bits")!);
        il.MarkLabel(done);
    }

    private LocalBuilder Local(Type type, long index) => variables[(int)type * Generator.VariablesPerType + (int)index];

    private static Type FieldType(int field) => (field % 3) switch { 0 => Type.Int, 1 => Type.Float, _ => Type.Long };

    private void Block(Statement[] statements)
    {
        foreach (Statement statement in statements) Emit(statement);
    }

    private void Emit(Statement s)
    {
        switch (s.Form)
        {
            case Form.Assign: Assign(s.Target!, s.Value!); break;
            case Form.If:
                Label otherwise = il.DefineLabel(), after = il.DefineLabel();
                Emit(s.Value!);
                il.Emit(OpCodes.Brfalse, otherwise);
                Block(s.Bodies[0]);
                il.Emit(OpCodes.Br, after);
                il.MarkLabel(otherwise);
                Block(s.Bodies[1]);
                il.MarkLabel(after);
                break;
            case Form.Loop or Form.HeadLoop or Form.Unrolled: Loop(s); break;
            case Form.Endless: EndlessLoop(s); break;
            case Form.Switch: Switch(s); break;
            case Form.Break when loops.Count > 0: il.Emit(OpCodes.Br, loops.Peek().Break); break;
            case Form.Continue when loops.Count > 0: il.Emit(OpCodes.Br, loops.Peek().Continue); break;
            case Form.Return: il.Emit(OpCodes.Br, end); break;
            case Form.Combine:
                il.Emit(OpCodes.Ldloc, mixes[0]);
                il.Emit(OpCodes.Ldloc, mixes[1]);
                il.Emit(OpCodes.Call, typeof(Mix).GetMethod("op_Addition")!);
                il.Emit(OpCodes.Stloc, mixes[s.Number]);
                break;
            case Form.Swap:
                il.Emit(OpCodes.Ldloca, mixes[0]);
                il.Emit(OpCodes.Ldloca, mixes[1]);
                il.Emit(OpCodes.Call, typeof(Mix).GetMethod(nameof(Mix.Swap))!);
                break;
            case Form.Step:
                il.Emit(OpCodes.Ldloca, mixes[1 - s.Number]);
                Emit(s.Value!);
                il.Emit(OpCodes.Call, typeof(Mix).GetMethod(nameof(Mix.Step))!);
                il.Emit(OpCodes.Stloc, mixes[s.Number]);
                break;
        }
    }

    private void Assign(Expression target, Expression value)
    {
        switch (target.Kind)
        {
            case Kind.Element:
                Place(target);
                Emit(value);
                il.Emit(onDevice ? OpCodes.Stobj : OpCodes.Stelem, target.Type.Clr());
                break;
            case Kind.Field:
                il.Emit(OpCodes.Ldloca, mixes[target.Number / 3]);
                Emit(value);
                il.Emit(OpCodes.Stfld, Field(target));
                break;
            default:
                Emit(value);
                il.Emit(OpCodes.Stloc, Local(target.Type, target.Number));
                break;
        }
    }

    private static FieldInfo Field(Expression e) => typeof(Mix).GetField("ABC".Substring((int)(e.Number % 3), 1))!;

    private void Loop(Statement s)
    {
        LocalBuilder counter = il.DeclareLocal(typeof(int)), limit = il.DeclareLocal(typeof(int));
        Label body = il.DefineLabel(), next = il.DefineLabel(), test = il.DefineLabel(), after = il.DefineLabel();
        if (s.Value is { } trips) Rounds(trips);
        else il.Emit(OpCodes.Ldc_I4, s.Number);
        il.Emit(OpCodes.Stloc, limit);
        il.Emit(OpCodes.Ldc_I4_0);
        if (s.Form == Form.Unrolled) il.Emit(OpCodes.Call, typeof(Unroll).GetMethod("From")!);
        il.Emit(OpCodes.Stloc, counter);
        bool atHead = s.Form == Form.HeadLoop;
        if (!atHead) il.Emit(OpCodes.Br, test);
        else
        {
            il.MarkLabel(test);
            il.Emit(OpCodes.Ldloc, counter);
            il.Emit(OpCodes.Ldloc, limit);
            il.Emit(OpCodes.Bge, after);
        }
        il.MarkLabel(body);
        loops.Push((after, next));
        Block(s.Bodies[0]);
        loops.Pop();
        il.MarkLabel(next);
        Step(counter, OpCodes.Add);
        if (atHead) il.Emit(OpCodes.Br, test);
        else
        {
            il.MarkLabel(test);
            il.Emit(OpCodes.Ldloc, counter);
            il.Emit(OpCodes.Ldloc, limit);
            il.Emit(OpCodes.Blt, body);
        }
        il.MarkLabel(after);
    }

    /// <summary>A loop without a condition of its own: it is left from the middle, and continue goes straight back to its start.</summary>
    private void EndlessLoop(Statement s)
    {
        LocalBuilder left = il.DeclareLocal(typeof(int));
        Label top = il.DefineLabel(), after = il.DefineLabel();
        Rounds(s.Value!);
        il.Emit(OpCodes.Stloc, left);
        il.MarkLabel(top);
        il.Emit(OpCodes.Ldloc, left);
        Step(left, OpCodes.Sub);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ble, after);
        loops.Push((after, top));
        Block(s.Bodies[0]);
        loops.Pop();
        il.Emit(OpCodes.Br, top);
        il.MarkLabel(after);
    }

    private void Rounds(Expression value)
    {
        Emit(value);
        il.Emit(OpCodes.Ldc_I4_7);
        il.Emit(OpCodes.And);
    }

    private void Step(LocalBuilder counter, OpCode by)
    {
        il.Emit(OpCodes.Ldloc, counter);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(by);
        il.Emit(OpCodes.Stloc, counter);
    }

    private void Switch(Statement s)
    {
        Label after = il.DefineLabel();
        Label[] cases = [.. s.Bodies.Select(_ => il.DefineLabel())];
        Emit(s.Value!);
        il.Emit(OpCodes.Switch, cases);
        il.Emit(OpCodes.Br, after);
        for (int i = 0; i < cases.Length; i++)
        {
            il.MarkLabel(cases[i]);
            Block(s.Bodies[i]);
            il.Emit(OpCodes.Br, after);
        }
        il.MarkLabel(after);
    }
}
