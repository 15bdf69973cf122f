using MmKernels.Data;
using MmKernels.Data.Preprocessing;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// LLaVA v0, v1, 1.5 and Yi-VL in the layout of the original repository: the language model's names, <c>model.mm_projector</c>, and a CLIP tower that is
/// usually published apart. Text is tokenised piece by piece around the pictures.
/// </summary>
/// <remarks>source: haotian-liu/LLaVA, llava/model/llava_arch.py, llava/mm_utils.py, llava/conversation.py; 01-ai/Yi, VL/llava.</remarks>
internal sealed class LlavaOriginalRecipe : Recipe
{
    private const string Linear = "linear", Mlp = "mlp2x_gelu", NormedMlp = "mlp2x_gelu_Norm";

    public override string System => "LLaVA, original layout";

    public override bool Recognises(ModelFiles files)
        => files.Config.ModelType is "llava" or "llava_llama" && files.Config.Root.IsSet("mm_vision_tower") && !files.Config.Root.IsSet("vision_config");

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        VisionFiles tower = VisionFiles.Find(files, root.String("mm_vision_tower"));
        ClipVisionSpec vision = ClipVisionSpec.Read(tower.Config.Vision ?? tower.Config.Root);
        string projector = Projector(root);
        return new ModelSpec
        {
            System = projector switch { NormedMlp => "Yi-VL", Mlp => "LLaVA-1.5 (original layout)", _ => "LLaVA v0/v1 (original layout)" },
            Vision = new VisionPart(vision, "model.vision_tower.vision_tower.vision_model", "vision_model", ""),
            Connector = new ConnectorPart(ReadConnector(root, projector, vision), "model.mm_projector", "mm_projector"),
            Llm = new LlmPart(new LlamaFamily().Read(root), ["model"], ["lm_head"]),
            Images = ReadImages(root, projector, files, tower),
            Conversation = ReadConversation(root, projector),
            Weights = [files.Weights, tower.Weights],
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
            Mlp => new MlpConnector(tap, keepClassToken, Activation.Gelu, Bias: true, First: "0", Second: "2"),
            _ => new NormedMlpConnector(tap, keepClassToken),
        };
    }

    private static ImagePrompt? ReadImages(ConfigObject root, string projector, ModelFiles files, VisionFiles tower)
    {
        string preprocessor = File.Exists(tower.Preprocessor) ? tower.Preprocessor : files.Preprocessor;
        if (!File.Exists(preprocessor)) return null;
        return new ChunkedImagePrompt(Padded(root, PreprocessPlan.Read(preprocessor)), root.Int("bos_token_id", 1)) { Marker = Marker(projector) };
    }

    private static string Marker(string projector) => projector == NormedMlp ? "<image_placeholder>" : ImagePrompt.DefaultMarker;

    private static Conversation ReadConversation(ConfigObject root, string projector)
    {
        string picture = root.Bool("mm_use_im_start_end", false) ? $"<im_start>{Marker(projector)}<im_end>" : Marker(projector);
        if (projector == NormedMlp) return Conversation.YiVl(picture);
        // The original chooses by the model's name; only the first releases have a linear map and no v1 in it.
        bool first = projector == Linear && !root.String("_name_or_path", "").Contains("v1", StringComparison.OrdinalIgnoreCase);
        return first ? Conversation.LlavaV0(picture) : Conversation.VicunaV1(picture);
    }

    /// <summary>With <c>image_aspect_ratio: pad</c> pictures become squares on the mean colour before anything else.</summary>
    private static PreprocessPlan Padded(ConfigObject root, PreprocessPlan plan)
    {
        if (root.FindString("image_aspect_ratio") is not "pad") return plan;
        NormalizeStep? normalize = plan.Steps.OfType<NormalizeStep>().FirstOrDefault();
        byte[] fill = normalize is null ? [0, 0, 0, 255] : [.. normalize.Mean.Select(mean => (byte)(mean * 255.0)), 255];
        return plan with { Steps = [new ConvertRgbStep(AlphaRule.Drop), new ExpandToSquareStep(fill), .. plan.Steps.Where(step => step is not ConvertRgbStep)] };
    }
}
