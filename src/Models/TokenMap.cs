namespace MmKernels.Models;

/// <summary>
/// Which rows of a prompt are text and which are visual. A text row holds its token id, a visual row -1 - r, where r is its row among
/// all visual tokens (picture after picture).
/// </summary>
public sealed class TokenMap
{
    private readonly int[] rows;

    private TokenMap(int[] rows, IReadOnlyList<VisualSpan> visual) => (this.rows, Visual) = (rows, visual);

    /// <summary>Number of rows.</summary>
    public int Tokens => rows.Length;

    /// <summary>Per row: a token id, or -1 - (visual row).</summary>
    public ReadOnlySpan<int> Rows => rows;

    /// <summary>Per row: the token id, 0 where the row is visual.</summary>
    public int[] Ids() => Array.ConvertAll(rows, row => Math.Max(row, 0));

    /// <summary>Per row: the visual row that takes its place, -1 where it is text.</summary>
    public int[] VisualIndices() => Array.ConvertAll(rows, row => row < 0 ? -1 - row : -1);

    /// <summary>Whether any row is visual.</summary>
    public bool HasVisual => Visual.Count > 0;

    /// <summary>The rows from a position on; visual rows keep their numbers.</summary>
    public TokenMap From(int start)
        => start == 0 ? this : new TokenMap(rows[start..], [.. Visual.Where(span => span.Start + span.Tokens > start).Select(span => span with { Start = span.Start - start })]);

    /// <summary>The pictures' rows, in order; a span that begins before the first row starts at a negative position.</summary>
    public IReadOnlyList<VisualSpan> Visual { get; }

    /// <summary>A prompt of text alone.</summary>
    public static TokenMap Text(ReadOnlySpan<int> ids) => new(ids.ToArray(), []);

    /// <summary>
    /// Reads ids in which every visual row already stands as <paramref name="placeholder"/>, as processors of the hub write them;
    /// <paramref name="tokensPerImage"/> says how many rows each picture has.
    /// </summary>
    /// <exception cref="MmkException">MMK612: the placeholders are not as many as the pictures' tokens.</exception>
    public static TokenMap FromExpanded(ReadOnlySpan<int> ids, int placeholder, ReadOnlySpan<int> tokensPerImage)
    {
        int[] rows = ids.ToArray();
        var visual = new List<VisualSpan>();
        int image = 0, inImage = 0, total = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] != placeholder) continue;
            if (image < tokensPerImage.Length)
            {
                if (inImage == 0) visual.Add(new VisualSpan(i, image, tokensPerImage[image]));
                if (++inImage == tokensPerImage[image]) (image, inImage) = (image + 1, 0);
            }
            rows[i] = -1 - total++;
        }
        if (image != tokensPerImage.Length || inImage != 0 || total != Sum(tokensPerImage)) throw ModelErrors.Placeholders(total, Sum(tokensPerImage), tokensPerImage.Length);
        return new TokenMap(rows, visual);
    }

    /// <summary>Replaces each id equal to <paramref name="placeholder"/> by all rows of the next picture.</summary>
    /// <exception cref="MmkException">MMK606: the placeholders are not as many as the pictures.</exception>
    public static TokenMap Expand(ReadOnlySpan<int> ids, int placeholder, ReadOnlySpan<int> tokensPerImage)
    {
        int markers = ids.Count(placeholder);
        if (markers != tokensPerImage.Length) throw ModelErrors.ImageCount(markers, tokensPerImage.Length);
        var rows = new int[ids.Length - markers + Sum(tokensPerImage)];
        var visual = new List<VisualSpan>();
        int row = 0, total = 0;
        foreach (int id in ids)
        {
            if (id != placeholder)
            {
                rows[row++] = id;
                continue;
            }
            var span = new VisualSpan(row, visual.Count, tokensPerImage[visual.Count]);
            visual.Add(span);
            for (int i = 0; i < span.Tokens; i++) rows[row++] = -1 - total++;
        }
        return new TokenMap(rows, visual);
    }

    private static int Sum(ReadOnlySpan<int> counts)
    {
        int sum = 0;
        foreach (int count in counts) sum = checked(sum + count);
        return sum;
    }
}
