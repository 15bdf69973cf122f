using MmKernels.Data;

namespace MmKernels.Engine;

/// <summary>Compares one stage.</summary>
internal static class Comparison
{
    /// <summary>Numbers within the tolerance.</summary>
    public static VerifyRow Floats(string name, string stage, CheckpointTensor expected, StageValues ours)
    {
        double[] reference = Reference.Values(expected);
        Shape shape = expected.Shape;
        float[] values = ours.Values;
        if ((stage.EndsWith("patch_embed", StringComparison.Ordinal) || IsChannelsLast(ours.Shape, shape)) && shape.Rank == 4) reference = ChannelsLast(reference, shape);
        if (stage is "logits" or "last_logits" or "logits_tail") values = Tail(values, ours.Shape, shape);
        return Floats(name, shape, reference, values, expected.DType is DType.F32 or DType.F64 ? Verifier.Tolerance : 0);
    }

    /// <summary>Numbers within a tolerance; another number of them is a failure.</summary>
    public static VerifyRow Floats(string name, Shape shape, double[] reference, float[] values, double tolerance)
    {
        if (reference.Length != values.Length) return new VerifyRow(name, shape, double.NaN, double.NaN, false);
        double maxAbs = 0, maxRel = 0;
        bool finite = true;
        for (int i = 0; i < values.Length; i++)
        {
            double difference = Math.Abs(values[i] - reference[i]);
            finite &= double.IsFinite(difference);
            maxAbs = Math.Max(maxAbs, difference);
            maxRel = Math.Max(maxRel, difference / (1 + Math.Abs(reference[i])));
        }
        return new VerifyRow(name, shape, maxAbs, maxRel, finite && maxRel <= tolerance);
    }

    /// <summary>Integers, all equal.</summary>
    public static VerifyRow Integers(string name, CheckpointTensor expected, ReadOnlySpan<int> ours)
    {
        int[] reference = Reference.Integers(expected);
        bool equal = ours.SequenceEqual(reference);
        double difference = reference.Length == ours.Length ? 0 : double.NaN;
        for (int i = 0; i < Math.Min(reference.Length, ours.Length); i++) difference = Math.Max(difference, Math.Abs((double)reference[i] - ours[i]));
        return new VerifyRow(name, expected.Shape, difference, difference, equal);
    }

    /// <summary>Whether a picture of channels that lies [images, channels, rows, columns] in the reference lies [images, rows, columns, channels] here.</summary>
    private static bool IsChannelsLast(Shape ours, Shape reference)
        => ours.Rank == 4 && reference.Rank == 4 && ours == new Shape(reference[0], reference[2], reference[3], reference[1]);

    /// <summary>[images, hidden, rows, columns] as [images, rows, columns, hidden], the order in which our patches lie.</summary>
    private static double[] ChannelsLast(double[] values, Shape shape)
    {
        (int images, int hidden, int rows, int columns) = shape;
        int patches = rows * columns;
        var result = new double[values.Length];
        for (int image = 0; image < images; image++)
            for (int channel = 0; channel < hidden; channel++)
                for (int patch = 0; patch < patches; patch++)
                    result[((long)image * patches + patch) * hidden + channel] = values[((long)image * hidden + channel) * patches + patch];
        return result;
    }

    /// <summary>The last rows of each sequence: [batch, tokens, vocabulary] to [batch, some, vocabulary] or [batch, vocabulary].</summary>
    private static float[] Tail(float[] values, Shape ours, Shape wanted)
    {
        int vocabulary = ours[^1], tokens = ours[^2], batch = (int)(ours.Elements / vocabulary / tokens);
        long rows = wanted.Elements / batch / vocabulary;
        if (rows * batch * vocabulary != wanted.Elements || rows > tokens) return values;
        var tail = new float[wanted.Elements];
        for (int b = 0; b < batch; b++)
            Array.Copy(values, ((long)b * tokens + tokens - rows) * vocabulary, tail, b * rows * vocabulary, rows * vocabulary);
        return tail;
    }
}
