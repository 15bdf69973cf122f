using System.Runtime.InteropServices;
using System.Text.Json;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Tests;

/// <summary>The pictures of the recorded systems: file to encoder input, bit for bit, by their own preprocessor_config.json and a few steps around it.</summary>
public class SystemPictureTests
{
    private const string AsConfigured = "as configured", MeanSquare = "on a square of the mean colour", WhiteSquare = "on a white square", ImageBind = "ImageBind", Stretched = "stretched to a square", WhiteStretched = "white square, then bilinear";

    /// <summary>Fixture, tensor, the pictures in the order of its first axes, what surrounds the configured plan.</summary>
    private static readonly (string System, string Tensor, string Pictures, string Around)[] rows =
    [
        ("blip2_opt", "in.batch2.pixel_values", "image image2", AsConfigured),
        ("bubogpt", "in.pixel_values", "image", ImageBind),
        ("codi2", "in.pixel_values", "image image2 image3", ImageBind),
        ("cogvlm", "in.pixel_values", "image", AsConfigured),
        ("cogvlm2", "in.pixel_values", "image", AsConfigured),
        ("dense_connector_dci", "in.video.pixel_values", "image frame1 frame2", MeanSquare),
        ("dense_connector_siglip", "in.video.pixel_values", "image frame1 frame2", MeanSquare),
        ("flamingo_nfnet", "in.vision_x", "image1 image2 image3 image4", Stretched),
        ("idefics", "in.batch2.pixel_values", "image1 image2 image3", AsConfigured),
        ("idefics_noqk", "in.batch2.pixel_values", "image1 image2 image3", AsConfigured),
        ("instructblip_t5", "in.batch2.pixel_values", "image image2", AsConfigured),
        ("instructblip_vicuna", "in.batch2.pixel_values", "image image2", AsConfigured),
        ("kosmos2", "in.batch2.pixel_values", "image image1", AsConfigured),
        ("lavin_full", "in.pixel_values", "image", Stretched),
        ("llama_vid", "in.pixel_values", "frame1 frame2 frame3", AsConfigured),
        ("llava15", "in.two.pixel_values", "image image2", AsConfigured),
        ("llava_next", "in.pixel_values", "image", AsConfigured),
        ("llava_next", "in.small.pixel_values", "image_small", AsConfigured),
        ("llava_next", "in.tall.pixel_values", "image_tall", AsConfigured),
        ("llava_next", "in.wide.pixel_values", "image_wide", AsConfigured),
        ("llava_onevision", "in.pixel_values", "image0", AsConfigured),
        ("llava_onevision", "in.small.pixel_values", "image1", AsConfigured),
        ("llava_v0_linear", "in.two.pixel_values", "image image2", AsConfigured),
        ("minigpt4", "in.pixel_values", "image", AsConfigured),
        ("minigpt5", "in.pixel_values", "image image2", WhiteStretched),
        ("minigpt_v2", "in.pixel_values", "image", AsConfigured),
        ("mobilevlm_ldp", "in.pixel_values", "image", MeanSquare),
        ("mobilevlm_ldpv2", "in.pixel_values", "image", MeanSquare),
        ("moe_llava", "in.pixel_values", "image", MeanSquare),
        ("monkey", "in.image_tensor", "image", AsConfigured),
        ("mplug_owl", "in.two.pixel_values", "image1 image2", AsConfigured),
        ("next_gpt", "in.image2", "image2", ImageBind),
        ("open_flamingo", "in.three.vision_x", "image1 image2 image3", AsConfigured),
        ("otter", "in.vision_x", "image1 image2 image3", AsConfigured),
        ("paligemma", "in.pixel_values", "image0", AsConfigured),
        ("pandagpt", "in.pixel_values", "image", ImageBind),
        ("qwen_vl", "in.two.pixel_values", "image image2", AsConfigured),
        ("shikra", "in.pixel_values", "image", WhiteSquare),
        ("tokenpacker_full", "in.pad.pixel_values", "image", MeanSquare),
        ("videochat", "in.image.pixel_values", "image", Stretched),
        ("vila", "in.pixel_values", "image", AsConfigured),
        ("vila_s2", "in.pixel_values", "image", AsConfigured),
        ("x_instructblip", "in.image", "image", AsConfigured),
        ("x_llm", "in.image", "image", AsConfigured),
        ("xcomposer", "in.pixel_values", "image", AsConfigured),
        ("xcomposer2_plora", "in.two.pixel_values", "image1", AsConfigured),
        ("yi_vl", "in.two.pixel_values", "image image2", MeanSquare),
    ];

    /// <summary>Every row in every root that has the system; where none has, the row is there to be skipped.</summary>
    public static TheoryData<string, string, string, string, string> Rows()
    {
        var all = new TheoryData<string, string, string, string, string>();
        foreach ((string system, string tensor, string pictures, string around) in rows)
            foreach (string folder in SlicedPictureTests.FoldersOf(system).DefaultIfEmpty("")) all.Add(folder, system, tensor, pictures, around);
        return all;
    }

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void Pictures_BecomeTheRecordedEncoderInput(string folder, string system, string tensor, string pictures, string around)
    {
        Skip.If(folder.Length == 0, $"{system} is in no root of goldens");
        ReadOnlySpan<float> rest = RecordedTensors.Open(Path.Combine(folder, "reference.safetensors")).Floats(tensor);
        PreprocessPlan plan = Around(around, Path.Combine(folder, "preprocessor_config.json"));
        foreach (string picture in pictures.Split(' '))
        {
            PixelValues pixels = plan.Run(ImageFile.Decode(Path.Combine(folder, picture + ".png")));
            Assert.True(MemoryMarshal.AsBytes(rest[..pixels.Values.Length]).SequenceEqual(MemoryMarshal.AsBytes<float>(pixels.Values)), $"{picture} ({pixels.Shape}) differs");
            rest = rest[pixels.Values.Length..];
        }
    }

    /// <summary>Some systems wrote their transform in code; their file then holds only the numbers.</summary>
    private static PreprocessPlan Around(string around, string config)
    {
        PreprocessPlan Transform(params Func<int, PreprocessStep>[] steps)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(config));
            JsonElement root = document.RootElement;
            if (root.TryGetProperty("vis_processor", out JsonElement vision)) root = vision;
            JsonElement size = root.TryGetProperty("image_size", out JsonElement side) ? side : root.GetProperty("size");
            if (size.ValueKind == JsonValueKind.Object) size = size.GetProperty("height");
            if (size.ValueKind == JsonValueKind.Array) size = size[0];
            int pixels = size.GetInt32();
            float[] mean = [.. root.GetProperty("image_mean").EnumerateArray().Select(v => v.GetSingle())], std = [.. root.GetProperty("image_std").EnumerateArray().Select(v => v.GetSingle())];
            return new PreprocessPlan([new ConvertRgbStep(AlphaRule.Drop), .. steps.Select(step => step(pixels)), new RescaleStep(1 / 255.0), new NormalizeStep(mean, std)]);
        }
        return around switch
        {
            AsConfigured => PreprocessPlan.Read(config),
            MeanSquare => PreprocessPlan.Read(config).OnSquare(),
            WhiteSquare => PreprocessPlan.Read(config).OnSquare([255, 255, 255]),
            ImageBind => Transform(side => new ResizeStep(new ShortestEdge(side), ResampleFilter.Bicubic), side => new CenterCropStep(side, side, CropRounding.HalfToEven)),
            Stretched => Transform(side => new ResizeStep(new ExactSize(side, side), ResampleFilter.Bicubic)),
            WhiteStretched => Transform(side => new ExpandToSquareStep([255, 255, 255, 255]), side => new ResizeStep(new ExactSize(side, side), ResampleFilter.Bilinear)),
            _ => throw new InvalidOperationException(around),
        };
    }
}
