using MmKernels.Data;
using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A system with its weights on a device. Immutable; what belongs to a conversation lives in its <see cref="KvCache"/>.</summary>
public sealed class Model
{
    private Model(ModelSpec spec) => Spec = spec;

    public ModelSpec Spec { get; }

    public VisionTower? Vision { get; private init; }

    public ClipTextEncoder? Text { get; private init; }

    public ConnectorModule? Connector { get; private init; }

    public Decoder? Llm { get; private init; }

    /// <summary>Builds the parts of a spec from the weights of a store, and lets the store report what was wrong with them.</summary>
    /// <param name="spec">The system.</param>
    /// <param name="store">Its weights.</param>
    /// <param name="accelerator">Where small tables go; null where the store makes a manifest.</param>
    /// <exception cref="MmkException">MMK600: weights are missing or have wrong shapes, all of them listed; MMK610.</exception>
    public static Model Build(ModelSpec spec, WeightStore store, Accelerator? accelerator)
    {
        Scope root = store.Root;
        var model = new Model(spec)
        {
            Vision = spec.Vision is { } vision ? vision.Spec.Load(root.Under([.. vision.Names]), root) : null,
            Text = spec.Text is { } text ? new ClipTextEncoder(text.Spec, root.Under([.. text.Names]), root) : null,
            Connector = spec.Connector is { } connector ? connector.Connector.Load(root.Under([.. connector.Names]), spec.Vision!.Spec, spec.Llm!.Spec) : null,
            Llm = spec.Llm is { } llm ? Decoder.Load(accelerator, llm.Spec, root.Under([.. llm.Names]), root.Under([.. llm.HeadNames])) : null,
        };
        store.Check();
        return model;
    }

    /// <summary>The weights that a system asks for, as <c>name [shape]</c>.</summary>
    /// <param name="spec">The system.</param>
    /// <param name="layouts">Checkpoints whose way of naming counts; without any, the first published one does.</param>
    public static IReadOnlyList<string> Manifest(ModelSpec spec, params IReadOnlyList<Checkpoint> layouts)
    {
        WeightStore store = WeightStore.ForManifest(layouts);
        Build(spec, store, null);
        return store.Manifest;
    }

    /// <summary>Rows of the prompt that a preprocessed picture of this size fills.</summary>
    public int TokensOf(int width, int height)
    {
        if (Spec.Connector is null || Spec.Vision is null) throw ModelErrors.NoImages(Spec.System);
        PictureSpec picture = Spec.Vision.Spec.Picture;
        // The tower itself takes any size; a system whose pictures have other sizes says so in its preprocessing and its recipe.
        if (width != picture.Size || height != picture.Size) throw ModelErrors.PictureSize(width, height, picture.Size);
        return Spec.Connector.Connector.Tokens(picture.Grid, picture.Grid);
    }

    /// <summary>Records encoder and connector.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="pixels">Normalised pictures, [images, channels, height, width].</param>
    /// <exception cref="MmkException">MMK607: the model takes no pictures.</exception>
    public Visual See(Graph g, Tensor pixels)
    {
        if (Vision is null || Connector is null) throw ModelErrors.NoImages(Spec.System);
        return Connector.Encode(g, Vision.Encode(g, pixels, Spec.Connector!.Connector.Taps(Spec.Vision!.Spec)));
    }

    /// <summary>
    /// Starts the compilation of the kernels that a question will need, in the order of need, by recording graphs that never run. Which kernels serve
    /// an op depends on the weights and on whether there are one or several rows, not on how many.
    /// </summary>
    public void Warm(Accelerator accelerator)
    {
        using TensorScope scope = accelerator.OpenScope();
        if (Vision is not null && Connector is not null)
        {
            PictureSpec picture = Spec.Vision!.Spec.Picture;
            See(new Graph(accelerator), scope.Allocate(DType.F32, new Shape(1, picture.Channels, picture.Size, picture.Size)));
        }
        if (Llm is null) return;
        using var generator = new TextGenerator(accelerator, Llm, capacity: 2);
        generator.BeginPrefill(TokenMap.Text([0, 0]), 0, null, null);
        generator.Prepare();
    }
}
