using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>
/// One plan per family of processor classes (transformers 5.23, PIL backend; goldens/preprocess records what each does).
/// A class is told from image_processor_type, or feature_extractor_type in older files.
/// </summary>
internal static class ProcessorPlans
{
    private const int MaxPinpoints = 1024;

    private static readonly float[] ClipMean = [0.48145466f, 0.4578275f, 0.40821073f], ClipStd = [0.26862954f, 0.26130258f, 0.27577711f];
    private static readonly float[] HalfMean = [0.5f, 0.5f, 0.5f];
    private static readonly double Byte = 1 / 255.0;

    public static PreprocessPlan Create(ConfigReader config, AlphaRule alpha)
    {
        string? type = config.Text("image_processor_type") ?? config.Text("feature_extractor_type");
        if (type is null && (config.Has("size") || config.Has("image_size"))) return TorchvisionSquare(config);
        if (type is null) throw config.Error("it names neither an image_processor_type nor a size", "Give a preprocessor_config.json");
        foreach (string suffix in new[] { "Pil", "Fast" })
            if (type.EndsWith(suffix, StringComparison.Ordinal)) type = type[..^suffix.Length];
        return type switch
        {
            "CLIPImageProcessor" or "CLIPFeatureExtractor" => Clip(config, alpha),
            "LlavaImageProcessor" => Llava(config, alpha),
            "LlavaNextImageProcessor" => LlavaNext(config, alpha),
            "BlipImageProcessor" => Square(config, alpha, 384, ResampleFilter.Bicubic, ClipMean, ClipStd, convert: true),
            "IdeficsImageProcessor" => Idefics(config, alpha),
            "SiglipImageProcessor" => Square(config, alpha, 224, ResampleFilter.Bicubic, HalfMean, HalfMean, convert: true),
            "ViTImageProcessor" or "ViTFeatureExtractor" => Square(config, alpha, 224, ResampleFilter.Bilinear, HalfMean, HalfMean, convert: false),
            "FuyuImageProcessor" => Fuyu(config),
            "open_clip" => OpenClip(config),
            "BlipImageEvalProcessor" or "QwenVL" or "Monkey" => TorchvisionSquare(config),
            _ => throw config.Error($"the processor {type} is not supported", "CLIP, LLaVA, LLaVA-NeXT, BLIP, IDEFICS, SigLIP, ViT, Fuyu, open_clip, LAVIS and Qwen-VL processors are"),
        };
    }

    private static PreprocessPlan Clip(ConfigReader config, AlphaRule alpha)
    {
        var steps = new List<PreprocessStep>();
        Convert(config, alpha, steps);
        AddClip(config, steps);
        return new PreprocessPlan(steps);
    }

    private static PreprocessPlan Llava(ConfigReader config, AlphaRule alpha)
    {
        var steps = new List<PreprocessStep>();
        Convert(config, alpha, steps);
        if (config.Flag("do_pad", false))
        {
            float[] mean = config.Channels("image_mean", ClipMean);
            steps.Add(new ExpandToSquareStep([Background(mean[0]), Background(mean[1]), Background(mean[2]), 255]));
        }
        AddClip(config, steps);
        return new PreprocessPlan(steps);
    }

    private static PreprocessPlan LlavaNext(ConfigReader config, AlphaRule alpha)
    {
        int side = config.Part("size", "shortest_edge") ?? config.Square("size", new PixelSize(224, 224)).Width;
        PixelSize crop = config.Square("crop_size", new PixelSize(side, side));
        if (crop != new PixelSize(side, side)) throw config.Error($"crop_size is {crop}, the tiles are {side} x {side}", "Both must be the same");
        PixelSize[] pinpoints = config.Sizes("image_grid_pinpoints", [new(672, 336), new(336, 672), new(672, 672), new(336, 1008), new(1008, 336)], MaxPinpoints);
        foreach (PixelSize size in pinpoints)
            if (size.Width % side != 0 || size.Height % side != 0) throw config.Error($"the pinpoint {size} is not made of tiles of {side} x {side}", "Give multiples");

        var steps = new List<PreprocessStep>();
        Convert(config, alpha, steps);
        steps.Add(new AnyResStep(side, pinpoints, config.Filter(ResampleFilter.Bicubic)));
        AddFloats(config, steps, ClipMean, ClipStd);
        return new PreprocessPlan(steps);
    }

    /// <summary>Resize to one fixed size, rescale, normalize.</summary>
    private static PreprocessPlan Square(ConfigReader config, AlphaRule alpha, int side, ResampleFilter filter, float[] mean, float[] std, bool convert)
    {
        var steps = new List<PreprocessStep>();
        Convert(config, convert ? alpha : AlphaRule.Drop, steps);
        PixelSize size = config.Square("size", new PixelSize(side, side));
        if (config.Flag("do_resize", true)) steps.Add(new ResizeStep(new ExactSize(size.Width, size.Height), config.Filter(filter)));
        AddFloats(config, steps, mean, std);
        return new PreprocessPlan(steps);
    }

    private static PreprocessPlan Idefics(ConfigReader config, AlphaRule alpha)
    {
        var steps = new List<PreprocessStep>();
        Convert(config, alpha, steps);
        int side = config.Int("image_size", 224, ConfigReader.MaxSide);
        steps.Add(new ResizeStep(new ExactSize(side, side), ResampleFilter.Bicubic));
        AddFloats(config, steps, ClipMean, ClipStd);
        return new PreprocessPlan(steps);
    }

    /// <summary>Fuyu's padding_value is a byte: 1.0 pads almost black.</summary>
    private static PreprocessPlan Fuyu(ConfigReader config)
    {
        var steps = new List<PreprocessStep> { new ConvertRgbStep(AlphaRule.Drop) };
        PixelSize size = config.Square("size", new PixelSize(1920, 1080));
        if (config.Flag("do_resize", true)) steps.Add(new ResizeStep(new ShrinkToFit(size.Width, size.Height), config.Filter(ResampleFilter.Bilinear)));
        byte fill = (byte)Math.Clamp(config.Number("padding_value", 1), 0, 255);
        if (config.Flag("do_pad", true)) steps.Add(new PadStep(size.Width, size.Height, [fill, fill, fill, fill], Centred: false));
        AddFloats(config, steps, HalfMean, HalfMean);
        return new PreprocessPlan(steps);
    }

    /// <summary>open_clip's image_transform: resized in the picture's own mode, cropped or padded, and only then converted.</summary>
    private static PreprocessPlan OpenClip(ConfigReader config)
    {
        int side = SideOf(config);
        ResampleFilter filter = Interpolation(config);
        byte fill = (byte)config.Int("fill_color", 0, 255, min: 0);
        var steps = new List<PreprocessStep>();
        string mode = config.Text("resize_mode") ?? "shortest";
        switch (mode)
        {
            case "shortest":
                steps.Add(new ResizeStep(new ShortestEdge(side), filter));
                steps.Add(new CenterCropStep(side, side, CropRounding.HalfToEven));
                break;
            case "longest":
                steps.Add(new ResizeStep(new LongestEdge(side), filter));
                steps.Add(new PadStep(side, side, [fill, fill, fill, fill], Centred: true));
                break;
            case "squash":
                steps.Add(new ResizeStep(new ExactSize(side, side), filter));
                break;
            default:
                throw config.Error($"resize_mode is \"{mode}\"", "open_clip has shortest, longest and squash");
        }
        steps.Add(new ConvertRgbStep(AlphaRule.Drop));
        AddFloats(config, steps, ClipMean, ClipStd);
        return new PreprocessPlan(steps);
    }

    /// <summary>Convert, Resize((h, w), BICUBIC), ToTensor, Normalize: Qwen-VL, CogVLM and the evaluation transforms of LAVIS.</summary>
    private static PreprocessPlan TorchvisionSquare(ConfigReader config)
    {
        PixelSize size = config.Has("size") ? config.Square("size", default) : new PixelSize(SideOf(config), SideOf(config));
        var steps = new List<PreprocessStep>
        {
            new ConvertRgbStep(AlphaRule.Drop),
            new ResizeStep(new ExactSize(size.Width, size.Height), config.Has("resample") ? config.Filter(ResampleFilter.Bicubic) : Interpolation(config)),
        };
        AddFloats(config, steps, ClipMean, ClipStd);
        return new PreprocessPlan(steps);
    }

    private static int SideOf(ConfigReader config)
        => config.Has("size") ? config.Square("size", default).Width : config.Int("image_size", 224, ConfigReader.MaxSide);

    private static ResampleFilter Interpolation(ConfigReader config) => config.Text("interpolation") switch
    {
        null or "bicubic" => ResampleFilter.Bicubic,
        "bilinear" => ResampleFilter.Bilinear,
        string other => throw config.Error($"interpolation is \"{other}\"", "It must be bicubic or bilinear"),
    };

    private static void AddClip(ConfigReader config, List<PreprocessStep> steps)
    {
        if (config.Flag("do_resize", true)) steps.Add(new ResizeStep(ClipSize(config), config.Filter(ResampleFilter.Bicubic)));
        if (config.Flag("do_center_crop", true))
        {
            PixelSize crop = config.Square("crop_size", new PixelSize(224, 224));
            steps.Add(new CenterCropStep(crop.Width, crop.Height, CropRounding.Down));
        }
        AddFloats(config, steps, ClipMean, ClipStd);
    }

    /// <summary>{"shortest_edge"}, a number (which older files use for the same), or {"height", "width"}.</summary>
    private static SizeRule ClipSize(ConfigReader config)
    {
        if (!config.Has("size")) return new ShortestEdge(224);
        if (config.Part("size", "shortest_edge") is { } side) return new ShortestEdge(side);
        PixelSize size = config.Square("size", default);
        return config.IsNumber("size") ? new ShortestEdge(size.Width) : new ExactSize(size.Width, size.Height);
    }

    /// <summary>Without do_convert_rgb the processor feeds what it is given; this library always feeds three channels, alpha dropped.</summary>
    private static void Convert(ConfigReader config, AlphaRule alpha, List<PreprocessStep> steps)
        => steps.Add(new ConvertRgbStep(config.Flag("do_convert_rgb", true) ? alpha : AlphaRule.Drop));

    private static void AddFloats(ConfigReader config, List<PreprocessStep> steps, float[] mean, float[] std)
    {
        if (config.Flag("do_rescale", true)) steps.Add(new RescaleStep(config.Number("rescale_factor", Byte)));
        if (!config.Flag("do_normalize", true)) return;
        // Transforms that are not Hugging Face's write the short names.
        mean = config.Channels("mean", config.Channels("image_mean", mean));
        std = config.Channels("std", config.Channels("image_std", std));
        steps.Add(new NormalizeStep(mean, std));
    }

    private static byte Background(float mean) => (byte)Math.Clamp((int)((double)mean * 255), 0, 255);
}
