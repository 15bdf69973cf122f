namespace MmKernels.Tests.Programs;

/// <summary>Programs that are one step simpler than a given one.</summary>
internal static class Shrinker
{
    public static IEnumerable<Sample> Simpler(Sample sample)
    {
        foreach (Step[] steps in Simpler(sample.Steps))
            if (steps.Length > 0) yield return sample with { Steps = steps };
        for (int f = 0; f < sample.Functions.Length; f++)
            foreach (Statement[] body in Simpler(sample.Functions[f].Body))
                yield return sample with { Functions = With(sample.Functions, f, new Function(body)) };
    }

    private static T[] With<T>(T[] items, int index, T item) => [.. items[..index], item, .. items[(index + 1)..]];

    private static T[] Without<T>(T[] items, int index, params T[] instead) => [.. items[..index], .. instead, .. items[(index + 1)..]];

    private static IEnumerable<Step[]> Simpler(Step[] steps)
    {
        for (int i = 0; i < steps.Length; i++)
        {
            yield return Without(steps, i, steps[i].Inner);
            foreach (Step[] inner in Simpler(steps[i].Inner))
                if (inner.Length > 0) yield return With(steps, i, steps[i] with { Inner = inner });
        }
    }

    private static IEnumerable<Statement[]> Simpler(Statement[] body)
    {
        for (int i = 0; i < body.Length; i++)
        {
            yield return Without(body, i);
            foreach (Statement[] inner in body[i].Bodies) yield return Without(body, i, inner);
            foreach (Statement simpler in Simpler(body[i])) yield return With(body, i, simpler);
        }
    }

    private static IEnumerable<Statement> Simpler(Statement statement)
    {
        for (int b = 0; b < statement.Bodies.Length; b++)
            foreach (Statement[] body in Simpler(statement.Bodies[b])) yield return statement with { Bodies = With(statement.Bodies, b, body) };
        if (statement.Value is { } value)
            foreach (Expression simpler in Simpler(value)) yield return statement with { Value = simpler };
    }

    private static IEnumerable<Expression> Simpler(Expression e)
    {
        if (e.Kind is not Kind.Constant) yield return new Expression(Kind.Constant, e.Type, [], 0);
        foreach (Expression arg in e.Args)
            if (arg.Type == e.Type) yield return arg;
        bool keepsDivisor = e.Kind is Kind.Div or Kind.Rem;
        for (int a = 0; a < (keepsDivisor ? 1 : e.Args.Length); a++)
            foreach (Expression simpler in Simpler(e.Args[a])) yield return e with { Args = With(e.Args, a, simpler) };
    }
}
