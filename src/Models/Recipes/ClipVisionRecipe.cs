namespace MmKernels.Models;

/// <summary>A CLIP vision tower alone, with or without its projection.</summary>
internal sealed class ClipVisionRecipe : Recipe
{
    public override string System => "CLIP vision tower";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType == "clip_vision_model";

    public override ModelSpec Read(ModelFiles files)
    {
        bool projects = files.Config.Architectures.Contains("CLIPVisionModelWithProjection");
        int projectionDim = projects ? files.Config.Root.CountUpTo("projection_dim", ConfigBounds.Hidden, 512) : 0;
        return new ModelSpec
        {
            System = System,
            Vision = new VisionPart(ClipVisionSpec.Read(files.Config.Root) with { ProjectionDim = projectionDim }, "vision_model", ""),
            Weights = [files.Weights],
        };
    }
}
