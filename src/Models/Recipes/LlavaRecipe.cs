using MmKernels.Data;
using MmKernels.Data.Preprocessing;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>LLaVA-1.5 in the hub's layout (llava-hf): a CLIP tower, in later models a SigLIP one, two maps with a GELU between them, a language model.</summary>
/// <remarks>source: Liu et al. 2023, arXiv:2310.03744; transformers, LlavaForConditionalGeneration.</remarks>
internal sealed class LlavaRecipe : Recipe
{
    public override string System => "LLaVA-1.5";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType == "llava" && files.Config.Root.IsSet("vision_config");

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        ConfigObject tower = root.Object("vision_config");
        bool siglip = tower.ModelType == "siglip_vision_model";
        VisionSpec vision = siglip ? SiglipVisionSpec.Read(tower) : ClipVisionSpec.Read(tower);
        ConfigObject text = root.Object("text_config");
        LlmSpec llm = (LlmFamily.Of(text) ?? throw text.Invalid("model_type", $"one of {string.Join(", ", LlmFamily.Known)}")).Read(text);
        if (root.IsSet("tie_word_embeddings")) llm = llm with { TiedHead = root.Bool("tie_word_embeddings") };
        bool full = root.Choice("vision_feature_select_strategy", "default", "full") == "full";
        if (siglip && !full) throw root.Invalid("vision_feature_select_strategy", "'full': this tower has no class token to leave out");
        int[] layers = root.Ints("vision_feature_layer");
        if (layers.Length == 0) throw root.Invalid("vision_feature_layer", "a layer or a list of layers");
        var connector = new MlpConnector([.. layers.Select(layer => vision.Tap(root, "vision_feature_layer", layer))], KeepClassToken: full && !siglip, Activations.Named(root, "projector_hidden_act"),
            root.Bool("multimodal_projector_bias"), "linear_1", "linear_2");
        return new ModelSpec
        {
            System = System,
            Vision = new VisionPart(vision, "vision_tower.vision_model", "vision_tower", "model.vision_tower.vision_model", "model.vision_tower"),
            Connector = new ConnectorPart(connector, "multi_modal_projector", "model.multi_modal_projector"),
            Llm = new LlmPart(llm, ["language_model.model", "model.language_model"], ["language_model.lm_head", "lm_head"]),
            Images = File.Exists(files.Preprocessor) ? new TokenImagePrompt(PreprocessPlan.Read(files.Preprocessor), root.Int(root.FirstOf("image_token_index", "image_token_id"))) : null,
            Weights = [files.Weights],
        };
    }
}
