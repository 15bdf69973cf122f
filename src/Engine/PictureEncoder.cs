using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>The pictures of a conversation: decoded on the host, everything after that on the device. Their tokens stay there, picture after picture.</summary>
internal sealed class PictureEncoder(Accelerator accelerator, Model model) : IDisposable
{
    private readonly List<int> tokens = [];
    private readonly List<(Graph Graph, Tensor Made, int FirstRow)> pending = [];
    private TensorScope? memory;
    private Tensor? rows;      // F32 [all tokens, hidden]

    /// <summary>Tokens of each picture so far.</summary>
    public ReadOnlySpan<int> Tokens => tokens.ToArray();

    /// <summary>What the decoder reads of all pictures, those begun included; null where there are none.</summary>
    public Visual? Visual => rows is null ? null : new Visual(rows, tokens.Count > 0 ? tokens[0] : pending[0].Made.Shape[0]);

    /// <summary>Pictures so far.</summary>
    public int Count => tokens.Count;

    /// <summary>Largest arena so far.</summary>
    public long ArenaBytes { get; private set; }

    /// <summary>Decodes pictures and says what they need; nothing is run and nothing is kept.</summary>
    /// <exception cref="MmkException">MMK46x: a picture cannot be decoded. MMK470: it cannot be resized as the model needs it.</exception>
    public PreparedPicture[] Prepare(IReadOnlyList<Picture> pictures)
    {
        PreprocessPlan plan = model.Spec.Images!.Preprocessing;
        var prepared = new PreparedPicture[pictures.Count];
        for (int i = 0; i < prepared.Length; i++)
        {
            Image source = plan.Source(pictures[i].Decode());
            ResolvedPlan resolved = plan.Resolve(source.Width, source.Height);
            prepared[i] = new PreparedPicture(source, resolved, model.TokensOf(resolved));
        }
        return prepared;
    }

    /// <summary>Records encoder and connector for prepared pictures and makes room for their tokens; <see cref="Finish"/> runs them.</summary>
    public void Begin(ReadOnlySpan<PreparedPicture> pictures)
    {
        pending.Clear();
        if (pictures.Length == 0) return;
        Grow(pictures, out int next);
        foreach (PreparedPicture picture in pictures)
        {
            var g = new Graph(accelerator);
            Tensor made = g.Keep(model.See(g, g.Preprocess(picture.Plan, picture.Source), picture.Plan).Tokens!);
            pending.Add((g, made, next));
            next += picture.Tokens;
        }
    }

    /// <summary>Runs what <see cref="Begin"/> recorded.</summary>
    public void Finish()
    {
        foreach ((Graph g, Tensor made, int first) in pending)
        {
            using GraphPlan plan = g.Plan();
            plan.Run();
            accelerator.Copy(made, rows!.Rows(first, made.Shape[0]));
            ArenaBytes = Math.Max(ArenaBytes, plan.ArenaBytes);
        }
        foreach ((_, Tensor made, _) in pending) tokens.Add(made.Shape[0]);
        pending.Clear();
    }

    /// <summary>Forgets all but the first pictures.</summary>
    public void Keep(int pictures) => tokens.RemoveRange(pictures, tokens.Count - pictures);

    public void Dispose() => memory?.Dispose();

    /// <summary>Makes room behind the rows that are in use.</summary>
    private void Grow(ReadOnlySpan<PreparedPicture> pictures, out int used)
    {
        used = tokens.Sum();
        int total = used;
        foreach (PreparedPicture picture in pictures) total = checked(total + picture.Tokens);
        TensorScope larger = accelerator.OpenScope();
        Tensor copy = larger.Allocate(DType.F32, new Shape(total, model.Spec.Llm!.Spec.Hidden), "visual");
        if (used > 0) accelerator.Copy(rows!.Rows(0, used), copy.Rows(0, used));
        memory?.Dispose();
        (memory, rows) = (larger, copy);
    }
}
