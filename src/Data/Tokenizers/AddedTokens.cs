namespace MmKernels.Data.Tokenizers;

/// <summary>The added tokens of a tokenizer: finds them in text and names their ids.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, int> ids = [];
    private readonly Dictionary<int, AddedToken> tokens = [];
    private readonly Dictionary<int, string> normalizedContents = [];
    private readonly TokenTrie rawTrie = new();
    private readonly TokenTrie normalizedTrie = new();

    /// <summary>
    /// Gives ids as the reference library does: that of the vocabulary where it knows the content, else the next free one.
    /// Ids written in the file are not used.
    /// </summary>
    public AddedTokens(IEnumerable<AddedToken> list, Vocabulary vocabulary, Normalizer? normalizer)
    {
        int next = vocabulary.Count;
        var seen = new HashSet<AddedToken>();
        foreach (AddedToken token in list)
        {
            if (token.Content.Length == 0 || !seen.Add(token)) continue;
            if (!ids.TryGetValue(token.Content, out int id))
            {
                id = vocabulary.Id(token.Content);
                if (id < 0) id = next;
            }
            next = Math.Max(next, id + 1);
            ids[token.Content] = id;
            tokens[id] = token;
        }
        foreach ((int id, AddedToken token) in tokens)
        {
            if (!token.Normalized) rawTrie.Add(CodePoints.Of(token.Content), id);
            else
            {
                AlignedText content = AlignedText.From(token.Content);
                if (normalizer is not null) content = normalizer.Apply(content);
                normalizedTrie.Add(content.Codes, id);
                normalizedContents[id] = content.ToString();
            }
        }
        foreach ((string content, int id) in ids)
            if (vocabulary.Id(content) < 0) Beyond++;
    }

    /// <summary>A token as tokenizer.json writes it.</summary>
    public static AddedToken Parse(JsonView view)
    {
        view["id"].Count();
        return new AddedToken(view["content"].Text(), view["single_word"].Flag(), view["lstrip"].Flag(), view["rstrip"].Flag(), view["normalized"].Flag(), view["special"].Flag());
    }

    /// <summary>How many added tokens the model's vocabulary lacks.</summary>
    public int Beyond { get; }

    public IReadOnlyDictionary<int, AddedToken> All => tokens;

    public int Id(string content) => ids.GetValueOrDefault(content, -1);

    public string? Token(int id) => tokens.TryGetValue(id, out AddedToken? token) ? token.Content : null;

    /// <summary>What decoding shows for an id: a normalized token's normalized content; null for ids that are no added tokens.</summary>
    public string? Shown(int id) => normalizedContents.GetValueOrDefault(id) ?? Token(id);

    public bool IsSpecial(int id) => tokens.TryGetValue(id, out AddedToken? token) && token.Special;

    /// <summary>Cuts added tokens out of the text: the raw ones first, then the others out of what the normalizer leaves.</summary>
    public Pieces Extract(AlignedText text, Normalizer? normalizer)
    {
        var pieces = new Pieces { Text = new AlignedText(text.Length + 8) };
        Split(text, rawTrie, (source, start, end, id) =>
        {
            if (id >= 0) pieces.Append(source, start, end, id);
            else if (start < end)
            {
                AlignedText section = source.Slice(start, end);
                if (normalizer is not null) section = normalizer.Apply(section);
                Split(section, normalizedTrie, pieces.Append);
            }
        });
        return pieces;
    }

    private void Split(AlignedText text, TokenTrie trie, Action<AlignedText, int, int, int> emit)
    {
        if (trie.IsEmpty)
        {
            emit(text, 0, text.Length, -1);
            return;
        }
        ReadOnlySpan<int> codes = text.Codes;
        int done = 0;
        for (int from = 0; trie.Next(codes, from, out int start, out int end, out int id); from = end)
        {
            AddedToken token = tokens[id];
            int stop = end;
            if (token.SingleWord && (start > 0 && Unicode.IsWord(codes[start - 1]) || end < codes.Length && Unicode.IsWord(codes[end]))) continue;
            if (token.StripLeft)
            {
                while (start > 0 && Unicode.IsWhiteSpace(codes[start - 1])) start--;
                start = Math.Max(start, done);
            }
            if (token.StripRight)
                while (stop < codes.Length && Unicode.IsWhiteSpace(codes[stop])) stop++;
            if (done < start) emit(text, done, start, -1);
            emit(text, start, stop, id);
            done = stop;
        }
        if (done < codes.Length) emit(text, done, codes.Length, -1);
    }
}
