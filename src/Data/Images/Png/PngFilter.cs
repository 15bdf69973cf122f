using System.Numerics;

namespace MmKernels.Data.Images.Png;

/// <summary>Undoes the row filters of PNG (ISO/IEC 15948, section 9) in place.</summary>
internal static class PngFilter
{
    /// <summary>
    /// Reconstructs <paramref name="row"/> from <paramref name="above"/> (the row before, zeros for the first).
    /// Returns false where the filter type does not exist.
    /// </summary>
    public static bool Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        switch (filter)
        {
            case 0: return true;
            case 1: UndoSub(row, pixelBytes); return true;
            case 2: UndoUp(row, above); return true;
            case 3: UndoAverage(row, above, pixelBytes); return true;
            case 4: UndoPaeth(row, above, pixelBytes); return true;
            default: return false;
        }
    }

    private static void UndoSub(Span<byte> row, int pixelBytes)
    {
        for (int i = pixelBytes; i < row.Length; i++) row[i] += row[i - pixelBytes];
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++) row[i] += above[i];
    }

    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        int first = Math.Min(pixelBytes, row.Length);
        for (int i = 0; i < first; i++) row[i] += (byte)(above[i] >> 1);
        for (int i = pixelBytes; i < row.Length; i++) row[i] += (byte)((row[i - pixelBytes] + above[i]) >> 1);
    }

    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        above = above[..row.Length];
        int first = Math.Min(pixelBytes, row.Length);
        for (int i = 0; i < first; i++) row[i] += above[i];
        for (int i = pixelBytes; i < row.Length; i++) row[i] += (byte)Paeth(row[i - pixelBytes], above[i], above[i - pixelBytes]);
    }

    /// <summary>Filters a row for writing (types 0, 2 and 4) and returns the sum of the absolute differences.</summary>
    public static long Apply(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int pixelBytes, Span<byte> target)
    {
        long sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= pixelBytes ? row[i - pixelBytes] : 0, corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
            int predicted = filter switch { 0 => 0, 2 => above[i], _ => Paeth(left, above[i], corner) };
            target[i] = (byte)(row[i] - predicted);
            sum += Math.Abs((int)(sbyte)target[i]);
        }
        return sum;
    }

    private static int Paeth(int left, int up, int corner)
    {
        int distanceLeft = Math.Abs(up - corner), distanceUp = Math.Abs(left - corner), distanceCorner = Math.Abs(left + up - 2 * corner);
        return distanceLeft <= distanceUp && distanceLeft <= distanceCorner ? left : distanceUp <= distanceCorner ? up : corner;
    }
}
