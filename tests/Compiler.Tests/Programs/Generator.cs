namespace MmKernels.Tests.Programs;

/// <summary>Makes random programs. Equal seeds give equal programs.</summary>
internal sealed class Generator(int seed)
{
    /// <summary>Variables of each type; the first of int, float and long hold the inputs.</summary>
    public const int VariablesPerType = 3;

    private static readonly long[] integers = [0, 1, 2, 3, 5, 7, 8, 10, 16, 31, 32, 64, 100, 255, 256, 1000, 65535, -1, -2, -7, -8, -128, 0x7FFFFFFF, -0x80000000, 0x12345678];
    private static readonly float[] floats = [0f, 1f, -1f, 0.5f, 2f, 3f, 1e10f, -1e-10f, 255f, 1f / 3f, 4e9f, float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NaN, -0f];
    private static readonly long[] divisors = [2, 3, 5, 7, 8, 10, 16, 60, 64, 641, 1000003, 0x7FFFFFFF, -2, -3, -7, -8, -100];

    private readonly Random random = new(seed);
    private int functions;
    private int function;
    private int loops;

    public Sample Next()
    {
        functions = random.Next(1, 4);
        var made = new Function[functions];
        for (function = 0; function < functions; function++) made[function] = new Function(Block(random.Next(2, 6), 3));
        return new Sample(made, []);
    }

    /// <summary>A program whose lanes exchange values between calls of its helpers.</summary>
    public Sample NextOfLanes()
    {
        functions = 3;
        var made = new Function[functions];
        made[0] = new Function([]);
        for (function = 1; function < functions; function++) made[function] = new Function(Block(random.Next(1, 4), 2));
        var steps = new Step[random.Next(3, 8)];
        for (int i = 0; i < steps.Length; i++)
        {
            var kind = (StepKind)random.Next(7);
            steps[i] = new Step(kind, kind == StepKind.Compute ? random.Next(1, 3) : kind == StepKind.Shared ? 2 * random.Next(16) + 1 : random.Next(32));
        }
        return new Sample(made, steps);
    }

    private Statement[] Block(int length, int depth)
    {
        var statements = new Statement[length];
        for (int i = 0; i < length; i++) statements[i] = NewStatement(depth);
        return statements;
    }

    private Statement NewStatement(int depth)
    {
        int choice = depth == 0 ? 0 : random.Next(20);
        switch (choice)
        {
            case < 11: return Assign();
            case < 14: return new Statement(Form.If, null, Value(Type.Bool, 3), [Block(random.Next(1, 3), depth - 1), Block(random.Next(0, 3), depth - 1)]);
            case 14: return Loop(Form.Loop, depth);
            case 15: return Loop(Form.HeadLoop, depth);
            case 16: return new Statement(Form.Unrolled, null, null, [InLoop(depth)], random.Next(1, 5));
            case 17: return new Statement(Form.Switch, null, Value(Type.Int, 2), [Block(1, depth - 1), Block(1, depth - 1), Block(random.Next(0, 2), depth - 1)]);
            case 18 when loops > 0: return Conditional(random.Next(2) == 0 ? Form.Break : Form.Continue);
            case 19 when random.Next(3) == 0: return Conditional(Form.Return);
            default: return Assign();
        }
    }

    private Statement Assign()
    {
        if (random.Next(6) == 0) return new Statement(Form.Assign, Element(2), Value(Type.Int, 3), []);
        var type = (Type)random.Next(7);
        return new Statement(Form.Assign, Variable(type), Value(type, 4), []);
    }

    private Statement Conditional(Form form)
        => new(Form.If, null, Value(Type.Bool, 2), [[new Statement(form, null, null, [])], []]);

    private Statement Loop(Form form, int depth) => new(form, null, Value(Type.Int, 2), [InLoop(depth)]);

    private Statement[] InLoop(int depth)
    {
        loops++;
        Statement[] body = Block(random.Next(1, 4), depth - 1);
        loops--;
        return body;
    }

    private Expression Variable(Type type) => new(Kind.Variable, type, [], random.Next(VariablesPerType));

    private Expression Value(Type type, int depth)
    {
        if (depth == 0 || random.Next(8) == 0) return random.Next(3) == 0 ? Constant(type) : Variable(type);
        if (random.Next(10) == 0) return Make(Kind.Choose, type, Value(Type.Bool, depth - 1), Value(type, depth - 1), Value(type, depth - 1));
        return type switch
        {
            Type.Bool => Truth(depth - 1),
            Type.Float or Type.Double => Real(type, depth - 1),
            _ => Whole(type, depth - 1),
        };
    }

    /// <summary>An element of the array in global memory (0) or of the local one (1); sometimes at a place that is known when compiling.</summary>
    private Expression Element(int depth)
        => new(Kind.Element, Type.Int, [random.Next(3) == 0 ? Make(Kind.Constant, Type.Int, random.Next(8)) : Value(Type.Int, depth)], random.Next(2));

    private Expression Constant(Type type) => type switch
    {
        Type.Bool => Make(Kind.Constant, type, random.Next(2)),
        Type.Float => Make(Kind.Constant, type, BitConverter.SingleToInt32Bits(floats[random.Next(floats.Length)])),
        Type.Double => Make(Kind.Constant, type, BitConverter.DoubleToInt64Bits(floats[random.Next(floats.Length)])),
        _ => Make(Kind.Constant, type, integers[random.Next(integers.Length)]),
    };

    private Expression Truth(int depth)
    {
        int choice = random.Next(10);
        if (choice == 0) return Make(Kind.Not, Type.Bool, Value(Type.Bool, depth));
        if (choice < 3) return Make(choice == 1 ? Kind.AndAlso : Kind.OrElse, Type.Bool, Value(Type.Bool, depth), Value(Type.Bool, depth));
        if (choice == 3) return Make(random.Next(3) switch { 0 => Kind.And, 1 => Kind.Or, _ => Kind.Xor }, Type.Bool, Value(Type.Bool, depth), Value(Type.Bool, depth));
        var type = (Type)random.Next(1, 7);
        return Make(Kind.Lt + random.Next(6), Type.Bool, Value(type, depth), Value(type, depth));
    }

    private Expression Real(Type type, int depth)
    {
        switch (random.Next(12))
        {
            case 0: return Make(Kind.Neg, type, Value(type, depth));
            case 1: return Make(Kind.Abs, type, Value(type, depth));
            case 2: return Make(Kind.Sqrt, type, Value(type, depth));
            case 3: return Make(random.Next(2) == 0 ? Kind.Min : Kind.Max, type, Value(type, depth), Value(type, depth));
            case 4: return Make(Kind.Fma, type, Value(type, depth), Value(type, depth), Value(type, depth));
            case 5: return Make(Kind.Floor, type, Value(type, depth));
            case 6: return Make(Kind.Convert, type, Value(type == Type.Float ? Type.Double : Type.Float, depth));
            case 7: return Make(Kind.Convert, type, Value((Type)random.Next(1, 4), depth));
            default: return Make(Kind.Add + random.Next(4), type, Value(type, depth), Value(type, depth));
        }
    }

    private Expression Whole(Type type, int depth)
    {
        switch (random.Next(16))
        {
            case 0: return Make(random.Next(2) == 0 ? Kind.Neg : Kind.Not, type, Value(type, depth));
            case 1 or 2: return Make(random.Next(2) == 0 ? Kind.Shl : Kind.Shr, type, Value(type, depth), Value(Type.Int, depth));
            case 3 or 4: return Make(random.Next(2) == 0 ? Kind.Div : Kind.Rem, type, Value(type, depth), Make(Kind.Constant, type, divisors[random.Next(divisors.Length)]));
            case 5: return Make(random.Next(2) == 0 ? Kind.Div : Kind.Rem, type, Value(type, depth), Divisor(type, depth));
            case 6: return Make(Kind.Convert, type, Value((Type)random.Next(1, 7), depth));
            case 7 when type == Type.Int: return Make(Kind.ToByte + random.Next(4), type, Value(Type.Int, depth));
            case 8: return Make(random.Next(2) == 0 ? Kind.Min : Kind.Max, type, Value(type, depth), Value(type, depth));
            case 9 when type == Type.Int && function + 1 < functions:
                return new Expression(Kind.Call, type, [Value(Type.Int, depth), Value(Type.Float, depth)], random.Next(function + 1, functions));
            case 10: return Make(Kind.And + random.Next(3), type, Value(type, depth), Value(type, depth));
            case 11 when type == Type.Int: return Element(depth);
            default: return Make(Kind.Add + random.Next(3), type, Value(type, depth), Value(type, depth));
        }
    }

    /// <summary>1 to 1024: never zero, never -1.</summary>
    private Expression Divisor(Type type, int depth)
        => Make(Kind.Add, type, Make(Kind.And, type, Value(type, depth), Make(Kind.Constant, type, 1023)), Make(Kind.Constant, type, 1));

    private static Expression Make(Kind kind, Type type, params Expression[] args) => new(kind, type, args);

    private static Expression Make(Kind kind, Type type, long number) => new(kind, type, [], number);
}
