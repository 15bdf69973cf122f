namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Filters that walk over the elements of a value.</summary>
internal static class SequenceFilters
{
    public static List<object?> Collect(object? value, Budget budget)
    {
        var items = new List<object?>();
        foreach (object? item in Py.Iterate(value))
        {
            budget.Charge(1);
            items.Add(item);
        }
        return items;
    }

    public static object? Items(Arguments arguments)
    {
        return new PyGenerator("do_items", Pairs(Filters.Value(arguments)));

        static IEnumerable<object?> Pairs(object? value)
        {
            if (value is Undefined) yield break;
            if (value is not PyDict dict) throw Py.TypeError("Can only get item pairs from a mapping.");
            foreach ((object? key, object? item) in dict.Items) yield return new PyTuple([key, item]);
        }
    }

    public static object? DictSort(Arguments arguments)
    {
        if (Filters.Value(arguments) is not PyDict dict) throw Py.TypeError("dictsort needs a mapping");
        bool caseSensitive = arguments.Flag(1, "case_sensitive", false), reverse = arguments.Flag(3, "reverse", false);
        int by = arguments.Text(2, "by", "key") switch { "key" => 0, "value" => 1, _ => throw TextErrors.TemplateFailed("FilterArgumentError", "You can only sort by either \"key\" or \"value\"") };
        List<object?> pairs = [.. dict.Items.Select(item => new PyTuple([item.Key, item.Value]))];
        return new PyList(Sorted(pairs, pair => Folded(((PyTuple)pair!).Items[by], caseSensitive), reverse, arguments.Budget));
    }

    public static object? First(Arguments arguments)
    {
        foreach (object? item in Py.Iterate(Filters.Value(arguments))) return item;
        return new Undefined("No first item, sequence was empty.");
    }

    public static object? Last(Arguments arguments)
    {
        object? value = Filters.Value(arguments);
        if (value is PyGenerator) throw Py.TypeError("'generator' object is not reversible");
        List<object?> items = Collect(value, arguments.Budget);
        return items.Count > 0 ? items[^1] : new Undefined("No last item, sequence was empty.");
    }

    public static object? Join(Arguments arguments)
    {
        string separator = Py.Text(arguments.Optional(1, "d", ""));
        List<object?> items = Collect(Filters.Value(arguments), arguments.Budget);
        if (arguments.Optional(2, "attribute") is { } attribute) items = items.ConvertAll(item => Lookup(item, attribute, arguments));
        return StringMethods.Join(separator, new PyList(items.ConvertAll<object?>(item => Py.Text(item))), arguments.Budget);
    }

    public static object? Sort(Arguments arguments)
    {
        bool reverse = arguments.Flag(1, "reverse", false), caseSensitive = arguments.Flag(2, "case_sensitive", false);
        object? attribute = arguments.Optional(3, "attribute");
        List<object?> items = Collect(Filters.Value(arguments), arguments.Budget);
        string[] paths = attribute is string several ? several.Split(',') : [];
        return new PyList(Sorted(items, Key, reverse, arguments.Budget));

        object? Key(object? item) => attribute is null ? Folded(item, caseSensitive)
            : attribute is not string ? Folded(Lookup(item, attribute, arguments), caseSensitive)
            : new PyList([.. paths.Select(path => Folded(Lookup(item, path, arguments), caseSensitive))]);
    }

    public static object? Unique(Arguments arguments)
    {
        bool caseSensitive = arguments.Flag(1, "case_sensitive", false);
        object? attribute = arguments.Optional(2, "attribute");
        return new PyGenerator("do_unique", Distinct());

        IEnumerable<object?> Distinct()
        {
            var seen = new PyDict();
            foreach (object? item in Py.Iterate(Filters.Value(arguments)))
            {
                arguments.Budget.Step();
                object? key = Folded(attribute is null ? item : Lookup(item, attribute, arguments), caseSensitive);
                if (seen.TryGet(key, out _)) continue;
                seen[key] = null;
                yield return item;
            }
        }
    }

    public static object? Reverse(Arguments arguments)
    {
        object? value = Filters.Value(arguments);
        List<object?> items = Collect(value, arguments.Budget);
        items.Reverse();
        return value is string ? string.Concat(items) : value is PyGenerator ? new PyList(items) : new PyGenerator("reverse", items);
    }

    public static object? Extreme(Arguments arguments, int sign)
    {
        bool caseSensitive = arguments.Flag(1, "case_sensitive", false);
        object? attribute = arguments.Optional(2, "attribute");
        List<object?> items = Collect(Filters.Value(arguments), arguments.Budget);
        if (items.Count == 0) return new Undefined("No aggregated item, sequence was empty.");
        object? best = items[0], bestKey = Key(best);
        foreach (object? item in items.Skip(1))
        {
            object? key = Key(item);
            if (Py.Compare(key, bestKey, sign < 0 ? "<" : ">", new PyDepth()) == sign) (best, bestKey) = (item, key);
        }
        return best;

        object? Key(object? item) => Folded(attribute is null ? item : Lookup(item, attribute, arguments), caseSensitive);
    }

    public static object? Sum(Arguments arguments)
    {
        object? attribute = arguments.Optional(1, "attribute");
        object? sum = arguments.Optional(2, "start", 0L);
        foreach (object? item in Collect(Filters.Value(arguments), arguments.Budget))
            sum = Arithmetic.Apply("+", sum, attribute is null ? item : Lookup(item, attribute, arguments), arguments.Renderer);
        return sum;
    }

    public static object? Batch(Arguments arguments)
    {
        long size = arguments.Integer(1, "linecount");
        object? fill = arguments.Optional(2, "fill_with");
        return new PyGenerator("do_batch", Batches());

        IEnumerable<object?> Batches()
        {
            var batch = new List<object?>();
            foreach (object? item in Py.Iterate(Filters.Value(arguments)))
            {
                arguments.Budget.Step();
                if (batch.Count == size)
                {
                    yield return new PyList(batch);
                    batch = [];
                }
                batch.Add(item);
            }
            if (batch.Count == 0) yield break;
            if (fill is not null)
            {
                arguments.Budget.Charge(size);
                while (batch.Count < size) batch.Add(fill);
            }
            yield return new PyList(batch);
        }
    }

    public static object? Slice(Arguments arguments)
    {
        long slices = arguments.Integer(1, "slices");
        object? fill = arguments.Optional(2, "fill_with");
        return new PyGenerator("do_slice", Slices());

        IEnumerable<object?> Slices()
        {
            List<object?> items = Collect(Filters.Value(arguments), arguments.Budget);
            if (slices == 0) throw TextErrors.TemplateFailed("ZeroDivisionError", "integer division or modulo by zero");
            int at = 0;
            for (long i = 0; i < slices; i++)
            {
                arguments.Budget.Step();
                bool longer = i < items.Count % slices;
                int count = (int)(items.Count / slices) + (longer ? 1 : 0);
                List<object?> part = items.GetRange(at, count);
                at += count;
                if (fill is not null && !longer) part.Add(fill);
                yield return new PyList(part);
            }
        }
    }

    public static object? GroupBy(Arguments arguments)
    {
        object? attribute = arguments.Required(1, "attribute"), absent = arguments.Optional(2, "default");
        bool caseSensitive = arguments.Flag(3, "case_sensitive", false);
        List<object?> items = Sorted(Collect(Filters.Value(arguments), arguments.Budget), Key, false, arguments.Budget);
        var groups = new List<object?>();
        for (int i = 0; i < items.Count;)
        {
            int start = i;
            object? key = Key(items[i]);
            while (i < items.Count && Py.AreEqual(Key(items[i]), key)) i++;
            groups.Add(new PyTuple([Plain(items[start]), new PyList(items.GetRange(start, i - start))], ["grouper", "list"]));
        }
        return new PyList(groups);

        object? Plain(object? item) => Lookup(item, attribute, arguments) is var value && value is Undefined && absent is not null ? absent : value;

        object? Key(object? item) => Folded(Plain(item), caseSensitive);
    }

    public static object? Map(Arguments arguments)
    {
        return new PyGenerator("sync_do_map", Mapped());

        IEnumerable<object?> Mapped()
        {
            object? values = Filters.Value(arguments);
            if (!Py.IsTrue(values)) yield break;
            bool byAttribute = arguments.Positional.Count == 1 && arguments.Has(int.MaxValue, "attribute");
            object? attribute = arguments.Optional(-1, "attribute"), absent = arguments.Optional(-1, "default");
            string filter = byAttribute ? "" : arguments.Positional.Count > 1 ? arguments.Text(1, "filter") : throw TextErrors.TemplateFailed("FilterArgumentError", "map requires a filter argument");
            foreach (object? item in Py.Iterate(values))
            {
                arguments.Budget.Step();
                if (!byAttribute) yield return arguments.Renderer.ApplyFilter(filter, arguments with { Positional = [item, .. arguments.Positional.Skip(2)] });
                else yield return Lookup(item, attribute, arguments) is var value && value is Undefined && absent is not null ? absent : value;
            }
        }
    }

    /// <summary>select, reject and their forms that look at an attribute.</summary>
    public static object? Choose(Arguments arguments, bool byAttribute, bool keep)
    {
        return new PyGenerator("select_or_reject", Chosen());

        IEnumerable<object?> Chosen()
        {
            object? values = Filters.Value(arguments);
            if (!Py.IsTrue(values)) yield break;
            int testAt = byAttribute ? 2 : 1;
            object? attribute = !byAttribute ? null : arguments.Positional.Count > 1 ? arguments.Positional[1]
                : throw TextErrors.TemplateFailed("FilterArgumentError", "Missing parameter for attribute name");
            string? test = arguments.Positional.Count > testAt ? arguments.Text(testAt, "test") : null;
            foreach (object? item in Py.Iterate(values))
            {
                arguments.Budget.Step();
                object? value = byAttribute ? Lookup(item, attribute, arguments) : item;
                bool holds = test is null ? Py.IsTrue(value)
                    : arguments.Renderer.ApplyTest(test, arguments with { Positional = [value, .. arguments.Positional.Skip(testAt + 1)] });
                if (holds == keep) yield return item;
            }
        }
    }

    /// <summary>An attribute path such as <c>a.b.0</c>.</summary>
    private static object? Lookup(object? item, object? attribute, Arguments arguments)
    {
        if (attribute is not string path) return Attributes.Item(item, attribute, arguments.Renderer);
        foreach (string part in path.Split('.'))
            item = Attributes.Item(item, part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit) ? long.Parse(part) : part, arguments.Renderer);
        return item;
    }

    private static object? Folded(object? value, bool caseSensitive) => value is string text && !caseSensitive ? PyText.Lower(text) : value;

    /// <summary>
    /// A stable sort; equal elements keep their order also in reverse. A merge sort of our own: those of the framework wrap what a comparison throws,
    /// and fail on orders that are none, which NaN makes.
    /// </summary>
    private static List<object?> Sorted(List<object?> items, Func<object?, object?> key, bool reverse, Budget budget)
    {
        budget.Charge(items.Count * 4L);
        List<object?> keys = items.ConvertAll(item => key(item));
        return [.. StableSort.Order(keys, reverse).Select(i => items[i])];
    }
}
