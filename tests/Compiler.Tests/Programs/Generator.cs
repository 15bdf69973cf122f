using FsCheck;
using FsCheck.Fluent;

namespace MmKernels.Tests.Programs;

/// <summary>Random programs that C# could have written; FsCheck's size sets how long they are.</summary>
internal static class Generator
{
    /// <summary>Variables of each type; the first of int and float hold the inputs.</summary>
    public const int VariablesPerType = 2;

    private static readonly long[] integers = [0, 1, 2, 3, 5, 7, 8, 10, 16, 31, 32, 64, 100, 255, 256, 1000, 65535, -1, -2, -7, -8, -128, 0x7FFFFFFF, -0x80000000, 0x12345678];
    private static readonly float[] floats = [0f, 1f, -1f, 0.5f, 2f, 3f, 1e10f, -1e-10f, 255f, 1f / 3f, 4e9f, 65504f, float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NaN, -0f];
    private static readonly long[] divisors = [2, 3, 5, 7, 8, 10, 16, 60, 64, 641, 1000003, 0x7FFFFFFF, -2, -3, -7, -8, -100];

    /// <summary>What a function may use: how many functions there are, which one this is, and whether it is inside a loop.</summary>
    private readonly record struct Scope(int Functions, int Function, bool InLoop);

    /// <summary>Programs of threads that compute on their own.</summary>
    public static Gen<Sample> OfThreads() =>
        from count in Gen.Choose(1, 3)
        from functions in Gen.CollectToArray(Enumerable.Range(0, count), f => Function(new Scope(count, f, false), 2, 3))
        select new Sample(functions, []);

    /// <summary>Programs whose lanes exchange values between calls of the helpers.</summary>
    public static Gen<Sample> OfLanes() =>
        from functions in Gen.CollectToArray(Enumerable.Range(1, 2), f => Function(new Scope(3, f, false), 1, 2))
        from count in Gen.Choose(3, 7)
        from steps in Step(2).ArrayOf(count)
        select new Sample([new Function([]), .. functions], steps);

    private static Gen<T> Pick<T>(int choices, Func<int, Gen<T>> choose) => Gen.Choose(0, choices - 1).SelectMany(choose);

    private static Gen<Step> Step(int depth) => Pick(depth > 0 ? 19 : 17, choice => choice switch
    {
        0 => Gen.Choose(1, 2).Select(f => new Step(StepKind.Compute, f, [])),
        1 => Gen.Choose(0, 3).Select(f => new Step(StepKind.Masked, f, [])),
        < 17 => Gen.Choose(0, 31).Select(n => new Step((StepKind)choice, n, [])),
        _ => from n in Gen.Choose(0, 3)
             from count in Gen.Choose(1, 3)
             from inner in Step(depth - 1).ArrayOf(count)
             select new Step(StepKind.Repeat, n, inner),
    });

    private static Gen<Function> Function(Scope scope, int least, int depth)
        => Gen.Sized(size => Gen.Choose(least, least + 2 + size / 25)).SelectMany(length => Block(scope, length, depth)).Select(body => new Function(body));

    private static Gen<Statement[]> Block(Scope scope, int length, int depth) => NewStatement(scope, depth).ArrayOf(length);

    private static Gen<Statement[]> Block(Scope scope, int least, int most, int depth) => Gen.Choose(least, most).SelectMany(length => Block(scope, length, depth - 1));

    private static Gen<Statement> NewStatement(Scope scope, int depth) => Pick(depth == 0 ? 12 : 26, choice => choice switch
    {
        < 9 => Assign(scope),
        9 => Gen.Choose(0, 1).Select(a => new Statement(Form.Combine, null, null, [], a)),
        10 => Gen.Constant(new Statement(Form.Swap, null, null, [])),
        11 => from a in Gen.Choose(0, 1) from amount in Value(scope, Type.Int, 2) select new Statement(Form.Step, null, amount, [], a),
        < 16 => from condition in Value(scope, Type.Bool, 3)
                from yes in Block(scope, 1, 2, depth)
                from no in Block(scope, 0, 2, depth)
                select new Statement(Form.If, null, condition, [yes, no]),
        16 => Loop(scope, Form.Loop, depth),
        17 => Loop(scope, Form.HeadLoop, depth),
        18 => Loop(scope, Form.Endless, depth),
        19 => from body in Block(scope with { InLoop = true }, 1, 3, depth) from rounds in Gen.Choose(1, 4) select new Statement(Form.Unrolled, null, null, [body], rounds),
        20 => from selector in Value(scope, Type.Int, 2)
              from a in Block(scope, 1, 1, depth)
              from b in Block(scope, 1, 2, depth)
              from c in Block(scope, 0, 1, depth)
              select new Statement(Form.Switch, null, selector, [a, b, c]),
        21 or 22 when scope.InLoop => Conditional(scope, Form.Break),
        23 or 24 when scope.InLoop => Conditional(scope, Form.Continue),
        25 => Conditional(scope, Form.Return),
        _ => Assign(scope),
    });

    private static Gen<Statement> Assign(Scope scope) => Pick(7, choice => choice switch
    {
        0 => from array in Gen.Choose(0, Arrays.All.Length - 1)
             from target in Element(scope, array, 2)
             from value in Value(scope, Arrays.All[array].Type, 3)
             select new Statement(Form.Assign, target, value, []),
        1 => from type in Gen.Elements(Type.Int, Type.Float, Type.Long)
             from target in Field(type)
             from value in Value(scope, type, 3)
             select new Statement(Form.Assign, target, value, []),
        _ => from type in AnyType
             from target in Variable(type)
             from value in Value(scope, type, 4)
             select new Statement(Form.Assign, target, value, []),
    });

    private static Gen<Statement> Conditional(Scope scope, Form form)
        => Value(scope, Type.Bool, 2).Select(condition => new Statement(Form.If, null, condition, [[new Statement(form, null, null, [])], []]));

    private static Gen<Statement> Loop(Scope scope, Form form, int depth) =>
        from rounds in Value(scope, Type.Int, 2)
        from body in Block(scope with { InLoop = true }, 1, 3, depth)
        select new Statement(form, null, rounds, [body]);

    private static Gen<Type> AnyType => Gen.Choose(0, Types.Count - 1).Select(t => (Type)t);

    private static Gen<Type> AnyNumber => Gen.Choose(1, Types.Count - 1).Select(t => (Type)t);

    /// <summary>Types that C# has operators for.</summary>
    private static Gen<Type> Computable => Gen.Elements(Type.Int, Type.UInt, Type.Long, Type.ULong, Type.Float, Type.Double);

    private static Gen<Expression> Variable(Type type) => Gen.Choose(0, VariablesPerType - 1).Select(i => new Expression(Kind.Variable, type, [], i));

    private static Gen<Expression> Field(Type type)
        => Gen.Choose(0, 1).Select(i => new Expression(Kind.Field, type, [], 3 * i + type switch { Type.Int => 0, Type.Float => 1, _ => 2 }));

    /// <summary>An element of an array, sometimes at a place that is known when compiling.</summary>
    private static Gen<Expression> Element(Scope scope, int array, int depth)
        => Pick(3, choice => choice == 0 ? Gen.Choose(0, 7).Select(i => Make(Kind.Constant, Type.Int, i)) : Value(scope, Type.Int, depth))
            .Select(index => new Expression(Kind.Element, Arrays.All[array].Type, [index], array));

    private static Gen<Expression> Constant(Type type) => type switch
    {
        Type.Bool => Gen.Choose(0, 1).Select(b => Make(Kind.Constant, type, b)),
        Type.Float or Type.Half or Type.Brain => Gen.Elements(floats).Select(f => Make(Kind.Constant, type, BitConverter.SingleToInt32Bits(f))),
        Type.Double => Gen.Elements(floats).Select(f => Make(Kind.Constant, type, BitConverter.DoubleToInt64Bits(f))),
        Type.SByte or Type.Short => Gen.Choose(-128, 127).Select(i => Make(Kind.Constant, type, i)),
        Type.Byte or Type.UShort => Gen.Choose(0, 255).Select(i => Make(Kind.Constant, type, i)),
        _ => Gen.Elements(integers).Select(i => Make(Kind.Constant, type, i)),
    };

    private static Gen<Expression> Leaf(Scope scope, Type type) => Pick(8, choice => choice switch
    {
        < 3 => Constant(type),
        3 when type is Type.Int or Type.Float or Type.Long => Field(type),
        4 when ArraysOf(type) is { Length: > 0 } arrays => Gen.Elements(arrays).SelectMany(a => Element(scope, a, 0)),
        _ => Variable(type),
    });

    private static int[] ArraysOf(Type type) => [.. Enumerable.Range(0, Arrays.All.Length).Where(a => Arrays.All[a].Type == type)];

    private static Gen<Expression> Value(Scope scope, Type type, int depth)
    {
        if (depth == 0) return Leaf(scope, type);
        return Pick(9, choice => choice switch
        {
            0 => Leaf(scope, type),
            1 => from condition in Value(scope, Type.Bool, depth - 1)
                 from yes in Value(scope, type, depth - 1)
                 from no in Value(scope, type, depth - 1)
                 select Make(Kind.Choose, type, condition, yes, no),
            _ when type == Type.Bool => Truth(scope, depth - 1),
            _ when type.IsReal() => Real(scope, type, depth - 1),
            _ when type.IsWide() => Whole(scope, type, depth - 1),
            _ when type.IsHalf() => Converted(scope, type, Gen.Elements(Type.Float, Type.Float, Type.Half, Type.Brain, Type.Int), depth - 1),
            _ => Converted(scope, type, AnyNumber, depth - 1),
        });
    }

    private static Gen<Expression> Converted(Scope scope, Type to, Gen<Type> from, int depth)
        => from.SelectMany(type => Value(scope, type, depth)).Select(value => Make(Kind.Convert, to, value));

    private static Gen<Expression> Two(Scope scope, Kind kind, Type result, Type operands, int depth)
        => Value(scope, operands, depth).SelectMany(_ => Value(scope, operands, depth), (x, y) => Make(kind, result, x, y));

    private static Gen<Expression> One(Scope scope, Kind kind, Type type, int depth) => Value(scope, type, depth).Select(x => Make(kind, type, x));

    private static Gen<Expression> Truth(Scope scope, int depth) => Pick(10, choice => choice switch
    {
        0 => One(scope, Kind.Not, Type.Bool, depth),
        1 => Two(scope, Kind.AndAlso, Type.Bool, Type.Bool, depth),
        2 => Two(scope, Kind.OrElse, Type.Bool, Type.Bool, depth),
        3 => Gen.Elements(Kind.And, Kind.Or, Kind.Xor).SelectMany(kind => Two(scope, kind, Type.Bool, Type.Bool, depth)),
        _ => from kind in Gen.Choose((int)Kind.Lt, (int)Kind.Ne)
             from type in Computable
             from comparison in Two(scope, (Kind)kind, Type.Bool, type, depth)
             select comparison,
    });

    private static Gen<Expression> Real(Scope scope, Type type, int depth) => Pick(13, choice => choice switch
    {
        0 => Gen.Elements(Kind.Neg, Kind.Abs, Kind.Sqrt).SelectMany(kind => One(scope, kind, type, depth)),
        1 => Gen.Elements(Kind.Floor, Kind.Ceiling, Kind.Truncate).SelectMany(kind => One(scope, kind, type, depth)),
        2 => Gen.Elements(Kind.Min, Kind.Max).SelectMany(kind => Two(scope, kind, type, type, depth)),
        3 => from a in Value(scope, type, depth) from b in Value(scope, type, depth) from c in Value(scope, type, depth) select Make(Kind.FusedMultiplyAdd, type, a, b, c),
        < 7 => Converted(scope, type, AnyNumber, depth),
        _ => Gen.Elements(Kind.Add, Kind.Sub, Kind.Mul, Kind.Div).SelectMany(kind => Two(scope, kind, type, type, depth)),
    });

    private static Gen<Expression> Whole(Scope scope, Type type, int depth) => Pick(16, choice => choice switch
    {
        0 => Gen.Elements(Kind.Neg, Kind.Not).SelectMany(kind => One(scope, kind, type, depth)),
        1 or 2 => from kind in Gen.Elements(Kind.Shl, Kind.Shr, Kind.ShrUnsigned)
                  from x in Value(scope, type, depth)
                  from amount in Value(scope, Type.Int, depth)
                  select Make(kind, type, x, amount),
        3 => from kind in Gen.Elements(Kind.Div, Kind.Rem)
             from x in Value(scope, type, depth)
             from divisor in Gen.Elements(divisors)
             select Make(kind, type, x, Make(Kind.Constant, type, divisor)),
        4 => from kind in Gen.Elements(Kind.Div, Kind.Rem)
             from x in Value(scope, type, depth)
             from divisor in Divisor(scope, type, depth)
             select Make(kind, type, x, divisor),
        5 or 6 => Converted(scope, type, AnyNumber, depth),
        7 => Gen.Elements(Kind.Min, Kind.Max).SelectMany(kind => Two(scope, kind, type, type, depth)),
        8 when type == Type.Int && scope.Function + 1 < scope.Functions =>
            from x in Value(scope, Type.Int, depth)
            from f in Value(scope, Type.Float, depth)
            from callee in Gen.Choose(scope.Function + 1, scope.Functions - 1)
            select new Expression(Kind.Call, type, [x, f], callee),
        9 => Gen.Elements(Kind.And, Kind.Or, Kind.Xor).SelectMany(kind => Two(scope, kind, type, type, depth)),
        10 when type == Type.Int => from kind in Gen.Elements(Kind.PopCount, Kind.LeadingZeroCount, Kind.TrailingZeroCount)
                                    from of in Gen.Elements(Type.UInt, Type.ULong)
                                    from x in Value(scope, of, depth)
                                    select Make(kind, type, x),
        10 when type is Type.UInt or Type.ULong => from x in Value(scope, type, depth) from amount in Value(scope, Type.Int, depth) select Make(Kind.RotateLeft, type, x, amount),
        11 when ArraysOf(type) is { Length: > 0 } arrays => Gen.Elements(arrays).SelectMany(a => Element(scope, a, depth)),
        _ => Gen.Elements(Kind.Add, Kind.Sub, Kind.Mul).SelectMany(kind => Two(scope, kind, type, type, depth)),
    });

    /// <summary>1 to 1024: never zero, never -1.</summary>
    private static Gen<Expression> Divisor(Scope scope, Type type, int depth)
        => Value(scope, type, depth).Select(x => Make(Kind.Add, type, Make(Kind.And, type, x, Make(Kind.Constant, type, 1023)), Make(Kind.Constant, type, 1)));

    private static Expression Make(Kind kind, Type type, params Expression[] args) => new(kind, type, args);

    private static Expression Make(Kind kind, Type type, long number) => new(kind, type, [], number);
}
