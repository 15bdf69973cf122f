using MmKernels.Data;
using MmKernels.Data.Preprocessing;
using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A system with its weights on a device. Immutable; what belongs to a conversation lives in its <see cref="KvCache"/>.</summary>
public sealed class Model
{
    private const int TypicalQuestion = 40;   // tokens of a short one in its template

    private Model(ModelSpec spec) => Spec = spec;

    public ModelSpec Spec { get; }

    public VisionTower? Vision { get; private init; }

    public ClipTextEncoder? Text { get; private init; }

    public ConnectorModule? Connector { get; private init; }

    public TokenLayoutModule? Layout { get; private init; }

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
            Layout = spec.Layout?.Load(root, spec.Llm!.Spec),
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

    /// <summary>Rows of the prompt that a picture fills.</summary>
    /// <param name="plan">What its preprocessing makes of it.</param>
    /// <exception cref="MmkException">MMK607: the model takes no pictures; MMK611, MMK613: it takes none that are prepared like this.</exception>
    public int TokensOf(ResolvedPlan plan)
    {
        if (Spec.Connector is null || Spec.Vision is null) throw ModelErrors.NoImages(Spec.System);
        PictureSpec picture = Spec.Vision.Spec.Picture;
        // The tower itself takes any size; a system whose pictures have other sizes says so in its preprocessing and its recipe.
        if (plan.Tile != new PixelSize(picture.Size, picture.Size)) throw ModelErrors.PictureSize(plan.Tile.Width, plan.Tile.Height, picture.Size);
        if (Spec.Layout is not null) return Spec.Layout.Tokens(plan, picture.Grid, picture.Grid);
        return plan.Tiles == 1 ? Spec.Connector.Connector.Tokens(picture.Grid, picture.Grid) : throw ModelErrors.Unsupported("the preprocessing", $"{plan.Tiles} tiles of one picture");
    }

    /// <summary>Records encoder, connector and layout.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="pixels">Normalised pictures, [images, channels, height, width]; with a plan, the tiles of one.</param>
    /// <param name="plan">How the picture was cut; null for pictures that are not.</param>
    /// <param name="taps">Hidden states to record; those that the connector reads where left out.</param>
    /// <exception cref="MmkException">MMK607: the model takes no pictures.</exception>
    public Visual See(Graph g, Tensor pixels, ResolvedPlan? plan, params ReadOnlySpan<int> taps)
    {
        if (Vision is null || Connector is null) throw ModelErrors.NoImages(Spec.System);
        VisionFeatures features = Vision.Encode(g, pixels, taps.Length > 0 ? taps : Spec.Connector!.Connector.Taps(Spec.Vision!.Spec));
        Visual visual = Connector.Encode(g, features);
        if (Layout is null || plan is null) return visual;
        Tensor tokens = Layout.Arrange(g, visual.Tokens!, plan, features.Rows, features.Columns);
        return visual with { Tokens = tokens, TokensPerImage = tokens.Shape[0] };
    }

    /// <summary>
    /// Starts the compilation of the kernels that a question will need, in the order of need, by recording graphs that never run. Which kernels serve
    /// an op depends on the weights and on roughly how many rows there are: those of a picture, where the model takes one, and of a short question.
    /// </summary>
    public void Warm(Accelerator accelerator)
    {
        using TensorScope scope = accelerator.OpenScope();
        int rows = TypicalQuestion;
        if (Vision is not null && Connector is not null)
        {
            PictureSpec picture = Spec.Vision!.Spec.Picture;
            See(new Graph(accelerator), scope.Allocate(DType.F32, new Shape(1, picture.Channels, picture.Size, picture.Size)), plan: null);
            rows += Spec.Connector!.Connector.Tokens(picture.Grid, picture.Grid);
        }
        if (Llm is null) return;
        rows = Math.Min(rows, Llm.Spec.Context);
        using var generator = new TextGenerator(accelerator, Llm, rows);
        generator.BeginPrefill(TokenMap.Text(new int[rows]), 0, null, null);
        generator.Prepare();
    }
}
