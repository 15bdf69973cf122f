using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>A language model alone, of any family.</summary>
internal sealed class LanguageModelRecipe : Recipe
{
    public override string System => "language model";

    public override bool Recognises(ModelFiles files) => LlmFamily.Of(files.Config.Root) is not null && !files.Config.Root.IsSet("mm_vision_tower");

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        LlmSpec llm = LlmFamily.Of(root)!.Read(root);
        return new ModelSpec
        {
            System = root.ModelType!,
            Llm = new LlmPart(llm, llm.Names.Roots, llm.Names.Heads),
            Weights = [files.Weights],
        };
    }
}
