namespace MmKernels.Models;

/// <summary>A SigLIP vision tower alone, with its pooling head.</summary>
internal sealed class SiglipVisionRecipe : Recipe
{
    public override string System => "SigLIP vision tower";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType == "siglip_vision_model";

    public override ModelSpec Read(ModelFiles files) => new()
    {
        System = System,
        Vision = new VisionPart(SiglipVisionSpec.Read(files.Config.Root) with { Pools = true }, "vision_model", ""),
        Weights = [files.Weights],
    };
}
