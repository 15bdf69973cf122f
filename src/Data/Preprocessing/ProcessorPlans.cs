using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>
/// One plan per family of processor classes (transformers 5.23, PIL backend; goldens/preprocess records what each does).
/// A class is told from image_processor_type, or feature_extractor_type in older files.
/// </summary>
internal sealed class ProcessorPlans
{
    private static readonly float[] ClipMean = [0.48145466f, 0.4578275f, 0.40821073f], ClipStd = [0.26862954f, 0.26130258f, 0.27577711f];
    private static readonly float[] Half = [0.5f, 0.5f, 0.5f];

    private readonly ProcessorConfig config;
    private readonly ConfigObject keys;
    private readonly AlphaRule alpha;
    private readonly List<PreprocessStep> steps = [];
    private bool onSquare;

    private ProcessorPlans(ConfigObject keys, AlphaRule alpha) => (config, this.keys, this.alpha) = (new ProcessorConfig(keys), keys, alpha);

    public static PreprocessPlan Create(ConfigObject config, AlphaRule alpha)
    {
        var plan = new ProcessorPlans(config, alpha);
        plan.AddSteps();
        var made = new PreprocessPlan(plan.steps);
        return plan.onSquare ? made.OnSquare() : made;
    }

    private void AddSteps()
    {
        string? type = keys.FindString("image_processor_type") ?? keys.FindString("feature_extractor_type");
        if (type is null && !keys.Has("size") && !keys.Has("image_size")) throw ImageErrors.NoProcessor(keys.FilePath);
        foreach (string suffix in (ReadOnlySpan<string>)["Pil", "Fast"])
            if (type is not null && type.EndsWith(suffix, StringComparison.Ordinal)) type = type[..^suffix.Length];
        switch (type)
        {
            case "CLIPImageProcessor" or "CLIPFeatureExtractor" or "MplugOwlImageProcessor": Convert(); AddClip(); break;
            case "LlavaImageProcessor":
                Convert();
                AddClip();
                onSquare = keys.Bool("do_pad", false);
                break;
            case "LlavaNextImageProcessor" or "LlavaOnevisionImageProcessor": AddLlavaNext(type); break;
            case "BlipImageProcessor": AddSquare(384, ResampleFilter.Bicubic, ClipMean, ClipStd, alpha); break;
            case "SiglipImageProcessor": AddSquare(224, ResampleFilter.Bicubic, Half, Half, alpha); break;
            case "ViTImageProcessor" or "ViTFeatureExtractor": AddSquare(224, ResampleFilter.Bilinear, Half, Half, AlphaRule.Drop); break;
            case "IdeficsImageProcessor": AddIdefics(); break;
            case "Idefics2ImageProcessor": AddIdefics2(); break;
            case "Qwen2VLImageProcessor": AddQwen2Vl(); break;
            case "FuyuImageProcessor": AddFuyu(); break;
            case "open_clip": AddOpenClip(); break;
            case null or "BlipImageEvalProcessor" or "QwenVL" or "Monkey": AddTorchvisionSquare(); break;
            default: throw ImageErrors.UnknownProcessor(keys.FilePath, type);
        }
    }

    private void AddLlavaNext(string type)
    {
        bool onevision = type == "LlavaOnevisionImageProcessor";
        int fallback = onevision ? 384 : 224;
        int side = config.Part("size", "shortest_edge") ?? config.Size("size", fallback).Height;
        if (!onevision && config.Size("crop_size", side) != new PixelSize(side, side)) throw keys.Invalid("crop_size", $"{side} x {side}, the size of the tiles");
        PixelSize[] pinpoints = config.Pinpoints("image_grid_pinpoints", onevision ? OnevisionPinpoints(side) : [new(672, 336), new(336, 672), new(672, 672), new(336, 1008), new(1008, 336)]);
        if (Array.Exists(pinpoints, size => size.Width % side != 0 || size.Height % side != 0)) throw keys.Invalid("image_grid_pinpoints", $"multiples of the tile's side, {side}");
        Convert();
        steps.Add(new TileStep(new AnyResTiles(side, pinpoints), config.Filter(ResampleFilter.Bicubic)));
        AddFloats(ClipMean, ClipStd);
    }

    /// <summary>The default grid of LLaVA-OneVision: 1 to 6 tiles each way.</summary>
    private static PixelSize[] OnevisionPinpoints(int side)
    {
        var sizes = new PixelSize[36];
        for (int i = 0; i < sizes.Length; i++) sizes[i] = new PixelSize((1 + i % 6) * side, (1 + i / 6) * side);
        return sizes;
    }

    /// <summary>Resize to one fixed size, rescale, normalize.</summary>
    private void AddSquare(int side, ResampleFilter filter, float[] mean, float[] std, AlphaRule rule)
    {
        steps.Add(new ConvertRgbStep(keys.Bool("do_convert_rgb", true) ? rule : AlphaRule.Drop));
        PixelSize size = config.Size("size", side);
        if (keys.Bool("do_resize", true)) steps.Add(new ResizeStep(new ExactSize(size.Width, size.Height), config.Filter(filter)));
        AddFloats(mean, std);
    }

    private void AddIdefics()
    {
        Convert();
        int side = config.Side("image_size", 224);
        steps.Add(new ResizeStep(new ExactSize(side, side), ResampleFilter.Bicubic));
        AddFloats(ClipMean, ClipStd);
    }

    /// <summary>Without the padding to the largest picture of a batch, which adds zeros to the floats.</summary>
    private void AddIdefics2()
    {
        Convert();
        var rule = new BetweenEdges(config.Part("size", "shortest_edge") ?? 378, config.Part("size", "longest_edge") ?? 980);
        if (keys.Bool("do_image_splitting", false)) steps.Add(new QuartersStep());
        if (keys.Bool("do_resize", true)) steps.Add(new ResizeStep(rule, config.Filter(ResampleFilter.Bilinear)));
        AddFloats(Half, Half);
    }

    /// <summary>Without the rearrangement into patches, which belongs to the encoder.</summary>
    private void AddQwen2Vl()
    {
        Convert();
        int factor = keys.Count("patch_size", 14) * keys.Count("merge_size", 2);
        ConfigObject? size = keys.FindObject("size");
        long least = keys.Long("min_pixels", size?.Long("shortest_edge", 3136) ?? 3136), most = keys.Long("max_pixels", size?.Long("longest_edge", 1003520) ?? 1003520);
        if (factor > 4096 || least < 1 || most < least) throw keys.Invalid("max_pixels", "min_pixels ≥ 1, max_pixels ≥ min_pixels, patch_size · merge_size ≤ 4096");
        if (keys.Bool("do_resize", true)) steps.Add(new ResizeStep(new SmartResize(factor, least, most), config.Filter(ResampleFilter.Bicubic)));
        AddFloats(ClipMean, ClipStd);
    }

    /// <summary>Fuyu's padding_value is a byte: 1.0 pads almost black.</summary>
    private void AddFuyu()
    {
        steps.Add(new ConvertRgbStep(AlphaRule.Drop));
        PixelSize size = keys.Has("size") ? config.Size("size", 0) : new PixelSize(1920, 1080);
        if (keys.Bool("do_resize", true)) steps.Add(new ResizeStep(new ShrinkToFit(size.Width, size.Height), config.Filter(ResampleFilter.Bilinear)));
        byte fill = (byte)Math.Clamp(keys.Double("padding_value", 1), 0, 255);
        if (keys.Bool("do_pad", true)) steps.Add(new PadStep(size.Width, size.Height, [fill, fill, fill, fill], Centred: false));
        AddFloats(Half, Half);
    }

    /// <summary>open_clip's image_transform: resized in the picture's own mode, cropped or padded, and only then converted.</summary>
    private void AddOpenClip()
    {
        int side = TorchvisionSize().Width, fill = keys.Int("fill_color", 0);
        if (fill is < 0 or > 255) throw keys.Invalid("fill_color", "an integer from 0 to 255");
        ResampleFilter filter = config.Filter(ResampleFilter.Bicubic);
        switch (keys.Has("resize_mode") ? keys.Choice("resize_mode", "shortest", "longest", "squash") : "shortest")
        {
            case "shortest":
                steps.Add(new ResizeStep(new ShortestEdge(side), filter));
                steps.Add(new CenterCropStep(side, side, CropRounding.HalfToEven));
                break;
            case "longest":
                steps.Add(new ResizeStep(new LongestEdge(side), filter));
                steps.Add(new PadStep(side, side, [(byte)fill, (byte)fill, (byte)fill, (byte)fill], Centred: true));
                break;
            default:
                steps.Add(new ResizeStep(new ExactSize(side, side), filter));
                break;
        }
        steps.Add(new ConvertRgbStep(AlphaRule.Drop));
        AddFloats(ClipMean, ClipStd);
    }

    /// <summary>Convert, Resize((h, w), BICUBIC), ToTensor, Normalize: Qwen-VL, CogVLM and the evaluation transforms of LAVIS.</summary>
    private void AddTorchvisionSquare()
    {
        PixelSize size = TorchvisionSize();
        steps.Add(new ConvertRgbStep(AlphaRule.Drop));
        steps.Add(new ResizeStep(new ExactSize(size.Width, size.Height), config.Filter(ResampleFilter.Bicubic)));
        AddFloats(ClipMean, ClipStd);
    }

    private void AddClip()
    {
        if (keys.Bool("do_resize", true)) steps.Add(new ResizeStep(ClipSize(), config.Filter(ResampleFilter.Bicubic)));
        if (keys.Bool("do_center_crop", true))
        {
            PixelSize crop = config.Size("crop_size", 224);
            steps.Add(new CenterCropStep(crop.Width, crop.Height, CropRounding.Down));
        }
        AddFloats(ClipMean, ClipStd);
    }

    /// <summary>{"shortest_edge"}, a number (which older files use for the same), or {"height", "width"}.</summary>
    private SizeRule ClipSize()
    {
        if (config.Part("size", "shortest_edge") is { } side) return new ShortestEdge(side);
        PixelSize size = config.Size("size", 224);
        return !keys.Has("size") || config.IsNumber("size") ? new ShortestEdge(size.Width) : new ExactSize(size.Width, size.Height);
    }

    private PixelSize TorchvisionSize() => config.Size(keys.Has("size") ? "size" : "image_size", 224);

    /// <summary>Without do_convert_rgb the processor feeds what it is given; this library always feeds three channels, alpha dropped.</summary>
    private void Convert() => steps.Add(new ConvertRgbStep(keys.Bool("do_convert_rgb", true) ? alpha : AlphaRule.Drop));

    /// <summary>Transforms that are not Hugging Face's write the short names mean and std.</summary>
    private void AddFloats(float[] mean, float[] std)
    {
        if (keys.Bool("do_rescale", true)) steps.Add(new RescaleStep(keys.Double("rescale_factor", 1 / 255.0)));
        if (keys.Bool("do_normalize", true)) steps.Add(new NormalizeStep(config.Channels(mean, "image_mean", "mean"), config.Channels(std, "image_std", "std")));
    }
}
