namespace MmKernels.Tests.Programs;

/// <summary>Programs that are one step simpler than a given one.</summary>
internal static class Shrinker
{
    public static IEnumerable<Sample> Simpler(Sample sample)
    {
        for (int f = 0; f < sample.Functions.Length; f++)
            foreach (Statement[] body in Simpler(sample.Functions[f].Body))
                yield return sample with { Functions = [.. sample.Functions.Select((function, i) => i == f ? new Function(body) : function)] };
        for (int i = 0; i < sample.Steps.Length; i++)
            if (sample.Steps.Length > 1) yield return sample with { Steps = [.. sample.Steps[..i], .. sample.Steps[(i + 1)..]] };
    }

    private static IEnumerable<Statement[]> Simpler(Statement[] body)
    {
        for (int i = 0; i < body.Length; i++)
        {
            yield return [.. body[..i], .. body[(i + 1)..]];
            foreach (Statement[] inner in body[i].Bodies) yield return [.. body[..i], .. inner, .. body[(i + 1)..]];
            foreach (Statement simpler in Simpler(body[i])) yield return [.. body[..i], simpler, .. body[(i + 1)..]];
        }
    }

    private static IEnumerable<Statement> Simpler(Statement statement)
    {
        for (int b = 0; b < statement.Bodies.Length; b++)
            foreach (Statement[] body in Simpler(statement.Bodies[b]))
                yield return statement with { Bodies = [.. statement.Bodies.Select((old, i) => i == b ? body : old)] };
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
            foreach (Expression simpler in Simpler(e.Args[a]))
                yield return e with { Args = [.. e.Args.Select((old, i) => i == a ? simpler : old)] };
    }
}
