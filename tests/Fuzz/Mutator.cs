using System.Buffers.Binary;
using System.Text;

namespace MmKernels.Fuzz;

/// <summary>Makes input number i of a target: a seed, damaged one to eight times (often once, so that many inputs reach deep).</summary>
public sealed class Mutator
{
    /// <summary>Values at which sizes, counts and offsets overflow or change sign.</summary>
    private static readonly ulong[] edges =
    [
        0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1 << 20, 100_000_000, 100_000_001, int.MaxValue, 0x80000000, uint.MaxValue, 1UL << 32,
        1UL << 60, (1UL << 61) + 1, long.MaxValue, 1UL << 63, ulong.MaxValue - 7, ulong.MaxValue,
    ];

    private static readonly string[] numbers =
    [
        "0", "1", "-1", "-0", "1.5", "1e5", "1e400", "-1e-400", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "99999999999999999999999999999999", "00", "NaN", "Infinity", "true", "null", "\"\"", "[]", "{}",
    ];

    private readonly FuzzTarget target;
    private readonly byte[][] seeds;
    private readonly byte[][] words;

    public Mutator(FuzzTarget target)
    {
        this.target = target;
        seeds = [.. target.Seeds()];
        if (seeds.Length == 0) throw new InvalidOperationException($"the fuzz target {target.Name} has no seeds");
        words = [.. target.Words.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>Input number <paramref name="index"/>: the seeds themselves first, mutations after them.</summary>
    public byte[] Make(ulong seed, int index)
    {
        if (index < seeds.Length) return Cut(seeds[index]);
        var random = new FuzzRandom((seed << 32) ^ (uint)index);
        random.Next();
        byte[] input = Cut(seeds[random.Below(seeds.Length)]);
        for (int mutations = 1 + random.Below(1 << random.Below(4)); mutations > 0; mutations--) input = Cut(Mutate(input, ref random));
        return (random.Next() & 1) == 0 ? input : target.Repair(input);
    }

    private byte[] Cut(byte[] input) => input.Length <= target.MaxInputBytes ? input : input[..target.MaxInputBytes];

    private byte[] Mutate(byte[] input, ref FuzzRandom random)
    {
        int at = random.Below(input.Length + 1);
        if (target.IsText && (random.Next() & 3) != 0) return MutateValue(input, at, ref random);
        switch (random.Below(13))
        {
            case 0: return Change(input, at, (byte)(1 << random.Below(8)), flip: true);
            case 1: return Change(input, at, (byte)random.Next(), flip: false);
            case 2: return Splice(input, at, Length(input, at, ref random), []);                                                // delete
            case 3: return Splice(input, at, 0, input.AsSpan(at, Length(input, at, ref random)));                              // repeat
            case 4: return Repeat(input, at, ref random);
            case 5: return input[..at];
            case 6: return Splice(input, at, random.Below(2) * Length(input, at, ref random), Noise(ref random));
            case 7: return words.Length == 0 ? input : Splice(input, at, random.Below(2) * Length(input, at, ref random), words[random.Below(words.Length)]);
            case 8: return Integer(input, at, ref random);
            case 9: return Integer(input, random.Below(Math.Min(input.Length, 64) + 1), ref random);                          // headers hold the sizes
            case 10: return ReplaceNumber(input, at, ref random);
            case 11: return Cross(input, seeds[random.Below(seeds.Length)], ref random);
            default: return Swap(input, at, random.Below(input.Length + 1));
        }
    }

    private static int Length(byte[] input, int at, ref FuzzRandom random)
    {
        int limit = (random.Next() & 7) == 0 ? input.Length : 16;
        return random.Below(Math.Min(limit, input.Length - at) + 1);
    }

    private static byte[] Change(byte[] input, int at, byte value, bool flip)
    {
        if (at == input.Length) return input;
        byte[] changed = [.. input];
        changed[at] = flip ? (byte)(changed[at] ^ value) : value;
        return changed;
    }

    private static byte[] Splice(byte[] input, int at, int removed, ReadOnlySpan<byte> inserted) => [.. input.AsSpan(0, at), .. inserted, .. input.AsSpan(at + removed)];

    /// <summary>A few bytes many times over: deep nesting, long lists, long strings.</summary>
    private byte[] Repeat(byte[] input, int at, ref FuzzRandom random)
    {
        ReadOnlySpan<byte> piece = input.AsSpan(at, Math.Min(1 + random.Below(8), input.Length - at));
        if (words.Length > 0 && (random.Next() & 3) == 0) piece = words[random.Below(words.Length)];
        int times = piece.Length == 0 ? 0 : Math.Min(1 << random.Below(14), target.MaxInputBytes / piece.Length);
        var run = new byte[piece.Length * times];
        for (int i = 0; i < times; i++) piece.CopyTo(run.AsSpan(i * piece.Length));
        return Splice(input, at, 0, run);
    }

    private static byte[] Noise(ref FuzzRandom random)
    {
        var noise = new byte[1 + random.Below(16)];
        for (int i = 0; i < noise.Length; i++) noise[i] = (byte)random.Next();
        return noise;
    }

    /// <summary>Overwrites 2, 4 or 8 bytes, in either byte order, with an edge value or a neighbour of what was there.</summary>
    private static byte[] Integer(byte[] input, int at, ref FuzzRandom random)
    {
        int bytes = 2 << random.Below(3);
        if (at + bytes > input.Length) return input;
        byte[] changed = [.. input];
        Span<byte> place = changed.AsSpan(at, bytes);
        bool big = (random.Next() & 3) == 0;
        Span<byte> value = stackalloc byte[8];
        place.CopyTo(value);
        if (big) place.Reverse();
        ulong old = BinaryPrimitives.ReadUInt64LittleEndian(value);
        ulong edge = (random.Next() & 3) == 0 ? old + (ulong)(random.Below(17) - 8) : edges[random.Below(edges.Length)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, edge);
        value[..bytes].CopyTo(place);
        if (big) place.Reverse();
        return changed;
    }

    /// <summary>Replaces the next decimal number in a text.</summary>
    private static byte[] ReplaceNumber(byte[] input, int at, ref FuzzRandom random)
    {
        while (at < input.Length && !char.IsAsciiDigit((char)input[at])) at++;
        int end = at;
        while (end < input.Length && char.IsAsciiDigit((char)input[end])) end++;
        return end == at ? input : Splice(input, at, end - at, Encoding.UTF8.GetBytes(numbers[random.Below(numbers.Length)]));
    }

    /// <summary>Replaces, removes or repeats the value or key that follows, as far as brackets and quotes tell.</summary>
    private byte[] MutateValue(byte[] input, int at, ref FuzzRandom random)
    {
        at = StartOfValue(input, at);
        int end = EndOfValue(input, at);
        switch (random.Below(4))
        {
            case 0: return Splice(input, at, end - at, Encoding.UTF8.GetBytes(numbers[random.Below(numbers.Length)]));
            case 1:
                byte[] other = seeds[random.Below(seeds.Length)];
                int from = StartOfValue(other, random.Below(other.Length + 1));
                return Splice(input, at, end - at, other.AsSpan(from, EndOfValue(other, from) - from));
            case 2: return Splice(input, at, end < input.Length && input[end] == ',' ? end + 1 - at : end - at, []);
            default: return Splice(input, at, 0, [.. input.AsSpan(at, end - at), (byte)',']);
        }
    }

    /// <summary>The next place behind a colon, a comma or an opening bracket; strings that hold one are rare enough.</summary>
    private static int StartOfValue(byte[] text, int at)
    {
        while (at < text.Length && text[at] is not ((byte)':' or (byte)',' or (byte)'[' or (byte)'{')) at++;
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)',' or (byte)':' or (byte)'[' or (byte)'{') at++;
        return at;
    }

    /// <summary>Behind the string, the bracketed text or the word that starts at a place.</summary>
    private static int EndOfValue(byte[] text, int at)
    {
        int depth = 0;
        bool quoted = false;
        for (int i = at; i < text.Length; i++)
        {
            byte c = text[i];
            if (quoted && c == '\\') i++;
            else if (c == '"') quoted = !quoted;
            else if (!quoted && c is (byte)'[' or (byte)'{') depth++;
            else if (!quoted && c is (byte)']' or (byte)'}' && --depth < 0) return i;
            if (depth == 0 && !quoted && text[Math.Min(i + 1, text.Length - 1)] is (byte)',' or (byte)':' or (byte)'\n' or (byte)']' or (byte)'}') return Math.Min(i + 1, text.Length);
        }
        return text.Length;
    }

    private static byte[] Cross(byte[] input, byte[] other, ref FuzzRandom random)
        => [.. input.AsSpan(0, random.Below(input.Length + 1)), .. other.AsSpan(random.Below(other.Length + 1))];

    private static byte[] Swap(byte[] input, int at, int other)
    {
        int bytes = Math.Min(8, input.Length - Math.Max(at, other));
        byte[] changed = [.. input];
        input.AsSpan(other, bytes).CopyTo(changed.AsSpan(at));
        input.AsSpan(at, bytes).CopyTo(changed.AsSpan(other));
        return changed;
    }
}
