using System.Runtime.CompilerServices;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>
/// Refuses filters and tests that do not exist before anything is rendered. Inside an if, and in conditional expressions, such a name is an error only when
/// it is reached, as in the reference: templates probe for features that way.
/// </summary>
internal sealed class TemplateChecker(string name)
{
    private int line;

    public void Check(List<Statement> body, bool soft)
    {
        foreach (Statement statement in body)
        {
            line = statement.Line;
            switch (statement)
            {
                case Statement.Print print: Check(print.Value, soft); break;
                case Statement.If choice:
                    Check(choice.Test, true);
                    Check(choice.Then, true);
                    Check(choice.Else, true);
                    break;
                case Statement.For loop:
                    Check(loop.Values, soft);
                    if (loop.Test is not null) Check(loop.Test, false);
                    Check(loop.Body, false);
                    Check(loop.Else, false);
                    break;
                case Statement.Set set: Check(set.Value, soft); break;
                case Statement.SetBlock set:
                    Check(set.Body, false);
                    if (set.Filter is not null) Check(set.Filter, false);
                    break;
                case Statement.With with:
                    foreach ((_, Expression value) in with.Values) Check(value, soft);
                    Check(with.Body, false);
                    break;
                case Statement.Macro macro:
                    macro.Signature.Defaults.ForEach(value => Check(value, false));
                    Check(macro.Body, false);
                    break;
                case Statement.CallBlock block:
                    Check(block.Call, soft);
                    Check(block.Body, false);
                    break;
                case Statement.FilterBlock block:
                    Check(block.Body, false);
                    Check(block.Filter, false);
                    break;
                case Statement.Block block: Check(block.Body, false); break;
            }
        }
    }

    private void Check(Expression? expression, bool soft)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw TextErrors.TemplateLimit($"{name}, line {line}: an expression of too many parts");
        switch (expression)
        {
            case Expression.Filter filter:
                if (!soft && !Filters.All.ContainsKey(filter.Id)) throw TextErrors.TemplateSyntax(name, line, $"No filter named '{filter.Id}'.", "TemplateAssertionError");
                Check(filter.Target, soft);
                Check(filter.Arguments, soft);
                break;
            case Expression.Test test:
                if (!soft && !TemplateTests.All.ContainsKey(test.Id)) throw TextErrors.TemplateSyntax(name, line, $"No test named '{test.Id}'.", "TemplateAssertionError");
                Check(test.Target, soft);
                Check(test.Arguments, soft);
                break;
            case Expression.Conditional conditional:
                Check(conditional.Condition, true);
                Check(conditional.Then, true);
                Check(conditional.Else, true);
                break;
            case Expression.Sequence sequence: sequence.Items.ForEach(item => Check(item, soft)); break;
            case Expression.Dictionary dictionary:
                foreach ((Expression key, Expression value) in dictionary.Items)
                {
                    Check(key, soft);
                    Check(value, soft);
                }
                break;
            case Expression.Attribute attribute: Check(attribute.Target, soft); break;
            case Expression.Item item:
                Check(item.Target, soft);
                Check(item.Index, soft);
                break;
            case Expression.Slice slice:
                Check(slice.Start, soft);
                Check(slice.Stop, soft);
                Check(slice.Step, soft);
                break;
            case Expression.Call call:
                Check(call.Target, soft);
                Check(call.Arguments, soft);
                break;
            case Expression.Unary unary: Check(unary.Operand, soft); break;
            case Expression.Binary binary:
                Check(binary.Left, soft);
                Check(binary.Right, soft);
                break;
            case Expression.Concat concat: concat.Parts.ForEach(part => Check(part, soft)); break;
            case Expression.Compare compare:
                Check(compare.First, soft);
                foreach ((_, Expression operand) in compare.Rest) Check(operand, soft);
                break;
        }
    }

    private void Check(CallArguments arguments, bool soft)
    {
        arguments.Positional.ForEach(value => Check(value, soft));
        foreach ((_, Expression value) in arguments.Named) Check(value, soft);
        Check(arguments.List, soft);
        Check(arguments.Mapping, soft);
    }
}
