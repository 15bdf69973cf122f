namespace MmKernels.Data.Tokenizers;

/// <summary>The cut into pieces with the highest sum of log probabilities (Kudo 2018, arXiv:1804.10959), found by Viterbi's algorithm.</summary>
internal sealed class UnigramModel : Model
{
    private const double UnknownPenalty = 10;
    private const int LargestSpare = 1 << 16;
    private readonly CodePointTrie trie = new();
    private readonly double[] scores;
    private readonly int unknownId;
    private readonly double unknownScore;
    private readonly int[]? byteIds;
    private readonly bool native;
    private Lattice? spare;

    /// <summary>The best ways to every place of a text.</summary>
    private sealed class Lattice
    {
        public double[] Scores = [];
        public int[] Starts = [];
        public int[] Ids = [];

        public void Reset(int length)
        {
            if (Starts.Length <= length)
            {
                int capacity = Math.Max(64, length + 1 + length / 4);
                (Scores, Starts, Ids) = (new double[capacity], new int[capacity], new int[capacity]);
            }
            Array.Fill(Starts, -1, 0, length + 1);
            Scores[0] = 0;
        }
    }

    /// <param name="pieces">Pieces and log probabilities; the index is the id.</param>
    /// <param name="unknownId">The unknown piece, or -1.</param>
    /// <param name="byteFallback">Whether unknown text becomes the tokens of its bytes.</param>
    /// <param name="place">Stands for the model in messages.</param>
    /// <param name="excluded">Ids that text never matches; where given, sums are rounded to single precision as in the sentencepiece library.</param>
    public UnigramModel(IReadOnlyList<(string Piece, double Score)> pieces, int unknownId, bool byteFallback, string place, IReadOnlySet<int>? excluded = null) : base(Ids(pieces))
    {
        if (unknownId >= pieces.Count)
            throw TextErrors.Vocabulary(place, pieces.Count == 0 ? "the vocabulary is empty and has an unk_id" : $"unk_id is {unknownId} and the vocabulary has {pieces.Count} pieces");
        this.unknownId = unknownId;
        native = excluded is not null;
        scores = [.. pieces.Select(piece => piece.Score)];
        double least = double.MaxValue;
        for (int i = 0; i < pieces.Count; i++)
        {
            if (excluded?.Contains(i) == true) continue;
            least = Math.Min(least, scores[i]);
            trie.Add(CodePoints.Of(pieces[i].Piece), i);
        }
        unknownScore = (least == double.MaxValue ? 0 : least) - UnknownPenalty;
        if (byteFallback) byteIds = [.. Enumerable.Range(0, 256).Select(b => Vocabulary.Id($"<0x{b:X2}>"))];
    }

    public static new UnigramModel Parse(JsonView view)
    {
        var pieces = new List<(string, double)>();
        foreach (JsonView item in view["vocab"].Items())
        {
            List<JsonView> pair = item.Items();
            if (pair.Count != 2) throw item.Wrong("a pair of a piece and its score");
            pieces.Add((pair[0].Text(), pair[1].Number()));
        }
        return new UnigramModel(pieces, view["unk_id"].IsNull ? -1 : view["unk_id"].Count(), view["byte_fallback"].Flag(false), view.Place);
    }

    public override void Tokenize(ReadOnlySpan<int> piece, TokenSink sink)
    {
        Lattice lattice = Interlocked.Exchange(ref spare, null) ?? new Lattice();
        Search(piece, lattice);
        Emit(piece, lattice, sink);
        if (lattice.Starts.Length <= LargestSpare) spare = lattice;
    }

    private static Vocabulary Ids(IReadOnlyList<(string Piece, double Score)> pieces)
    {
        var ids = new Dictionary<string, int>(pieces.Count);
        for (int i = 0; i < pieces.Count; i++) ids[pieces[i].Piece] = i;
        return new Vocabulary(ids);
    }

    private void Search(ReadOnlySpan<int> piece, Lattice lattice)
    {
        lattice.Reset(piece.Length);
        for (int start = 0; start < piece.Length; start++)
        {
            double before = lattice.Scores[start];
            bool single = false;
            for (int node = 0, end = start; end < piece.Length && (node = trie.Next(node, piece[end])) >= 0;)
            {
                end++;
                int id = trie.Value(node);
                if (id < 0) continue;
                single |= end == start + 1;
                Offer(lattice, start, end, id, Sum(before, scores[id]));
            }
            if (single) continue;
            if (unknownId < 0) throw TextErrors.NoUnknownToken("the Unigram model has no unk_id and the text a character without a piece");
            Offer(lattice, start, start + 1, unknownId, Sum(before, unknownScore));
        }
    }

    private double Sum(double before, double score) => native ? (float)(before + score) : before + score;

    private static void Offer(Lattice lattice, int start, int end, int id, double score)
    {
        if (lattice.Starts[end] >= 0 && score <= lattice.Scores[end]) return;
        (lattice.Starts[end], lattice.Ids[end], lattice.Scores[end]) = (start, id, score);
    }

    private void Emit(ReadOnlySpan<int> piece, Lattice lattice, TokenSink sink)
    {
        // Walk back from the end, then turn the ends around in place: Starts[i] of the path becomes the next end.
        int next = -1;
        for (int end = piece.Length; end > 0;)
        {
            int start = lattice.Starts[end];
            lattice.Starts[end] = next;
            (next, end) = (end, start);
        }
        for (int start = 0; next >= 0;)
        {
            int end = next;
            next = lattice.Starts[end];
            bool unknown = lattice.Ids[end] == unknownId;
            while (unknown && next >= 0 && lattice.Ids[next] == unknownId)   // neighbouring unknowns are one piece
            {
                end = next;
                next = lattice.Starts[end];
            }
            if (unknown) EmitUnknown(piece, start, end, sink);
            else sink.Add(lattice.Ids[end], start, end);
            start = end;
        }
    }

    private void EmitUnknown(ReadOnlySpan<int> piece, int start, int end, TokenSink sink)
    {
        ReadOnlySpan<int> codes = piece[start..end];
        int id = native ? -1 : Vocabulary.Id(codes);
        if (id >= 0) sink.Add(id, start, end);
        else if (byteIds is null || !EmitBytes(codes, start, end, sink)) sink.Add(unknownId, start, end, CodePoints.ToText(codes));
    }

    private bool EmitBytes(ReadOnlySpan<int> codes, int start, int end, TokenSink sink)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (int code in codes)
            foreach (byte b in bytes[..CodePoints.ToUtf8(code, bytes)])
                if (byteIds![b] < 0) return false;
        foreach (int code in codes)
            foreach (byte b in bytes[..CodePoints.ToUtf8(code, bytes)]) sink.Add(byteIds![b], start, end);
        return true;
    }
}
