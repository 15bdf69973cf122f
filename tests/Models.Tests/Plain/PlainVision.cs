using static MmKernels.Tests.Plain.PlainMath;

namespace MmKernels.Tests.Plain;

/// <summary>A pre-norm block whose tokens see each other: CLIP, SigLIP.</summary>
internal sealed record PlainVisionLayer(PlainNorm Norm1, PlainLinear Query, PlainLinear Key, PlainLinear Value, PlainLinear Output, PlainNorm Norm2, PlainLinear Up, PlainLinear Down);

/// <summary>CLIP's and SigLIP's vision transformers in double precision, written from transformers' modeling_clip.py and modeling_siglip.py.</summary>
internal sealed record PlainVision
{
    public required int Patch, Size, Heads;

    public required PlainVisionLayer[] Layers;

    public required Func<double, double> Activation;

    /// <summary>Of a patch's pixels in the order channel, row, column.</summary>
    public required PlainLinear Patches;

    public required double[] Positions;

    public double[]? ClassToken;

    public PlainNorm? PreNorm;

    /// <summary>Every hidden state of a picture [channels][height, width].</summary>
    public List<double[][]> States(double[][] pixels, int height, int width)
    {
        int rows = height / Patch, columns = width / Patch, hidden = Patches.Outputs, prefix = ClassToken is null ? 0 : 1;
        var x = new List<double[]>();
        if (ClassToken is not null) x.Add([.. ClassToken.Zip(Positions, (a, b) => a + b)]);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
            {
                double[] flat = [.. pixels.SelectMany(channel => Enumerable.Range(0, Patch * Patch).Select(i => channel[(row * Patch + i / Patch) * width + column * Patch + i % Patch]))];
                double[] position = Position(prefix, row, column, rows, columns, hidden);
                x.Add([.. Patches.Apply(flat).Zip(position, (a, b) => a + b)]);
            }
        double[][] state = PreNorm is null ? [.. x] : PreNorm.Apply([.. x]);
        List<double[][]> states = [state];
        foreach (PlainVisionLayer layer in Layers) states.Add(state = Block(layer, state));
        return states;
    }

    private double[][] Block(PlainVisionLayer layer, double[][] x)
    {
        double[][] n = layer.Norm1.Apply(x);
        double scale = 1 / Math.Sqrt(x[0].Length / Heads);
        double[][] h = Add(x, layer.Output.Apply(Attend(layer.Query.Apply(n), layer.Key.Apply(n), layer.Value.Apply(n), Heads, Heads, scale, (score, _, _, _) => score)));
        return Add(h, layer.Down.Apply(Map(layer.Up.Apply(layer.Norm2.Apply(h)), Activation)));
    }

    /// <summary>A row of the table; of another grid, bicubic as torch.nn.functional.interpolate (a = -0.75, corners not aligned).</summary>
    private double[] Position(int prefix, int row, int column, int rows, int columns, int hidden)
    {
        int grid = Size / Patch;
        if (rows == grid && columns == grid) return Positions.AsSpan((prefix + row * grid + column) * hidden, hidden).ToArray();
        double y = (row + 0.5) * grid / rows - 0.5, x = (column + 0.5) * grid / columns - 0.5;
        var sum = new double[hidden];
        for (int dy = -1; dy <= 2; dy++)
            for (int dx = -1; dx <= 2; dx++)
            {
                double weight = Cubic(y - Math.Floor(y) - dy) * Cubic(x - Math.Floor(x) - dx);
                int at = prefix + Math.Clamp((int)Math.Floor(y) + dy, 0, grid - 1) * grid + Math.Clamp((int)Math.Floor(x) + dx, 0, grid - 1);
                for (int i = 0; i < hidden; i++) sum[i] += weight * Positions[at * hidden + i];
            }
        return sum;
    }

    private static double Cubic(double distance)
    {
        double t = Math.Abs(distance);
        return t <= 1 ? 1.25 * t * t * t - 2.25 * t * t + 1 : -0.75 * (t * t * t - 5 * t * t + 8 * t - 4);
    }
}
