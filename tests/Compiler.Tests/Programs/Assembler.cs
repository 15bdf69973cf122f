using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Dialect;

namespace MmKernels.Tests.Programs;

/// <summary>
/// Turns programs into an assembly: for each a host method and a kernel that runs the same code with views in place of arrays.
/// IL is written the way the C# compiler writes it: values stay on the stack across <c>?:</c>, loops test at the bottom.
/// </summary>
internal sealed class Assembler
{
    /// <summary>Elements of the arrays that a program may use.</summary>
    public const int ArrayLength = 8;

    private readonly bool onDevice;

    private readonly ILGenerator il;
    private readonly MethodInfo[] functions;
    private readonly LocalBuilder[] variables;
    private readonly Stack<(Label Break, Label Continue)> loops = new();
    private readonly Label end;

    private Assembler(ILGenerator il, MethodInfo[] functions, bool onDevice)
    {
        this.il = il;
        this.onDevice = onDevice;
        this.functions = functions;
        end = il.DefineLabel();
        variables = new LocalBuilder[7 * Generator.VariablesPerType];
        for (int i = 0; i < variables.Length; i++) variables[i] = il.DeclareLocal(Clr((Type)(i / Generator.VariablesPerType)));
    }

    /// <summary>The classes of the programs: Host, Kernel, and the helpers F1.. (host) and G1.. (device).</summary>
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
        Kernel(type.DefineMethod("Kernel", Static, typeof(void), [typeof(In<int>), typeof(In<float>), typeof(ArrayView<int>), typeof(ArrayView<int>), typeof(Out<long>)]).GetILGenerator(), device[0]);
        if (sample.Steps.Length > 0) Lanes.Kernel(type.DefineMethod("LaneKernel", Static, typeof(void), [typeof(In<int>), typeof(ArrayView<int>), typeof(Out<int>)]).GetILGenerator(), sample, device);
        type.CreateType();
    }

    private static MethodBuilder[] Functions(TypeBuilder type, Sample sample, bool onDevice)
    {
        System.Type array = onDevice ? typeof(ArrayView<int>) : typeof(int[]);
        var functions = new MethodBuilder[sample.Functions.Length];
        for (int f = 0; f < functions.Length; f++)
            functions[f] = type.DefineMethod(f == 0 ? (onDevice ? "Device" : "Host") : $"{(onDevice ? 'G' : 'F')}{f}", MethodAttributes.Public | MethodAttributes.Static,
                f == 0 ? typeof(long) : typeof(int), [typeof(int), typeof(float), array, array]);
        for (int f = 0; f < functions.Length; f++) new Assembler(functions[f].GetILGenerator(), functions, onDevice).Function(sample.Functions[f], f == 0);
        return functions;
    }

    /// <summary>
    /// Runs the program on element Group.IdxX of the inputs, with the thread's part of the global array, and a local array whose content is written
    /// out in the end.
    /// </summary>
    private static void Kernel(ILGenerator il, MethodInfo function)
    {
        LocalBuilder local = LocalArray(il);
        il.Emit(OpCodes.Ldarga_S, (byte)4);
        Thread(il);
        for (byte input = 0; input < 2; input++)
        {
            il.Emit(OpCodes.Ldarga_S, input);
            Thread(il);
            il.Emit(OpCodes.Call, (input == 0 ? typeof(In<int>) : typeof(In<float>)).GetMethod("get_Item", [typeof(int)])!);
        }
        Part(il, 2);
        il.Emit(OpCodes.Ldloc, local);
        il.Emit(OpCodes.Call, function);
        il.Emit(OpCodes.Call, typeof(Out<long>).GetMethod("set_Item", [typeof(int), typeof(long)])!);
        for (int i = 0; i < ArrayLength; i++)
        {
            il.Emit(OpCodes.Ldarga_S, (byte)3);
            Thread(il);
            il.Emit(OpCodes.Ldc_I4, ArrayLength);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Call, item);
            il.Emit(OpCodes.Ldloca, local);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Call, item);
            il.Emit(OpCodes.Ldind_I4);
            il.Emit(OpCodes.Stind_I4);
        }
        il.Emit(OpCodes.Ret);
    }

    private static readonly MethodInfo item = typeof(ArrayView<int>).GetMethod("get_Item", [typeof(int)])!;

    public static void Thread(ILGenerator il) => il.Emit(OpCodes.Call, typeof(Group).GetProperty(nameof(Group.IdxX))!.GetMethod!);

    /// <summary>A local array that counts 0, 1, 2.. in a local of the method.</summary>
    public static LocalBuilder LocalArray(ILGenerator il)
    {
        LocalBuilder local = il.DeclareLocal(typeof(ArrayView<int>));
        il.Emit(OpCodes.Ldc_I4, ArrayLength);
        il.Emit(OpCodes.Call, typeof(LocalMemory).GetMethod("Allocate")!.MakeGenericMethod(typeof(int)));
        il.Emit(OpCodes.Stloc, local);
        for (int i = 0; i < ArrayLength; i++)
        {
            il.Emit(OpCodes.Ldloca, local);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Call, item);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Stind_I4);
        }
        return local;
    }

    /// <summary>The thread's part of a view in an argument.</summary>
    public static void Part(ILGenerator il, byte argument)
    {
        il.Emit(OpCodes.Ldarga_S, argument);
        Thread(il);
        il.Emit(OpCodes.Ldc_I4, ArrayLength);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Call, typeof(ArrayView<int>).GetMethod("SubView", [typeof(int)])!);
    }

    private void Function(Function function, bool isMain)
    {
        // C# lets no variable be read before it is assigned.
        for (int i = 0; i < variables.Length; i++)
        {
            Constant(new Expression(Kind.Constant, (Type)(i / Generator.VariablesPerType), []));
            il.Emit(OpCodes.Stloc, variables[i]);
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

    /// <summary>All variables in one number; NaNs count as one value.</summary>
    private void Digest()
    {
        il.Emit(OpCodes.Ldc_I8, 17L);
        foreach (LocalBuilder variable in variables)
        {
            il.Emit(OpCodes.Ldc_I8, 31L);
            il.Emit(OpCodes.Mul);
            if (variable.LocalType == typeof(float) || variable.LocalType == typeof(double)) Bits(variable);
            else
            {
                il.Emit(OpCodes.Ldloc, variable);
                il.Emit(OpCodes.Conv_I8);
            }
            il.Emit(OpCodes.Add);
        }
    }

    private void Bits(LocalBuilder variable)
    {
        Label number = il.DefineLabel(), done = il.DefineLabel();
        il.Emit(OpCodes.Ldloc, variable);
        il.Emit(OpCodes.Ldloc, variable);
        il.Emit(OpCodes.Beq, number);
        il.Emit(OpCodes.Ldc_I8, 12345L);
        il.Emit(OpCodes.Br, done);
        il.MarkLabel(number);
        il.Emit(OpCodes.Ldloc, variable);
        il.Emit(OpCodes.Call, variable.LocalType == typeof(float) ? typeof(BitConverter).GetMethod("SingleToInt32Bits")! : typeof(BitConverter).GetMethod("DoubleToInt64Bits")!);
        il.Emit(OpCodes.Conv_I8);
        il.MarkLabel(done);
    }

    private LocalBuilder Local(Type type, long index) => variables[(int)type * Generator.VariablesPerType + (int)index];

    private static System.Type Clr(Type type) => type switch
    {
        Type.Bool => typeof(bool),
        Type.Int => typeof(int),
        Type.UInt => typeof(uint),
        Type.Long => typeof(long),
        Type.ULong => typeof(ulong),
        Type.Float => typeof(float),
        _ => typeof(double),
    };

    private void Block(Statement[] statements)
    {
        foreach (Statement statement in statements) Emit(statement);
    }

    private void Emit(Statement s)
    {
        switch (s.Form)
        {
            case Form.Assign when s.Target!.Kind == Kind.Element:
                Place(s.Target);
                Emit(s.Value!);
                il.Emit(onDevice ? OpCodes.Stind_I4 : OpCodes.Stelem_I4);
                break;
            case Form.Assign:
                Emit(s.Value!);
                il.Emit(OpCodes.Stloc, Local(s.Target!.Type, s.Target.Number));
                break;
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
            case Form.Switch: Switch(s); break;
            case Form.Break when loops.Count > 0: il.Emit(OpCodes.Br, loops.Peek().Break); break;
            case Form.Continue when loops.Count > 0: il.Emit(OpCodes.Br, loops.Peek().Continue); break;
            case Form.Return: il.Emit(OpCodes.Br, end); break;
        }
    }

    private void Loop(Statement s)
    {
        LocalBuilder counter = il.DeclareLocal(typeof(int)), limit = il.DeclareLocal(typeof(int));
        Label body = il.DefineLabel(), next = il.DefineLabel(), test = il.DefineLabel(), after = il.DefineLabel();
        if (s.Value is { } trips)
        {
            Emit(trips);
            il.Emit(OpCodes.Ldc_I4_7);
            il.Emit(OpCodes.And);
        }
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
        il.Emit(OpCodes.Ldloc, counter);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, counter);
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

    private void Emit(Expression e)
    {
        switch (e.Kind)
        {
            case Kind.Constant: Constant(e); return;
            case Kind.Variable: il.Emit(OpCodes.Ldloc, Local(e.Type, e.Number)); return;
            case Kind.AndAlso or Kind.OrElse: ShortCircuit(e); return;
            case Kind.Element:
                Place(e);
                il.Emit(onDevice ? OpCodes.Ldind_I4 : OpCodes.Ldelem_I4);
                return;
            case Kind.Choose:
                Label no = il.DefineLabel(), done = il.DefineLabel();
                Emit(e.Args[0]);
                il.Emit(OpCodes.Brfalse, no);
                Emit(e.Args[1]);
                il.Emit(OpCodes.Br, done);
                il.MarkLabel(no);
                Emit(e.Args[2]);
                il.MarkLabel(done);
                return;
        }
        foreach (Expression arg in e.Args) Emit(arg);
        Operation(e);
    }

    /// <summary>A reference to an element; on the host the array and the index.</summary>
    private void Place(Expression e)
    {
        if (onDevice) il.Emit(OpCodes.Ldarga_S, (byte)(2 + e.Number));
        else il.Emit(e.Number == 0 ? OpCodes.Ldarg_2 : OpCodes.Ldarg_3);
        Emit(e.Args[0]);
        il.Emit(OpCodes.Ldc_I4, ArrayLength - 1);
        il.Emit(OpCodes.And);
        if (onDevice) il.Emit(OpCodes.Call, item);
    }

    private void Constant(Expression e)
    {
        switch (e.Type)
        {
            case Type.Float: il.Emit(OpCodes.Ldc_R4, BitConverter.Int32BitsToSingle((int)e.Number)); break;
            case Type.Double: il.Emit(OpCodes.Ldc_R8, BitConverter.Int64BitsToDouble(e.Number)); break;
            case Type.Long or Type.ULong: il.Emit(OpCodes.Ldc_I8, e.Number); break;
            default: il.Emit(OpCodes.Ldc_I4, (int)e.Number); break;
        }
    }

    private void ShortCircuit(Expression e)
    {
        Label known = il.DefineLabel(), done = il.DefineLabel();
        Emit(e.Args[0]);
        il.Emit(e.Kind == Kind.AndAlso ? OpCodes.Brfalse : OpCodes.Brtrue, known);
        Emit(e.Args[1]);
        il.Emit(OpCodes.Br, done);
        il.MarkLabel(known);
        il.Emit(e.Kind == Kind.AndAlso ? OpCodes.Ldc_I4_0 : OpCodes.Ldc_I4_1);
        il.MarkLabel(done);
    }

    private void Operation(Expression e)
    {
        Type of = e.Args[0].Type;
        bool unsigned = of is Type.UInt or Type.ULong, isFloat = of is Type.Float or Type.Double;
        switch (e.Kind)
        {
            case Kind.Add: il.Emit(OpCodes.Add); break;
            case Kind.Sub: il.Emit(OpCodes.Sub); break;
            case Kind.Mul: il.Emit(OpCodes.Mul); break;
            case Kind.Div: il.Emit(unsigned ? OpCodes.Div_Un : OpCodes.Div); break;
            case Kind.Rem: il.Emit(unsigned ? OpCodes.Rem_Un : OpCodes.Rem); break;
            case Kind.And: il.Emit(OpCodes.And); break;
            case Kind.Or: il.Emit(OpCodes.Or); break;
            case Kind.Xor: il.Emit(OpCodes.Xor); break;
            case Kind.Shl or Kind.Shr:
                il.Emit(OpCodes.Ldc_I4, of is Type.Long or Type.ULong ? 63 : 31);
                il.Emit(OpCodes.And);
                il.Emit(e.Kind == Kind.Shl ? OpCodes.Shl : unsigned ? OpCodes.Shr_Un : OpCodes.Shr);
                break;
            case Kind.Neg: il.Emit(OpCodes.Neg); break;
            case Kind.Not when of == Type.Bool: Against(OpCodes.Ceq); break;
            case Kind.Not: il.Emit(OpCodes.Not); break;
            case Kind.Lt: il.Emit(unsigned ? OpCodes.Clt_Un : OpCodes.Clt); break;
            case Kind.Gt: il.Emit(unsigned ? OpCodes.Cgt_Un : OpCodes.Cgt); break;
            // C# writes !(a > b) for <=, with the unordered form for floats.
            case Kind.Le:
                il.Emit(unsigned || isFloat ? OpCodes.Cgt_Un : OpCodes.Cgt);
                Against(OpCodes.Ceq);
                break;
            case Kind.Ge:
                il.Emit(unsigned || isFloat ? OpCodes.Clt_Un : OpCodes.Clt);
                Against(OpCodes.Ceq);
                break;
            case Kind.Eq: il.Emit(OpCodes.Ceq); break;
            case Kind.Ne:
                il.Emit(OpCodes.Ceq);
                Against(OpCodes.Ceq);
                break;
            case Kind.ToByte: il.Emit(OpCodes.Conv_U1); break;
            case Kind.ToSByte: il.Emit(OpCodes.Conv_I1); break;
            case Kind.ToShort: il.Emit(OpCodes.Conv_I2); break;
            case Kind.ToUShort: il.Emit(OpCodes.Conv_U2); break;
            case Kind.Convert: Convert(of, e.Type); break;
            case Kind.Call:
                il.Emit(OpCodes.Ldarg_2);
                il.Emit(OpCodes.Ldarg_3);
                il.Emit(OpCodes.Call, functions[e.Number]);
                break;
            default: Library(e); break;
        }
    }

    private void Against(OpCode op)
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(op);
    }

    private void Convert(Type from, Type to)
    {
        bool unsigned = from is Type.UInt or Type.ULong;
        switch (to)
        {
            case Type.Float or Type.Double:
                if (unsigned) il.Emit(OpCodes.Conv_R_Un);
                il.Emit(to == Type.Float ? OpCodes.Conv_R4 : OpCodes.Conv_R8);
                break;
            case Type.Int: il.Emit(OpCodes.Conv_I4); break;
            case Type.UInt: il.Emit(OpCodes.Conv_U4); break;
            case Type.Long: il.Emit(from == Type.UInt ? OpCodes.Conv_U8 : OpCodes.Conv_I8); break;
            default: il.Emit(from is Type.Int ? OpCodes.Conv_I8 : OpCodes.Conv_U8); break;
        }
    }

    private void Library(Expression e)
    {
        System.Type clr = Clr(e.Type);
        string name = e.Kind == Kind.Fma ? nameof(Math.FusedMultiplyAdd) : e.Kind.ToString();
        System.Type library = e.Type == Type.Float ? typeof(MathF) : typeof(Math);
        il.Emit(OpCodes.Call, library.GetMethod(name, [.. e.Args.Select(_ => clr)])!);
        if (e.Kind is not (Kind.Min or Kind.Max)) return;
        // .NET's JIT does not keep its promise on which zero is smaller: x + 0 makes one zero of both.
        if (e.Type == Type.Float) il.Emit(OpCodes.Ldc_R4, 0f);
        else if (e.Type == Type.Double) il.Emit(OpCodes.Ldc_R8, 0.0);
        else return;
        il.Emit(OpCodes.Add);
    }
}
