using MmKernels.Data;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Models;

/// <summary>MobileVLM and its second version: LLaVA-1.5 with a projector that makes fewer tokens.</summary>
/// <remarks>source: Meituan-AutoML/MobileVLM, mobilevlm/model/mobilevlm.py.</remarks>
internal sealed class MobileVlmRecipe : Recipe
{
    public override string System => "MobileVLM";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType == "mobilevlm";

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        VisionFiles tower = VisionFiles.Find(files, root.String("mm_vision_tower"));
        ClipVisionSpec vision = ClipVisionSpec.Read(tower.Config.Vision ?? tower.Config.Root);
        int tap = vision.Tap(root, "mm_vision_select_layer", root.Int("mm_vision_select_layer"));
        bool second = root.Choice("mm_projector_type", "ldpnet", "ldpnetv2") == "ldpnetv2";
        return new ModelSpec
        {
            System = second ? "MobileVLM V2" : System,
            Vision = new VisionPart(vision, "model.vision_tower.vision_tower.vision_model", "vision_model", ""),
            Connector = new ConnectorPart(second ? new LdpV2Connector(tap) : new LdpConnector(tap), "model.mm_projector", "mm_projector"),
            Llm = new LlmPart(new LlamaFamily().Read(root), ["model"], ["lm_head"]),
            Images = tower.FindPreprocessor(files) is { } preprocessor
                ? new ChunkedImagePrompt(LlavaOriginalRecipe.Prepared(root, PreprocessPlan.Read(preprocessor), vision.Picture), root.Int("bos_token_id", 1))
                : null,
            Conversation = Conversation.VicunaV1(ImagePrompt.DefaultMarker),
            Weights = [.. new[] { files.Weights, tower.Weights }.Where(path => File.Exists(path) || Directory.Exists(path)).Distinct()],
        };
    }
}
