namespace MmKernels.Data.Tokenizers;

/// <summary>Collects the tokens of one text and maps their ranges back to the original text.</summary>
internal sealed class TokenSink(int capacity)
{
    private int[] ids = new int[capacity];
    private Offset[] offsets = new Offset[capacity];
    private int[] words = new int[capacity];
    private AlignedText text = new(0);
    private int origin;
    private int word;

    public int Count { get; private set; }

    /// <summary>Text of tokens that is not what the vocabulary says (added tokens, unknown pieces), by index.</summary>
    public Dictionary<int, string>? Texts { get; private set; }

    public int[] Ids => ids[..Count];

    public Offset[] Offsets => offsets[..Count];

    public int[] Words => words[..Count];

    /// <summary>The tokens that follow lie in the piece that begins at <paramref name="start"/> of <paramref name="source"/>.</summary>
    public void Begin(AlignedText source, int start, int wordIndex) => (text, origin, word) = (source, start, wordIndex);

    /// <summary>Adds a token that covers the code points [start, end) of the piece.</summary>
    public void Add(int id, int start, int end)
    {
        if (Count == ids.Length)
        {
            Array.Resize(ref ids, Math.Max(16, Count * 2));
            Array.Resize(ref offsets, ids.Length);
            Array.Resize(ref words, ids.Length);
        }
        int first = origin + start;
        Offset offset = end > start ? new(text.Starts[first], text.Ends[origin + end - 1])
            : first < text.Length ? new(text.Starts[first], text.Starts[first])
            : default;
        ids[Count] = id;
        offsets[Count] = offset;
        words[Count++] = word;
    }

    /// <summary>Adds the tokens of a word that begins at <paramref name="shift"/> of the piece.</summary>
    public void Add(ReadOnlySpan<PieceToken> tokens, int shift)
    {
        foreach (PieceToken token in tokens) Add(token.Id, token.Start + shift, token.End + shift);
    }

    public void Add(int id, int start, int end, string shown)
    {
        Add(id, start, end);
        (Texts ??= [])[Count - 1] = shown;
    }
}
