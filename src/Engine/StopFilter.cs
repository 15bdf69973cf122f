using System.Text;

namespace MmKernels.Engine;

/// <summary>Lets text through up to the first of some stop texts, and holds back what may still become one.</summary>
internal sealed class StopFilter(IReadOnlyList<string> stops)
{
    private readonly StringBuilder held = new();
    private readonly int longest = stops.Count == 0 ? 0 : stops.Max(stop => stop.Length);

    /// <summary>Whether a stop text was seen; nothing passes after it.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes a piece; what may be shown of it and of what was held back.</summary>
    public string Add(string piece)
    {
        if (longest == 0) return piece;
        if (Stopped) return "";
        held.Append(piece);
        string text = held.ToString();
        int end = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        Stopped = end >= 0;
        if (!Stopped) end = text.Length - Held(text);
        held.Clear();
        if (!Stopped) held.Append(text, end, text.Length - end);
        return text[..end];
    }

    /// <summary>What was held back, when no more text comes.</summary>
    public string Flush()
    {
        string rest = held.ToString();
        held.Clear();
        return rest;
    }

    /// <summary>The longest end of the text that begins a stop text.</summary>
    private int Held(string text)
    {
        for (int length = Math.Min(longest - 1, text.Length); length > 0; length--)
            foreach (string stop in stops)
                if (stop.AsSpan().StartsWith(text.AsSpan(text.Length - length))) return length;
        return 0;
    }
}
