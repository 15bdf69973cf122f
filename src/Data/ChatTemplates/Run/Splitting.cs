namespace MmKernels.Data.ChatTemplates;

/// <summary>str.split and its relatives.</summary>
internal static class Splitting
{
    public static PyList Split(string text, string? separator, long most, Budget budget)
    {
        if (separator is "") throw Py.ValueError("empty separator");
        budget.Charge(text.Length);
        var parts = new List<object?>();
        if (most < 0) most = long.MaxValue;
        int at = 0;
        if (separator is null)
        {
            for (SkipSpace(); at < text.Length; SkipSpace())
            {
                if (most-- <= 0)
                {
                    parts.Add(PyText.Strip(text[at..], null, false, true));
                    break;
                }
                int start = at;
                while (at < text.Length && !TemplateLexer.IsSpace(text[at])) at++;
                parts.Add(text[start..at]);
            }
            return new PyList(parts);
        }
        for (int next; most > 0 && (next = text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = next + separator.Length, most--) parts.Add(text[at..next]);
        parts.Add(text[at..]);
        return new PyList(parts);

        void SkipSpace()
        {
            while (at < text.Length && TemplateLexer.IsSpace(text[at])) at++;
        }
    }

    public static PyList SplitRight(string text, string? separator, long most, Budget budget)
    {
        if (separator is "") throw Py.ValueError("empty separator");
        if (most < 0) return Split(text, separator, most, budget);
        budget.Charge(text.Length);
        var parts = new List<object?>();
        int end = text.Length;
        if (separator is null)
        {
            for (SkipSpace(); end > 0; SkipSpace())
            {
                if (most-- <= 0)
                {
                    parts.Add(PyText.Strip(text[..end], null, true, false));
                    break;
                }
                int stop = end;
                while (end > 0 && !TemplateLexer.IsSpace(text[end - 1])) end--;
                parts.Add(text[end..stop]);
            }
        }
        else
        {
            for (; most > 0 && end >= separator.Length; most--)
            {
                int at = text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal);
                if (at < 0) break;
                parts.Add(text[(at + separator.Length)..end]);
                end = at;
            }
            parts.Add(text[..end]);
        }
        parts.Reverse();
        return new PyList(parts);

        void SkipSpace()
        {
            while (end > 0 && TemplateLexer.IsSpace(text[end - 1])) end--;
        }
    }

    public static PyList Lines(string text, bool keepEnds, Budget budget)
    {
        budget.Charge(text.Length);
        var lines = new List<object?>();
        for (int at = 0; at < text.Length;)
        {
            int end = at;
            while (end < text.Length && text[end] is not ('\n' or '\r' or '\v' or '\f' or '\u001C' or '\u001D' or '\u001E' or '\u0085' or '\u2028' or '\u2029')) end++;
            int next = Math.Min(text.Length, end + (end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n' ? 2 : 1));
            lines.Add(text[at..(keepEnds ? next : end)]);
            at = next;
        }
        return new PyList(lines);
    }

    public static PyTuple Partition(string text, string separator, bool last)
    {
        if (separator.Length == 0) throw Py.ValueError("empty separator");
        int at = last ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0) return last ? new PyTuple(["", "", text]) : new PyTuple([text, "", ""]);
        return new PyTuple([text[..at], separator, text[(at + separator.Length)..]]);
    }
}
