using MmKernels.Data;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Models;

/// <summary>Dense Connector on LLaMA, in the layout of its repository: LLaVA-1.5 with more of the tower's states.</summary>
/// <remarks>source: HJYao00/DenseConnector, dc/model/llava_arch.py.</remarks>
internal sealed class DenseConnectorRecipe : Recipe
{
    private const string Key = "mm_dense_connector_type";

    public override string System => "Dense Connector";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType is "llava" or "llava_llama" && files.Config.Root.IsSet(Key);

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        if (root.FindString("mm_projector_type") is not "mlp2x_gelu") throw root.Invalid("mm_projector_type", "'mlp2x_gelu'");
        VisionFiles tower = VisionFiles.Find(files, root.String("mm_vision_tower"));
        ConfigObject config = tower.Config.Vision ?? tower.Config.Root;
        bool siglip = config.ModelType == "siglip_vision_model";
        VisionSpec vision = siglip ? SiglipVisionSpec.Read(config) : ClipVisionSpec.Read(config);
        // The repository takes the last state of SigLIP whatever the config says.
        DenseConnector connector = ReadConnector(root, siglip ? vision.Layers : vision.Tap(root, "mm_vision_select_layer", root.Int("mm_vision_select_layer")), siglip);
        if (connector.Others.Max() > vision.Layers) throw root.Invalid(Key, $"a choice of states that a tower of {vision.Layers} layers has");
        return new ModelSpec
        {
            System = System,
            Vision = new VisionPart(vision, "model.vision_tower.vision_tower.vision_model", "vision_model", ""),
            Connector = new ConnectorPart(connector, "model.mm_projector", "mm_projector"),
            Llm = new LlmPart(new LlamaFamily().Read(root), ["model"], ["lm_head"]),
            Images = tower.FindPreprocessor(files) is { } preprocessor
                ? new ChunkedImagePrompt(LlavaOriginalRecipe.Prepared(root, PreprocessPlan.Read(preprocessor), vision.Picture), root.Int("bos_token_id", 1))
                : null,
            Conversation = Conversation.VicunaV1(ImagePrompt.DefaultMarker),
            Weights = [.. new[] { files.Weights, tower.Weights }.Where(path => File.Exists(path) || Directory.Exists(path)).Distinct()],
        };
    }

    private static DenseConnector ReadConnector(ConfigObject root, int state, bool siglip) => root.Choice(Key, "sti", "sci", "dci") switch
    {
        "sti" => new DenseTokensConnector(state),
        "sci" => new DenseChannelsConnector(state),
        _ => new DenseMeansConnector(state, Group: siglip ? 13 : 12),
    };
}
