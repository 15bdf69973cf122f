namespace MmKernels.Data.ChatTemplates;

/// <summary>A Python dictionary: keys in the order of their insertion, 1, 1.0 and True being the same key.</summary>
internal sealed class PyDict
{
    private static readonly object NoneKey = new();
    private readonly Dictionary<object, int> index = new(KeyComparer.Instance);

    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    public object? this[object? key]
    {
        set
        {
            object wrapped = Wrap(key);
            if (index.TryGetValue(wrapped, out int at)) Items[at] = new(Items[at].Key, value);
            else
            {
                index[wrapped] = Items.Count;
                Items.Add(new(key, value));
            }
        }
    }

    public bool TryGet(object? key, out object? value)
    {
        bool found = index.TryGetValue(Wrap(key), out int at);
        value = found ? Items[at].Value : null;
        return found;
    }

    private static object Wrap(object? key) => key switch
    {
        null => NoneKey,
        PyList => throw Py.TypeError("unhashable type: 'list'"),
        PyDict => throw Py.TypeError("unhashable type: 'dict'"),
        _ => key,
    };

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        public new bool Equals(object? a, object? b) => ReferenceEquals(a, b) || Py.AreEqual(a, b, new PyDepth());

        public int GetHashCode(object key) => key switch
        {
            string text => text.GetHashCode(),
            bool b => (b ? 1.0 : 0.0).GetHashCode(),
            long n => ((double)n).GetHashCode(),
            System.Numerics.BigInteger n => ((double)n).GetHashCode(),
            double d => d.GetHashCode(),
            PyTuple tuple => tuple.Items.Length,
            _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key),
        };
    }
}
