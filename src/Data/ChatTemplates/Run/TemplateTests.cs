namespace MmKernels.Data.ChatTemplates;

/// <summary>The tests behind <c>is</c>.</summary>
internal static class TemplateTests
{
    public static readonly Dictionary<string, Func<Arguments, bool>> All = new()
    {
        ["defined"] = a => Value(a) is not Undefined,
        ["undefined"] = a => Value(a) is Undefined,
        ["none"] = a => Value(a) is null,
        ["boolean"] = a => Value(a) is bool,
        ["true"] = a => Value(a) is true,
        ["false"] = a => Value(a) is false,
        ["integer"] = a => Value(a) is long or System.Numerics.BigInteger,
        ["float"] = a => Value(a) is double,
        ["number"] = a => PyNumbers.IsNumber(Value(a)),
        ["string"] = a => Value(a) is string,
        ["mapping"] = a => Value(a) is PyDict,
        ["sequence"] = a => Value(a) is string or PyList or PyTuple or PyDict or PyRange or Undefined,
        ["iterable"] = a => Py.IsIterable(Value(a)),
        ["callable"] = a => Value(a) is PyCallable or Undefined,
        ["sameas"] = a => Same(Value(a), a.Required(1, "other")),
        ["escaped"] = _ => false,
        ["filter"] = a => Hashable(a) is string name && Filters.All.ContainsKey(name),
        ["test"] = a => Hashable(a) is string name && All!.ContainsKey(name),
        ["lower"] = a => Py.Text(Value(a)) is string text && PyText.IsCased(text) && PyText.Lower(text) == text,
        ["upper"] = a => Py.Text(Value(a)) is string text && PyText.IsCased(text) && PyText.Upper(text) == text,
        ["odd"] = a => Py.AreEqual(Modulo(a, 2L), 1L),
        ["even"] = a => Py.AreEqual(Modulo(a, 2L), 0L),
        ["divisibleby"] = a => Py.AreEqual(Modulo(a, a.Required(1, "num")), 0L),
        ["in"] = a => Compare("in", a),
        ["=="] = a => Compare("==", a), ["eq"] = a => Compare("==", a), ["equalto"] = a => Compare("==", a),
        ["!="] = a => Compare("!=", a), ["ne"] = a => Compare("!=", a),
        [">"] = a => Compare(">", a), ["gt"] = a => Compare(">", a), ["greaterthan"] = a => Compare(">", a),
        [">="] = a => Compare(">=", a), ["ge"] = a => Compare(">=", a),
        ["<"] = a => Compare("<", a), ["lt"] = a => Compare("<", a), ["lessthan"] = a => Compare("<", a),
        ["<="] = a => Compare("<=", a), ["le"] = a => Compare("<=", a),
    };

    private static object? Value(Arguments arguments) => arguments.Required(0, "value");

    private static object? Hashable(Arguments arguments)
        => Value(arguments) is PyList or PyDict ? throw Py.TypeError($"unhashable type: '{Py.TypeName(Value(arguments))}'") : Value(arguments);

    private static object? Modulo(Arguments arguments, object? divisor) => Arithmetic.Apply("%", Value(arguments), divisor, arguments.Renderer);

    private static bool Compare(string op, Arguments arguments) => arguments.Renderer.Compare(op, Value(arguments), arguments.Required(1, "other"));

    /// <summary>Identity: of constants and small integers as CPython shares them.</summary>
    private static bool Same(object? a, object? b) => (a, b) switch
    {
        (null, null) => true,
        (bool x, bool y) => x == y,
        (long x, long y) => x == y && x is >= -5 and <= 256,
        (string x, string y) => x == y,
        _ => ReferenceEquals(a, b),
    };
}
