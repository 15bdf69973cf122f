using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>LLaVA-NeXT (1.6) in the hub's layout: as LLaVA-1.5, but pictures are cut into tiles at their own aspect.</summary>
/// <remarks>source: transformers, LlavaNextForConditionalGeneration.</remarks>
internal sealed class LlavaNextRecipe : Recipe
{
    public override string System => "LLaVA-NeXT";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType == "llava_next";

    public override ModelSpec Read(ModelFiles files)
    {
        ModelSpec spec = new LlavaRecipe().Read(files);
        if (spec.Connector!.Connector is PatchConnector { KeepClassToken: true }) throw files.Config.Root.Invalid("vision_feature_select_strategy", "'default': a class token has no place in a grid");
        return spec with { System = System, Layout = new UnpaddedRows(RoundsFirst: true, "image_newline", "model.image_newline") };
    }
}
