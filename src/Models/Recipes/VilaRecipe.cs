using MmKernels.Data;
using MmKernels.Data.Preprocessing;

namespace MmKernels.Models;

/// <summary>VILA-1.5: a SigLIP or CLIP tower, patches put together two by two, any language model; three folders of weights, or one file with their names before them.</summary>
/// <remarks>
/// The token order of checkpoints older than the code (see <see cref="DownsampleConnector"/>) is told by no published key: who has one writes
/// <c>"token_order": "columns"</c> into mm_projector_cfg. source: Lin et al. 2023, arXiv:2312.07533; NVlabs/VILA, llava/model/llava_arch.py.
/// </remarks>
internal sealed class VilaRecipe : Recipe
{
    private static readonly string[] Parts = ["llm", "vision_tower", "mm_projector"];

    public override string System => "VILA";

    public override bool Recognises(ModelFiles files) => files.Config.Root.IsSet("llm_cfg") && files.Config.Root.IsSet("mm_projector_cfg") && files.Config.Root.IsSet("vision_tower_cfg");

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root, text = root.Object("llm_cfg"), tower = root.Object("vision_tower_cfg"), projector = root.Object("mm_projector_cfg");
        if (root.Bool("s2", false) || root.Bool("dynamic_s2", false)) throw ModelErrors.Unsupported(root.FilePath, "a tower at several scales (s2)");
        if (root.FindString("image_aspect_ratio") is not (null or "resize")) throw root.Invalid("image_aspect_ratio", "'resize'");
        if (projector.String("mm_projector_type") is not "mlp_downsample") throw projector.Invalid("mm_projector_type", "'mlp_downsample'");
        VisionSpec vision = tower.ModelType == "siglip_vision_model" ? SiglipVisionSpec.Read(tower) : ClipVisionSpec.Read(tower);
        LlmSpec llm = (LlmFamily.Of(text) ?? throw text.Invalid("model_type", $"one of {string.Join(", ", LlmFamily.Known)}")).Read(text);
        string[] folders = [.. Parts.Select(part => Path.Combine(files.Folder, part))];
        return new ModelSpec
        {
            System = System,
            Vision = new VisionPart(vision, "vision_tower.vision_tower.vision_model", "vision_tower.vision_model", "vision_model"),
            Connector = new ConnectorPart(new DownsampleConnector(vision.Tap(root, "mm_vision_select_layer", root.Int("mm_vision_select_layer")), Side: 2, ByColumns(projector)), "mm_projector", ""),
            Llm = new LlmPart(llm, ["llm.model", "model"], ["llm.lm_head", "lm_head"]),
            Images = File.Exists(files.Preprocessor)
                ? new ChunkedImagePrompt(PreprocessPlan.Read(files.Preprocessor), text.Int("bos_token_id", 1))
                : null,
            Conversation = Conversation.VicunaV1(ImagePrompt.DefaultMarker),
            Weights = folders.All(Directory.Exists) ? folders : [files.Weights],
        };
    }

    private static bool ByColumns(ConfigObject projector) => projector.Has("token_order") && projector.Choice("token_order", "rows", "columns") == "columns";
}
