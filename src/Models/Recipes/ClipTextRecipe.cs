namespace MmKernels.Models;

/// <summary>A CLIP text encoder alone, with or without its projection.</summary>
internal sealed class ClipTextRecipe : Recipe
{
    public override string System => "CLIP text encoder";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType == "clip_text_model";

    public override ModelSpec Read(ModelFiles files) => new()
    {
        System = System,
        Text = new TextPart(ClipTextSpec.Read(files.Config.Root, files.Config.Architectures.Contains("CLIPTextModelWithProjection")), "text_model", ""),
        Weights = [files.Weights],
    };
}
