using System.Numerics;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>
/// Python's rules for values. None is null, and bool, long, <see cref="BigInteger"/>, double, string stand for themselves;
/// the other types are the classes beside this file.
/// </summary>
internal static class Py
{
    public static MmkException TypeError(string problem) => TextErrors.TemplateFailed("TypeError", problem);

    public static MmkException ValueError(string problem) => TextErrors.TemplateFailed("ValueError", problem);

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long n => n != 0,
        BigInteger n => !n.IsZero,
        double d => d != 0,
        string s => s.Length > 0,
        PyList list => list.Items.Count > 0,
        PyTuple tuple => tuple.Items.Length > 0,
        PyDict dict => dict.Items.Count > 0,
        PyView view => view.Items.Count > 0,
        PyRange range => range.Count > 0,
        _ => true,
    };

    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        Undefined => "Undefined",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        PyList => "list",
        PyTuple => "tuple",
        PyDict => "dict",
        PyView view => view.Kind,
        PyGenerator => "generator",
        PyRange => "range",
        PyNamespace => "Namespace",
        PyCycler => "Cycler",
        LoopContext => "LoopContext",
        Macro => "Macro",
        PyFunction => "function",
        _ => value.GetType().Name,
    };

    /// <summary>The elements that a for loop visits.</summary>
    public static IEnumerable<object?> Iterate(object? value) => value switch
    {
        Undefined => [],
        string text => PyText.Characters(text),
        PyList list => list.Items,
        PyTuple tuple => tuple.Items,
        PyDict dict => dict.Items.Select(item => item.Key),
        PyView view => view.Items,
        PyGenerator generator => generator.Take(),
        PyRange range => range.Items(),
        _ => throw TypeError($"'{TypeName(value)}' object is not iterable"),
    };

    public static bool IsIterable(object? value) => value is Undefined or string or PyList or PyTuple or PyDict or PyView or PyGenerator or PyRange;

    /// <summary>len().</summary>
    public static long Length(object? value) => value switch
    {
        Undefined => 0,
        string text => PyText.Length(text),
        PyList list => list.Items.Count,
        PyTuple tuple => tuple.Items.Length,
        PyDict dict => dict.Items.Count,
        PyView view => view.Items.Count,
        PyRange range => range.Count,
        _ => throw TypeError($"object of type '{TypeName(value)}' has no len()"),
    };

    /// <summary>Parts of a value that has any.</summary>
    public static long Size(object? value) => value is PyList or PyTuple or PyDict or PyView ? Length(value) : value is PyNamespace ns ? ns.Attributes.Items.Count : 0;

    /// <summary>str().</summary>
    public static string Text(object? value) => value switch
    {
        string text => text,
        Undefined => "",
        _ => PyRepr.Repr(value, new PyDepth()),
    };

    public static bool AreEqual(object? a, object? b) => AreEqual(a, b, new PyDepth());

    public static bool AreEqual(object? a, object? b, PyDepth depth)
    {
        if (PyNumbers.IsNumber(a) && PyNumbers.IsNumber(b)) return PyNumbers.Compare(a!, b!) == 0;
        switch (a, b)
        {
            case (null, null) or (Undefined, Undefined):
                return true;
            case (string s, string t):
                return s == t;
            case (PyList x, PyList y):
                return AreEqual(x.Items, y.Items, depth);
            case (PyTuple x, PyTuple y):
                return AreEqual(x.Items, y.Items, depth);
            case (PyView x, PyView y):
                return AreEqual(x.Items, y.Items, depth);
            case (PyRange x, PyRange y):
                return x == y;
            case (PyDict x, PyDict y):
                if (x.Items.Count != y.Items.Count) return false;
                depth.Enter(x.Items.Count);
                bool same = true;
                foreach ((object? key, object? value) in x.Items)
                    if (!y.TryGet(key, out object? other) || !AreEqual(value, other, depth)) { same = false; break; }
                depth.Leave();
                return same;
            default:
                return ReferenceEquals(a, b);
        }
    }

    /// <summary>-1, 0 or 1 (2 where a float is not a number); an error where Python has no order.</summary>
    public static int Compare(object? a, object? b, string op, PyDepth depth)
    {
        if (a is Undefined u) throw u.Error();
        if (b is Undefined v) throw v.Error();
        if (PyNumbers.IsNumber(a) && PyNumbers.IsNumber(b)) return PyNumbers.Compare(a!, b!);
        IReadOnlyList<object?>? left = (a as PyList)?.Items, right = (b as PyList)?.Items;
        if (a is PyTuple x && b is PyTuple y) (left, right) = (x.Items, y.Items);
        if (left is not null && right is not null)
        {
            depth.Enter(left.Count);
            for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
                if (!AreEqual(left[i], right[i], depth))
                {
                    int order = Compare(left[i], right[i], op, depth);
                    depth.Leave();
                    return order;
                }
            depth.Leave();
            return left.Count.CompareTo(right.Count);
        }
        if (a is string s && b is string t) return PyText.Compare(s, t);
        throw TypeError($"'{op}' not supported between instances of '{TypeName(a)}' and '{TypeName(b)}'");
    }

    /// <summary>The operator <c>in</c>.</summary>
    public static bool Contains(object? container, object? item)
    {
        switch (container)
        {
            case string text:
                if (item is Undefined undefined) throw undefined.Error();
                return item is string part ? text.Contains(part, StringComparison.Ordinal)
                    : throw TypeError($"'in <string>' requires string as left operand, not {TypeName(item)}");
            case PyDict dict:
                return dict.TryGet(item, out _);
            case PyNamespace:
                throw TypeError("argument of type 'Namespace' is not iterable");
            default:
                if (!IsIterable(container)) throw TypeError($"argument of type '{TypeName(container)}' is not iterable");
                foreach (object? element in Iterate(container))
                    if (AreEqual(element, item)) return true;
                return false;
        }
    }

    private static bool AreEqual(IReadOnlyList<object?> a, IReadOnlyList<object?> b, PyDepth depth)
    {
        if (a.Count != b.Count) return false;
        depth.Enter(a.Count);
        for (int i = 0; i < a.Count; i++)
            if (!AreEqual(a[i], b[i], depth))
            {
                depth.Leave();
                return false;
            }
        depth.Leave();
        return true;
    }
}
