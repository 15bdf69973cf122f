namespace MmKernels.Tests;

/// <summary>LLaMA in double precision, written down from the paper: every token is read anew for each new one. The judge of the look-alike folders.</summary>
internal sealed record PlainLlama(int Vocabulary, int Hidden, int Intermediate, int Layers, int Heads, int KvHeads, int HeadDim, double Epsilon, double Theta)
{
    /// <summary>Weights by their published names, as the checkpoint's storage type holds them.</summary>
    public Dictionary<string, float[]> Weights { get; } = [];

    /// <summary>Whether the head is the embedding table.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Whether queries, keys and values have biases (Qwen 2).</summary>
    public bool QkvBias { get; init; }

    /// <summary>What a rope_scaling makes of an inverse frequency.</summary>
    public Func<double, double> Scale { get; init; } = frequency => frequency;

    /// <summary>The most probable continuation, as transformers' generate gives it without sampling.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="count">New tokens.</param>
    /// <param name="penalty">repetition_penalty over prompt and answer.</param>
    /// <param name="margin">The smallest distance between the largest and the second largest score.</param>
    public int[] Greedy(int[] prompt, int count, double penalty, out double margin)
    {
        List<int> tokens = [.. prompt];
        margin = double.PositiveInfinity;
        for (int i = 0; i < count; i++)
        {
            double[] scores = Logits(tokens);
            foreach (int seen in tokens.Distinct()) scores[seen] = scores[seen] < 0 ? scores[seen] * penalty : scores[seen] / penalty;
            int best = Array.IndexOf(scores, scores.Max());
            margin = Math.Min(margin, scores[best] - scores.Where((_, token) => token != best).Max());
            tokens.Add(best);
        }
        return [.. tokens[prompt.Length..]];
    }

    /// <summary>The logits that follow the last token.</summary>
    private double[] Logits(List<int> tokens)
    {
        double[][] x = [.. tokens.Select(token => Array.ConvertAll(Weights["model.embed_tokens.weight"][(token * Hidden)..((token + 1) * Hidden)], value => (double)value))];
        for (int layer = 0; layer < Layers; layer++)
        {
            string block = $"model.layers.{layer}.";
            double[][] n = [.. x.Select(row => Norm(row, block + "input_layernorm.weight"))];
            double[][] attended = Attend(n, block + "self_attn.");
            x = [.. x.Select((row, i) => Add(row, attended[i]))];
            x = [.. x.Select(row => Add(row, Mlp(Norm(row, block + "post_attention_layernorm.weight"), block + "mlp.")))];
        }
        return Multiply(Norm(x[^1], "model.norm.weight"), TiedHead ? "model.embed_tokens.weight" : "lm_head.weight");
    }

    private double[][] Attend(double[][] n, string name)
    {
        double[][] q = Project("q_proj", Heads), k = Project("k_proj", KvHeads), v = Project("v_proj", KvHeads, turn: false);
        return [.. n.Select((_, i) =>
        {
            var heads = new double[Heads * HeadDim];
            for (int head = 0; head < Heads; head++)
            {
                int kv = head / (Heads / KvHeads);
                var weights = new double[i + 1];
                for (int j = 0; j <= i; j++)
                    for (int d = 0; d < HeadDim; d++) weights[j] += q[i][head * HeadDim + d] * k[j][kv * HeadDim + d] / Math.Sqrt(HeadDim);
                double top = weights.Max(), sum = 0;
                for (int j = 0; j <= i; j++) sum += weights[j] = Math.Exp(weights[j] - top);
                for (int j = 0; j <= i; j++)
                    for (int d = 0; d < HeadDim; d++) heads[head * HeadDim + d] += weights[j] / sum * v[j][kv * HeadDim + d];
            }
            return Multiply(heads, name + "o_proj.weight");
        })];

        double[][] Project(string map, int count, bool turn = true) => [.. n.Select((row, position) =>
        {
            double[] y = Multiply(row, $"{name}{map}.weight");
            if (QkvBias) y = Add(y, Array.ConvertAll(Weights[$"{name}{map}.bias"], value => (double)value));
            return turn ? Turn(y, count, position) : y;
        })];
    }

    /// <summary>Rotary positions: dimensions j and j + HeadDim / 2 of a head turn by position · theta^(-2j / HeadDim).</summary>
    private double[] Turn(double[] x, int heads, int position)
    {
        int half = HeadDim / 2;
        double[] y = [.. x];
        for (int head = 0; head < heads; head++)
            for (int j = 0; j < half; j++)
            {
                double angle = position * Scale(Math.Pow(Theta, -2.0 * j / HeadDim)), a = x[head * HeadDim + j], b = x[head * HeadDim + j + half];
                y[head * HeadDim + j] = a * Math.Cos(angle) - b * Math.Sin(angle);
                y[head * HeadDim + j + half] = b * Math.Cos(angle) + a * Math.Sin(angle);
            }
        return y;
    }

    private double[] Mlp(double[] n, string name)
    {
        double[] gate = Multiply(n, name + "gate_proj.weight"), up = Multiply(n, name + "up_proj.weight");
        return Multiply([.. gate.Select((value, i) => value / (1 + Math.Exp(-value)) * up[i])], name + "down_proj.weight");
    }

    private double[] Norm(double[] x, string name)
    {
        double scale = 1 / Math.Sqrt(x.Sum(value => value * value) / x.Length + Epsilon);
        return [.. x.Select((value, i) => value * scale * Weights[name][i])];
    }

    private double[] Multiply(double[] x, string name)
    {
        float[] w = Weights[name];
        var y = new double[w.Length / x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            for (int j = 0; j < x.Length; j++) sum += w[i * x.Length + j] * x[j];
            y[i] = sum;
        }
        return y;
    }

    private static double[] Add(double[] a, double[] b) => [.. a.Select((value, i) => value + b[i])];
}
