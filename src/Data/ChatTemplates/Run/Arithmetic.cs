using System.Text;

namespace MmKernels.Data.ChatTemplates;

/// <summary>The binary operators + - * / // % ** on values of any type.</summary>
internal static class Arithmetic
{
    public static object? Apply(string op, object? left, object? right, Renderer renderer)
    {
        if (left is Undefined u) throw u.Error();
        if (op == "%" && left is string format) return renderer.Budget.Charged(PyFormat.Percent(format, right, renderer.Budget));
        if (right is Undefined v) throw v.Error();
        if (PyNumbers.IsNumber(left) && PyNumbers.IsNumber(right))
            return op switch
            {
                "+" => PyNumbers.Add(left!, right!),
                "-" => PyNumbers.Subtract(left!, right!),
                "*" => PyNumbers.Multiply(left!, right!),
                "/" => PyNumbers.Divide(left!, right!),
                "//" => PyNumbers.FloorDivide(left!, right!),
                "%" => PyNumbers.Modulo(left!, right!),
                _ => PyNumbers.Power(left!, right!),
            };
        return op switch
        {
            "+" => Concatenate(left, right, renderer.Budget),
            "*" when PyNumbers.IsInteger(right) => Repeat(left, PyNumbers.Long(right!), renderer.Budget),
            "*" when PyNumbers.IsInteger(left) => Repeat(right, PyNumbers.Long(left!), renderer.Budget),
            _ => null,
        } ?? throw Unsupported(op == "**" ? "** or pow()" : op, left, right);
    }

    private static object? Concatenate(object? left, object? right, Budget budget)
    {
        switch (left, right)
        {
            case (string a, string b):
                budget.Charge((long)a.Length + b.Length);
                return a + b;
            case (PyList a, PyList b):
                budget.Charge((long)a.Items.Count + b.Items.Count);
                return new PyList([.. a.Items, .. b.Items]);
            case (PyTuple a, PyTuple b):
                budget.Charge((long)a.Items.Length + b.Items.Length);
                return new PyTuple([.. a.Items, .. b.Items]);
            case (string or PyList or PyTuple, _):
                string type = Py.TypeName(left);
                throw Py.TypeError($"can only concatenate {type} (not \"{Py.TypeName(right)}\") to {type}");
            default:
                return null;
        }
    }

    private static object? Repeat(object? value, long count, Budget budget)
    {
        count = Math.Max(0, count);
        long size = value switch { string s => s.Length, PyList list => list.Items.Count, PyTuple tuple => tuple.Items.Length, _ => -1 };
        if (size < 0) return null;
        budget.Charge(size == 0 ? 0 : count > long.MaxValue / size ? long.MaxValue : size * count);
        if (size == 0) count = 0;
        return value switch
        {
            string s => new StringBuilder().Insert(0, s, (int)count).ToString(),
            PyList list => new PyList([.. Enumerable.Repeat(list.Items, (int)count).SelectMany(items => items)]),
            PyTuple tuple => new PyTuple([.. Enumerable.Repeat(tuple.Items, (int)count).SelectMany(items => items)]),
            _ => null,
        };
    }

    private static MmkException Unsupported(string op, object? left, object? right)
        => op == "*" && (left is string or PyList or PyTuple || right is string or PyList or PyTuple)
            ? Py.TypeError($"can't multiply sequence by non-int of type '{Py.TypeName(left is string or PyList or PyTuple ? right : left)}'")
            : Py.TypeError($"unsupported operand type(s) for {op}: '{Py.TypeName(left)}' and '{Py.TypeName(right)}'");
}
