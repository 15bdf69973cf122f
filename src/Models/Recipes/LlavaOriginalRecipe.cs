using MmKernels.Data;
using MmKernels.Data.Images;
using MmKernels.Data.Preprocessing;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// LLaVA v0, v1, 1.5, 1.6 and Yi-VL in the layout of the original repository: the language model's names, <c>model.mm_projector</c>, and a CLIP tower that is
/// usually published apart. Text is tokenised piece by piece around the pictures.
/// </summary>
/// <remarks>source: haotian-liu/LLaVA, llava/model/llava_arch.py, llava/mm_utils.py, llava/conversation.py; 01-ai/Yi, VL/llava.</remarks>
internal sealed class LlavaOriginalRecipe : Recipe
{
    private const string Linear = "linear", Mlp = "mlp2x_gelu", NormedMlp = "mlp2x_gelu_Norm";

    public override string System => "LLaVA (original layout)";

    public override bool Recognises(ModelFiles files)
        => files.Config.ModelType is "llava" or "llava_llama" or "llava_mistral" && files.Config.Root.IsSet("mm_vision_tower") && !files.Config.Root.IsSet("vision_config") && !files.Config.Root.IsSet("mm_dense_connector_type");

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        VisionFiles tower = VisionFiles.Find(files, root.String("mm_vision_tower"));
        ClipVisionSpec vision = ClipVisionSpec.Read(tower.Config.Vision ?? tower.Config.Root);
        string projector = Projector(root);
        bool tiles = root.FindString("image_aspect_ratio") == "anyres", mistral = root.ModelType == "llava_mistral";
        if (tiles && root.String("mm_patch_merge_type", "flat") != "spatial_unpad") throw root.Invalid("mm_patch_merge_type", "'spatial_unpad' where image_aspect_ratio is 'anyres'");
        return new ModelSpec
        {
            System = projector switch { NormedMlp => "Yi-VL", Mlp => tiles ? "LLaVA-NeXT (original layout)" : "LLaVA-1.5 (original layout)", _ => "LLaVA v0/v1 (original layout)" },
            Vision = new VisionPart(vision, "model.vision_tower.vision_tower.vision_model", "vision_model", ""),
            Connector = new ConnectorPart(ReadConnector(root, projector, vision), "model.mm_projector", "mm_projector"),
            Llm = new LlmPart(mistral ? new MistralFamily().Read(root) : new LlamaFamily().Read(root), ["model"], ["lm_head"]),
            Layout = tiles ? new UnpaddedRows(RoundsFirst: false, "model.image_newline") : null,
            Images = ReadImages(root, projector, files, tower, vision.Picture),
            Conversation = ReadConversation(root, projector),
            Weights = [.. new[] { files.Weights, tower.Weights }.Distinct()],
        };
    }

    /// <summary>A config from before the choice existed means the one linear map.</summary>
    private static string Projector(ConfigObject root) => root.FindString("mm_projector_type") is null ? Linear : root.Choice("mm_projector_type", Linear, Mlp, NormedMlp);

    private static Connector ReadConnector(ConfigObject root, string projector, ClipVisionSpec vision)
    {
        int tap = vision.Tap(root, "mm_vision_select_layer", root.Int("mm_vision_select_layer"));
        bool keepClassToken = root.String("mm_vision_select_feature", "patch") == "cls_patch";
        return projector switch
        {
            Linear => new LinearConnector(tap, keepClassToken),
            Mlp => new MlpConnector([tap], keepClassToken, Activation.Gelu, Bias: true, First: "0", Second: "2"),
            _ => new NormedMlpConnector(tap, keepClassToken),
        };
    }

    private static ImagePrompt? ReadImages(ConfigObject root, string projector, ModelFiles files, VisionFiles tower, PictureSpec picture)
    {
        if (tower.FindPreprocessor(files) is not { } preprocessor) return null;
        return new ChunkedImagePrompt(Prepared(root, PreprocessPlan.Read(preprocessor), picture), root.Int("bos_token_id", 1)) { Marker = Marker(projector) };
    }

    private static string Marker(string projector) => projector == NormedMlp ? "<image_placeholder>" : ImagePrompt.DefaultMarker;

    private static Conversation ReadConversation(ConfigObject root, string projector)
    {
        string picture = root.Bool("mm_use_im_start_end", false) ? $"<im_start>{Marker(projector)}<im_end>" : Marker(projector);
        if (projector == NormedMlp) return Conversation.YiVl(picture);
        if (root.ModelType == "llava_mistral") return Conversation.MistralInstruct(picture);
        // The original chooses by the model's name; only the first releases have a linear map and no v1 in it.
        bool first = projector == Linear && !root.String("_name_or_path", "").Contains("v1", StringComparison.OrdinalIgnoreCase);
        return first ? Conversation.LlavaV0(picture) : Conversation.VicunaV1(picture);
    }

    /// <summary>What image_aspect_ratio puts before the tower's own preprocessing: a square on the mean colour, or tiles, which it then leaves as they are.</summary>
    internal static PreprocessPlan Prepared(ConfigObject root, PreprocessPlan plan, PictureSpec picture)
    {
        NormalizeStep? normalize = plan.Steps.OfType<NormalizeStep>().FirstOrDefault();
        switch (root.FindString("image_aspect_ratio"))
        {
            case "pad":
                byte[] fill = normalize is null ? [0, 0, 0, 255] : [.. normalize.Mean.Select(mean => (byte)(mean * 255.0)), 255];
                return plan with { Steps = [new ConvertRgbStep(AlphaRule.Drop), new ExpandToSquareStep(fill), .. plan.Steps.Where(step => step is not ConvertRgbStep)] };
            case "anyres":
                var tiles = new TileStep(new AnyResTiles(picture.Size, Pinpoints(root, picture.Size)), ResampleFilter.Bicubic);
                return plan with { Steps = [new ConvertRgbStep(AlphaRule.Drop), tiles, .. plan.Steps.Where(step => step is RescaleStep or NormalizeStep)] };
            default: return plan;
        }
    }

    /// <summary>Pairs of [width, height], multiples of the tile's side.</summary>
    private static PixelSize[] Pinpoints(ConfigObject root, int side)
    {
        const string Key = "image_grid_pinpoints";
        int[][] pairs = root.IntLists(Key);
        bool valid = pairs.Length is > 0 and <= 1024 && pairs.All(pair => pair.Length == 2 && pair.All(length => length >= side && length % side == 0 && length <= ConfigBounds.ImageSize));
        return valid ? Array.ConvertAll(pairs, pair => new PixelSize(pair[0], pair[1])) : throw root.Invalid(Key, $"pairs of [width, height], multiples of {side}");
    }
}
