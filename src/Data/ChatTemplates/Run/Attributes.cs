namespace MmKernels.Data.ChatTemplates;

/// <summary>value.name and value[key] under the rules of the sandbox: no underscores, nothing that changes a value.</summary>
internal static class Attributes
{
    private static readonly HashSet<string> ListChanges = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
    private static readonly HashSet<string> DictionaryChanges = ["clear", "pop", "popitem", "setdefault", "update"];

    /// <summary>Attribute first, then item.</summary>
    public static object? Get(object? target, string name, Renderer renderer)
    {
        if (target is Undefined undefined) throw undefined.Error();
        if (TryOwn(target, name, renderer, out object? value)) return value;
        return target is PyDict dict && dict.TryGet(name, out value) ? value : Undefined.Attribute(target, name);
    }

    /// <summary>Item first, then attribute.</summary>
    public static object? Item(object? target, object? key, Renderer renderer)
    {
        if (target is Undefined undefined) throw undefined.Error();
        if (target is PyDict dict && key is not (PyList or PyDict) && dict.TryGet(key, out object? value)) return value;
        if (PyNumbers.IsInteger(key) && TryIndex(target, PyNumbers.Long(key!), out value)) return value;
        if (key is string name && TryOwn(target, name, renderer, out value)) return value;
        return Undefined.Element(target, key);
    }

    private static bool TryIndex(object? target, long index, out object? value)
    {
        value = null;
        switch (target)
        {
            case PyList list:
                if (index < 0) index += list.Items.Count;
                if (index < 0 || index >= list.Items.Count) return false;
                value = list.Items[(int)index];
                return true;
            case PyTuple tuple:
                if (index < 0) index += tuple.Items.Length;
                if (index < 0 || index >= tuple.Items.Length) return false;
                value = tuple.Items[index];
                return true;
            case PyRange range:
                if (index < 0) index += range.Count;
                if (index < 0 || index >= range.Count) return false;
                value = range.Start + index * range.Step;
                return true;
            case string text:
                long length = PyText.Length(text);
                if (index < 0) index += length;
                if (index < 0 || index >= length) return false;
                int start = PyText.Position(text, index);
                value = text[start..(start + PyText.Position(text[start..], 1))];
                return true;
            default:
                return false;
        }
    }

    /// <summary>What Python's getattr gives; false where it raises AttributeError.</summary>
    private static bool TryOwn(object? target, string name, Renderer renderer, out object? value)
    {
        value = null;
        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && target is not PyNamespace)
        {
            value = Unsafe(target, name);
            return true;
        }
        switch (target)
        {
            case string text:
                value = StringMethods.All.TryGetValue(name, out Func<string, Arguments, object?>? method) ? new PyFunction(name, arguments => Scanned(arguments, text, method)) : null;
                break;
            case PyDict dict:
                value = DictionaryChanges.Contains(name) ? Unsafe(target, name) : DictionaryMethod(dict, name);
                break;
            case PyList list:
                value = ListChanges.Contains(name) ? Unsafe(target, name) : SequenceMethod(list.Items, name);
                break;
            case PyTuple tuple:
                int at = tuple.Names is null ? -1 : Array.IndexOf(tuple.Names, name);
                value = at >= 0 ? tuple.Items[at] : SequenceMethod(tuple.Items, name);
                return value is not null || at >= 0;
            case PyNamespace ns:
                return ns.Attributes.TryGet(name, out value);
            case LoopContext loop:
                return TryLoop(loop, name, out value);
            case Macro macro:
                value = MacroAttribute(macro, name);
                break;
            case PyCycler cycler:
                if (name == "current")
                {
                    value = cycler.Current;
                    return true;
                }
                value = name switch
                {
                    "next" => new PyFunction(name, _ => cycler.Next()),
                    "reset" => new PyFunction(name, _ => { cycler.Reset(); return null; }),
                    _ => null,
                };
                break;
            case double number when name == "is_integer":
                value = new PyFunction(name, _ => Math.Floor(number) == number);
                break;
        }
        return value is not null;
    }

    private static object? Scanned(Arguments arguments, string text, Func<string, Arguments, object?> method)
    {
        arguments.Budget.Scan(text);
        return method(text, arguments);
    }

    private static Undefined Unsafe(object? target, string name)
        => new($"access to attribute {PyRepr.Quote(name)} of '{Py.TypeName(target)}' object is unsafe.", "SecurityError");

    private static PyFunction? DictionaryMethod(PyDict dict, string name) => name switch
    {
        "get" => new PyFunction(name, arguments => dict.TryGet(arguments.Required(0, "key"), out object? value) ? value : arguments.Optional(1, "default")),
        "keys" => new PyFunction(name, arguments => View(arguments, dict, "dict_keys", item => item.Key)),
        "values" => new PyFunction(name, arguments => View(arguments, dict, "dict_values", item => item.Value)),
        "items" => new PyFunction(name, arguments => View(arguments, dict, "dict_items", item => new PyTuple([item.Key, item.Value]))),
        "copy" => new PyFunction(name, _ => dict),
        _ => null,
    };

    private static PyView View(Arguments arguments, PyDict dict, string kind, Func<KeyValuePair<object?, object?>, object?> part)
    {
        arguments.Budget.Charge(dict.Items.Count);
        return new PyView(kind, [.. dict.Items.Select(part)]);
    }

    private static PyFunction? SequenceMethod(IReadOnlyList<object?> items, string name) => name switch
    {
        "count" => new PyFunction(name, arguments => (long)items.Count(item => Py.AreEqual(item, arguments.Required(0, "value")))),
        "index" => new PyFunction(name, arguments =>
        {
            object? sought = arguments.Required(0, "value");
            for (int i = 0; i < items.Count; i++)
                if (Py.AreEqual(items[i], sought)) return (long)i;
            throw Py.ValueError($"{PyRepr.Repr(sought, new PyDepth())} is not in list");
        }),
        "copy" when items is List<object?> list => new PyFunction(name, _ => new PyList(list)),
        _ => null,
    };

    private static object? MacroAttribute(Macro macro, string name) => name switch
    {
        "name" => macro.Name,
        "arguments" => new PyTuple([.. macro.Signature.Names]),
        "catch_kwargs" => macro.Signature.UsesKeywords,
        "catch_varargs" => macro.Signature.UsesVariable,
        "caller" => macro.Signature.UsesCaller,
        _ => null,
    };

    private static bool TryLoop(LoopContext loop, string name, out object? value)
    {
        value = name switch
        {
            "index" => loop.Index,
            "index0" => loop.Index - 1,
            "revindex" => loop.Count - loop.Index + 1,
            "revindex0" => loop.Count - loop.Index,
            "first" => loop.Index == 1,
            "last" => loop.IsLast,
            "length" => loop.Count,
            "depth" => (long)loop.Depth + 1,
            "depth0" => (long)loop.Depth,
            "previtem" => loop.Previous,
            "nextitem" => loop.Next,
            "cycle" => new PyFunction(name, arguments => arguments.Positional.Count == 0 ? throw Py.TypeError("no items for cycling given")
                : arguments.Positional[(int)((loop.Index - 1) % arguments.Positional.Count)]),
            "changed" => new PyFunction(name, arguments => loop.Changed(arguments.Positional)),
            _ => null,
        };
        return value is not null || name is "previtem" or "nextitem";
    }
}
