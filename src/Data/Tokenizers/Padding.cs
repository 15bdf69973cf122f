namespace MmKernels.Data.Tokenizers;

/// <summary>Fills encodings up to one length.</summary>
/// <param name="Id">The padding token's id.</param>
/// <param name="Token">Its text.</param>
/// <param name="Length">The length; without one, that of the longest of a batch.</param>
/// <param name="MultipleOf">The length is rounded up to a multiple of this; 0 and 1 leave it.</param>
/// <param name="TypeId">The segment id of padding.</param>
/// <param name="OnLeft">Whether padding goes in front.</param>
public sealed record Padding(int Id, string Token, int? Length = null, int MultipleOf = 0, int TypeId = 0, bool OnLeft = false)
{
    private const int Longest = 1 << 20;

    internal static Padding? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        JsonView strategy = view["strategy"];
        int? length = strategy.IsObject ? strategy["Fixed"].Count()
            : strategy.Text() == "BatchLongest" ? null : throw strategy.Wrong("BatchLongest or {\"Fixed\": length}");
        return new Padding(view["pad_id"].Count(), view["pad_token"].Text(), length, view["pad_to_multiple_of"].Count(0), view["pad_type_id"].Count(),
            Truncation.ParseDirection(view["direction"]));
    }

    internal List<Encoding> Apply(List<Encoding> batch)
    {
        long length = Length ?? batch.Max(encoding => encoding.Length);
        if (MultipleOf > 0 && length % MultipleOf > 0) length += MultipleOf - length % MultipleOf;
        if (length > Longest) throw TextErrors.Truncation($"padding to {length} tokens; the most is {Longest}");
        long filled = batch.Sum(encoding => length * (1L + encoding.Overflow.Count));
        if (filled > Encoding.MostOverflow) throw TextErrors.Truncation($"padding makes {filled} tokens; the most is {Encoding.MostOverflow}");
        return batch.ConvertAll(encoding => Fill(encoding, (int)length));
    }

    private Encoding Fill(Encoding encoding, int length)
    {
        IReadOnlyList<Encoding> overflow = [.. encoding.Overflow.Select(part => Fill(part, length))];
        int missing = length - encoding.Length;
        if (missing <= 0) return encoding.With(encoding.Offsets, overflow);
        var texts = new Dictionary<int, string>();
        int from = OnLeft ? 0 : encoding.Length, shift = OnLeft ? missing : 0;
        for (int i = 0; i < missing; i++) texts[from + i] = Token;
        foreach ((int i, string text) in encoding.Texts ?? []) texts[i + shift] = text;
        return new Encoding
        {
            Ids = Fill(encoding.Ids, missing, Id), TypeIds = Fill(encoding.TypeIds, missing, TypeId), Offsets = Fill(encoding.Offsets, missing, default),
            Words = Fill(encoding.Words, missing, -1), Sequences = Fill(encoding.Sequences, missing, -1), SpecialMask = Fill(encoding.SpecialMask, missing, 1),
            AttentionMask = Fill(encoding.AttentionMask, missing, 0), Names = encoding.Names, Texts = texts, Overflow = overflow,
        };
    }

    private T[] Fill<T>(T[] list, int missing, T value)
    {
        var filled = new T[list.Length + missing];
        list.CopyTo(filled, OnLeft ? missing : 0);
        filled.AsSpan(OnLeft ? 0 : list.Length, missing).Fill(value);
        return filled;
    }
}
