using MmKernels.Data;
using MmKernels.Data.Preprocessing;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Models;

/// <summary>Shikra: the first LLaVA's linear map, pictures on a white square, an id of the vocabulary for every patch; places are numbers in the text.</summary>
/// <remarks>source: Chen et al. 2023, arXiv:2306.15195; shikras/shikra, mllm/models/shikra/shikra.py.</remarks>
internal sealed class ShikraRecipe : Recipe
{
    private const string Patch = "<im_patch>";

    public override string System => "Shikra";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType == "shikra";

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        VisionFiles tower = VisionFiles.Find(files, root.String("mm_vision_tower"));
        ClipVisionSpec vision = ClipVisionSpec.Read(tower.Config.Vision ?? tower.Config.Root);
        return new ModelSpec
        {
            System = System,
            Vision = new VisionPart(vision, "vision_model", ""),
            Connector = new ConnectorPart(new LinearConnector(vision.Tap(root, "mm_vision_select_layer", root.Int("mm_vision_select_layer")), KeepClassToken: false), "model.mm_projector", "mm_projector"),
            Llm = new LlmPart(new LlamaFamily().Read(root), ["model"], ["lm_head"]),
            Images = tower.FindPreprocessor(files) is { } preprocessor && File.Exists(files.Tokenizer)
                ? new TokenImagePrompt(PreprocessPlan.Read(preprocessor, AlphaRule.Drop).OnSquare([255, 255, 255]), PatchToken(files)) { Marker = Patch }
                : null,
            Conversation = Conversation.Shikra(root.Bool("mm_use_im_start_end", false) ? $"<im_start>{Patch}<im_end>" : Patch),
            Weights = [files.Weights, tower.Weights],
        };
    }

    private static int PatchToken(ModelFiles files)
    {
        foreach ((int id, AddedToken token) in Tokenizer.Load(files.Tokenizer).AddedTokens)
            if (token.Content == Patch) return id;
        throw ModelErrors.Config(files.Tokenizer, Patch, "is not a token");
    }
}
