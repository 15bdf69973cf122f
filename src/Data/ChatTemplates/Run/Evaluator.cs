namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Evaluates expressions.</summary>
internal sealed partial class Renderer
{
    public object? Evaluate(Expression expression, Scope scope)
    {
        Budget.Step();
        Budget.Enter();
        object? value = expression switch
        {
            Expression.Constant constant => constant.Value,
            Expression.Name name => scope.Get(name.Id),
            Expression.Sequence sequence => EvaluateSequence(sequence, scope),
            Expression.Dictionary dictionary => EvaluateDictionary(dictionary, scope),
            Expression.Attribute attribute => Attributes.Get(Evaluate(attribute.Target, scope), attribute.Id, this),
            Expression.Item item => EvaluateItem(item, scope),
            Expression.Call call => EvaluateCall(call, scope),
            Expression.Filter filter => EvaluateFilter(filter, scope, null),
            Expression.Test test => EvaluateTest(test, scope),
            Expression.Unary unary => EvaluateUnary(unary, scope),
            Expression.Binary binary => EvaluateBinary(binary, scope),
            Expression.Concat concat => Budget.Charged(string.Concat(concat.Parts.Select(part => Py.Text(Evaluate(part, scope))))),
            Expression.Compare compare => EvaluateCompare(compare, scope),
            Expression.Conditional conditional => EvaluateConditional(conditional, scope),
            _ => throw Py.TypeError("a slice stands only in brackets"),
        };
        Budget.Leave();
        return value;
    }

    /// <summary>Calls a value.</summary>
    public object? Invoke(object? target, Arguments arguments)
    {
        if (target is Undefined undefined) throw undefined.Error();
        if (target is not PyCallable callable) throw Py.TypeError($"'{Py.TypeName(target)}' object is not callable");
        foreach (object? argument in arguments.Positional) Budget.Scan(argument);
        Budget.Enter();
        object? result = callable.Call(arguments with { Function = callable.Name });
        Budget.Leave();
        return result;
    }

    /// <summary>Applies a filter by name.</summary>
    public object? ApplyFilter(string id, Arguments arguments)
    {
        foreach (object? argument in arguments.Positional) Budget.Scan(argument);
        return Filters.All.TryGetValue(id, out Func<Arguments, object?>? filter) ? filter(arguments with { Function = id })
            : throw TextErrors.TemplateFailed("TemplateRuntimeError", $"No filter named '{id}' found.");
    }

    /// <summary>Applies a test by name.</summary>
    public bool ApplyTest(string id, Arguments arguments)
    {
        foreach (object? argument in arguments.Positional) Budget.Scan(argument);
        return TemplateTests.All.TryGetValue(id, out Func<Arguments, bool>? test) ? test(arguments with { Function = id })
            : throw TextErrors.TemplateFailed("TemplateRuntimeError", $"No test named '{id}' found.");
    }

    private object EvaluateSequence(Expression.Sequence sequence, Scope scope)
    {
        var items = new List<object?>(sequence.Items.Count);
        foreach (Expression item in sequence.Items) items.Add(Evaluate(item, scope));
        return sequence.IsTuple ? new PyTuple([.. items]) : new PyList(items);
    }

    private PyDict EvaluateDictionary(Expression.Dictionary dictionary, Scope scope)
    {
        var result = new PyDict();
        foreach ((Expression key, Expression value) in dictionary.Items) result[Evaluate(key, scope)] = Evaluate(value, scope);
        return result;
    }

    private object? EvaluateItem(Expression.Item item, Scope scope)
    {
        object? target = Evaluate(item.Target, scope);
        Budget.Scan(target is string ? target : null);
        if (item.Index is not Expression.Slice slice) return Attributes.Item(target, Evaluate(item.Index, scope), this);
        return Slicing.Slice(target, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step), Budget);

        object? Bound(Expression? bound) => bound is null ? null : Evaluate(bound, scope);
    }

    private object? EvaluateCall(Expression.Call call, Scope scope)
    {
        object? target = Evaluate(call.Target, scope);
        return Invoke(target, EvaluateArguments("call", call.Arguments, scope, []));
    }

    /// <summary>A chain of filters whose first one has no target applies to the text of a block.</summary>
    private object? EvaluateFilter(Expression.Filter filter, Scope scope, string? block)
    {
        object? value = filter.Target switch
        {
            null => block,
            Expression.Filter inner => EvaluateInner(inner, scope, block),
            _ => Evaluate(filter.Target, scope),
        };
        return ApplyFilter(filter.Id, EvaluateArguments(filter.Id, filter.Arguments, scope, [value]));
    }

    private object? EvaluateInner(Expression.Filter filter, Scope scope, string? block)
    {
        Budget.Step();
        Budget.Enter();
        object? value = EvaluateFilter(filter, scope, block);
        Budget.Leave();
        return value;
    }

    private bool EvaluateTest(Expression.Test test, Scope scope)
        => ApplyTest(test.Id, EvaluateArguments(test.Id, test.Arguments, scope, [Evaluate(test.Target, scope)])) != test.Negated;

    private Arguments EvaluateArguments(string function, CallArguments written, Scope scope, List<object?> positional)
    {
        foreach (Expression argument in written.Positional) positional.Add(Evaluate(argument, scope));
        var named = new List<(string, object?)>();
        foreach ((string name, Expression value) in written.Named) named.Add((name, Evaluate(value, scope)));
        if (written.List is not null)
            foreach (object? item in Py.Iterate(Evaluate(written.List, scope)))
            {
                Budget.Charge(1);
                positional.Add(item);
            }
        if (written.Mapping is not null)
        {
            if (Evaluate(written.Mapping, scope) is not PyDict mapping) throw Py.TypeError("argument after ** must be a mapping");
            foreach ((object? key, object? value) in mapping.Items)
                named.Add((key as string ?? throw Py.TypeError("keywords must be strings"), value));
        }
        return new Arguments(function, positional, named, this);
    }

    private object? EvaluateUnary(Expression.Unary unary, Scope scope)
    {
        object? operand = Evaluate(unary.Operand, scope);
        if (unary.Operator == "not") return !Py.IsTrue(operand);
        if (operand is Undefined undefined) throw undefined.Error();
        if (!PyNumbers.IsNumber(operand)) throw Py.TypeError($"bad operand type for unary {unary.Operator}: '{Py.TypeName(operand)}'");
        return unary.Operator == "-" ? PyNumbers.Negate(operand!) : operand is bool b ? b ? 1L : 0L : operand;
    }

    private object? EvaluateBinary(Expression.Binary binary, Scope scope)
    {
        object? left = Evaluate(binary.Left, scope);
        if (binary.Operator == "or") return Py.IsTrue(left) ? left : Evaluate(binary.Right, scope);
        if (binary.Operator == "and") return Py.IsTrue(left) ? Evaluate(binary.Right, scope) : left;
        return Arithmetic.Apply(binary.Operator, left, Evaluate(binary.Right, scope), this);
    }

    private bool EvaluateCompare(Expression.Compare compare, Scope scope)
    {
        object? left = Evaluate(compare.First, scope);
        foreach ((string op, Expression operand) in compare.Rest)
        {
            object? right = Evaluate(operand, scope);
            if (!Compare(op, left, right)) return false;
            left = right;
        }
        return true;
    }

    /// <summary>One comparison: == != &lt; &lt;= &gt; &gt;= in, not in.</summary>
    public bool Compare(string op, object? left, object? right)
    {
        Budget.Scan(left);
        Budget.Scan(right);
        return op switch
        {
            "==" => Py.AreEqual(left, right),
            "!=" => !Py.AreEqual(left, right),
            "in" => Py.Contains(right, left),
            "not in" => !Py.Contains(right, left),
            "<" => Py.Compare(left, right, op, new PyDepth()) == -1,
            "<=" => Py.Compare(left, right, op, new PyDepth()) is -1 or 0,
            ">" => Py.Compare(left, right, op, new PyDepth()) == 1,
            _ => Py.Compare(left, right, op, new PyDepth()) is 0 or 1,
        };
    }

    private object? EvaluateConditional(Expression.Conditional conditional, Scope scope)
    {
        if (Py.IsTrue(Evaluate(conditional.Condition, scope))) return Evaluate(conditional.Then, scope);
        return conditional.Else is null ? new Undefined("the inline if-expression evaluated to false and no else section was defined.") : Evaluate(conditional.Else, scope);
    }
}
