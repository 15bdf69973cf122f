using System.Text;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Renders statements; expressions are in the other half.</summary>
internal sealed partial class Renderer(TemplateLimits limits, DateTime now)
{
    private enum Flow { Next, Break, Continue }

    private StringBuilder output = new();

    public Budget Budget { get; } = new(limits);

    /// <summary>What strftime_now shows.</summary>
    public DateTime Now { get; } = now;

    /// <summary>The line of the statement that is being rendered.</summary>
    public int Line { get; private set; } = 1;

    public string Render(List<Statement> body, Scope variables)
    {
        Run(body, new Scope(variables));
        return output.ToString();
    }

    /// <summary>Renders into a string of its own.</summary>
    public string Capture(List<Statement> body, Scope scope)
    {
        StringBuilder outer = output;
        output = new StringBuilder();
        try
        {
            Run(body, scope);
            return output.ToString();
        }
        finally { output = outer; }
    }

    private void Write(string text)
    {
        Budget.Charge(text.Length);
        output.Append(text);
    }

    private Flow Run(List<Statement> body, Scope scope)
    {
        Budget.Enter();
        foreach (Statement statement in body)
        {
            Budget.Step();
            Line = statement.Line;
            Flow flow = Run(statement, scope);
            if (flow == Flow.Next) continue;
            Budget.Leave();
            return flow;
        }
        Budget.Leave();
        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case Statement.Data data:
                Write(data.Text);
                return Flow.Next;
            case Statement.Print print:
                Write(Py.Text(Evaluate(print.Value, scope)));
                return Flow.Next;
            case Statement.If choice:
                return Run(Py.IsTrue(Evaluate(choice.Test, scope)) ? choice.Then : choice.Else, scope);
            case Statement.For loop:
                return RunFor(loop, Evaluate(loop.Values, scope), scope, 0);
            case Statement.Set set:
                Assign(set.Target, Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case Statement.SetBlock set:
                string text = Capture(set.Body, new Scope(scope));
                Assign(set.Target, set.Filter is null ? text : EvaluateFilter(set.Filter, scope, text), scope);
                return Flow.Next;
            case Statement.With with:
                RunWith(with, scope);
                return Flow.Next;
            case Statement.Macro macro:
                scope[macro.Name] = new Macro(macro.Name, macro.Signature, macro.Body, scope, this);
                return Flow.Next;
            case Statement.CallBlock block:
                RunCallBlock(block, scope);
                return Flow.Next;
            case Statement.FilterBlock block:
                Write(Py.Text(EvaluateFilter(block.Filter, scope, Capture(block.Body, new Scope(scope)))));
                return Flow.Next;
            case Statement.Block block:
                return Run(block.Body, block.OwnScope ? new Scope(scope) : scope);
            case Statement.Break:
                return Flow.Break;
            case Statement.Continue:
                return Flow.Continue;
            default:
                throw Py.TypeError("no loader for this environment specified");
        }
    }

    private Flow RunFor(Statement.For loop, object? values, Scope scope, int level)
    {
        IEnumerable<object?> items = Py.Iterate(values);
        if (loop.Test is not null) items = items.Where(item => Accepts(loop, item, scope));
        using IEnumerator<object?> enumerator = items.GetEnumerator();
        Func<object?, string>? recurse = loop.Recursive ? inner => Recurse(loop, inner, scope, level + 1) : null;
        var context = new LoopContext(enumerator, level, recurse);
        Flow flow = Flow.Next;
        while (flow != Flow.Break && context.Advance(out object? item))
        {
            Budget.Step();
            var inner = new Scope(scope) { ["loop"] = context };
            Assign(loop.Target, item, inner);
            flow = Run(loop.Body, inner);
        }
        return context.Index == 0 ? Run(loop.Else, new Scope(scope)) : Flow.Next;
    }

    private bool Accepts(Statement.For loop, object? item, Scope scope)
    {
        Budget.Step();
        var inner = new Scope(scope);
        Assign(loop.Target, item, inner);
        return Py.IsTrue(Evaluate(loop.Test!, inner));
    }

    private string Recurse(Statement.For loop, object? values, Scope scope, int level)
    {
        StringBuilder outer = output;
        output = new StringBuilder();
        Budget.Enter();
        try
        {
            RunFor(loop, values, scope, level);
            return output.ToString();
        }
        finally
        {
            Budget.Leave();
            output = outer;
        }
    }

    private void RunWith(Statement.With with, Scope scope)
    {
        var inner = new Scope(scope);
        var values = new object?[with.Values.Count];
        for (int i = 0; i < values.Length; i++) values[i] = Evaluate(with.Values[i].Value, scope);
        for (int i = 0; i < values.Length; i++) Assign(with.Values[i].Target, values[i], inner);
        Run(with.Body, inner);
    }

    private void RunCallBlock(Statement.CallBlock block, Scope scope)
    {
        var caller = new Macro("caller", block.Signature, block.Body, scope, this);
        Arguments arguments = EvaluateArguments("call", block.Call.Arguments, scope, []);
        arguments.Named.Add(("caller", caller));
        Write(Py.Text(Invoke(Evaluate(block.Call.Target, scope), arguments)));
    }

    private void Assign(Target target, object? value, Scope scope)
    {
        if (target.Items is not null)
        {
            if (!Py.IsIterable(value)) throw Py.TypeError($"cannot unpack non-iterable {Py.TypeName(value)} object");
            List<object?> values = [.. Py.Iterate(value)];
            if (values.Count != target.Items.Count)
                throw Py.ValueError(values.Count > target.Items.Count ? $"too many values to unpack (expected {target.Items.Count})"
                    : $"not enough values to unpack (expected {target.Items.Count}, got {values.Count})");
            for (int i = 0; i < values.Count; i++) Assign(target.Items[i], values[i], scope);
        }
        else if (target.Attribute is not null)
        {
            if (scope.Get(target.Name!) is not PyNamespace ns) throw TextErrors.TemplateFailed("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
            if (target.Attribute.StartsWith('_'))
                throw TextErrors.TemplateFailed("SecurityError", $"Chat templates cannot store underscore-prefixed attributes on a namespace, but got '{target.Attribute}'. Please rename the attribute.");
            ns.Attributes[target.Attribute] = value;
        }
        else scope[target.Name!] = value;
    }
}
