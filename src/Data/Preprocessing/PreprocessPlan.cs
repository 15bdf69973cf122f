using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>What a processor does to a picture, as data: steps in order, no code per model.</summary>
/// <param name="Steps">Byte steps first, then <see cref="RescaleStep"/> and <see cref="NormalizeStep"/>.</param>
/// <param name="Order">The order of the resampling passes.</param>
public sealed record PreprocessPlan(IReadOnlyList<PreprocessStep> Steps, PassOrder Order = PassOrder.Pillow13)
{
    /// <summary>Largest number of pixels of any intermediate picture.</summary>
    public long MaxPixels { get; init; } = ImageLimits.Default.MaxPixels;

    /// <summary>The plan of a checkpoint's preprocessor_config.json.</summary>
    /// <exception cref="MmkException">MMK400 to MMK412: the file is unreadable or a value is wrong. MMK469: its processor is not supported.</exception>
    public static PreprocessPlan Read(string path, AlphaRule alpha = AlphaRule.White) => ProcessorPlans.Create(ConfigObject.Open(path), alpha);

    /// <summary>The plan of the text of a preprocessor_config.json; <paramref name="name"/> is what errors call it.</summary>
    /// <inheritdoc cref="Read"/>
    public static PreprocessPlan Parse(ReadOnlyMemory<byte> json, string name = "preprocessor_config.json", AlphaRule alpha = AlphaRule.White)
        => ProcessorPlans.Create(ConfigObject.Parse(json, name), alpha);

    /// <summary>Whether the first thing that the plan does is to convert to RGB.</summary>
    public bool ConvertsFirst => Steps.Count > 0 && Steps[0] is ConvertRgbStep;

    /// <summary>
    /// The RGB bytes that the resolved steps start from. A plan that converts after the resize (open_clip) gives the same result this way only for pictures
    /// without alpha and palette: for others use <see cref="Run"/>.
    /// </summary>
    public Image Source(Image image)
    {
        foreach (PreprocessStep step in Steps)
            if (step is ConvertRgbStep { Alpha: AlphaRule.White }) return image.ComposedOverWhite();
        return image.ToRgb();
    }

    /// <summary>The plan with the picture first put on a square of <paramref name="fill"/> (image_aspect_ratio "pad" of the LLaVA family).</summary>
    /// <param name="fill">Red, green, blue; null: int(255 · mean) of the plan's <see cref="NormalizeStep"/>.</param>
    public PreprocessPlan OnSquare(byte[]? fill = null)
    {
        var steps = new List<PreprocessStep>(Steps);
        float[] mean = steps.Find(step => step is NormalizeStep) is NormalizeStep normalize ? normalize.Mean : [0, 0, 0];
        fill ??= Array.ConvertAll(mean, value => (byte)Math.Clamp((int)(value * 255.0), 0, 255));
        steps.Insert(ConvertsFirst ? 1 : 0, new ExpandToSquareStep([fill[0], fill[1], fill[2], 255]));
        return this with { Steps = steps };
    }

    /// <summary>Every size, offset, table and order for a picture of <paramref name="width"/> x <paramref name="height"/>.</summary>
    /// <exception cref="MmkException">MMK470: a step would make a picture without pixels or with more than <see cref="MaxPixels"/>.</exception>
    public ResolvedPlan Resolve(int width, int height) => new PlanResolver(this).Resolve(new PixelSize(width, height));

    /// <summary>Runs the plan on the host. The result is bit-exact to the processors with the PIL backend (goldens/preprocess).</summary>
    /// <exception cref="MmkException">MMK470: as <see cref="Resolve"/>. MMK472: the views differ in size: see <see cref="RunViews"/>.</exception>
    public PixelValues Run(Image image)
    {
        Image source = ConvertsFirst ? Source(image) : image;
        ResolvedPlan resolved = Resolve(source.Width, source.Height);
        return new PixelValues(PlanExecutor.Run(resolved, source, Order), resolved.OutputShape, resolved);
    }

    /// <summary>As <see cref="Run"/>, view by view: for plans whose tiles differ in size (LLaVA-UHD, Idefics2).</summary>
    /// <exception cref="MmkException">MMK470: as <see cref="Resolve"/>.</exception>
    public IReadOnlyList<PixelValues> RunViews(Image image)
    {
        Image source = ConvertsFirst ? Source(image) : image;
        ResolvedPlan resolved = Resolve(source.Width, source.Height);
        var views = new PixelValues[resolved.Views.Count];
        for (int i = 0; i < views.Length; i++)
            views[i] = new PixelValues(PlanExecutor.Run(resolved, resolved.Views[i], source, Order), resolved.Views[i].OutputShape, resolved);
        return views;
    }
}
