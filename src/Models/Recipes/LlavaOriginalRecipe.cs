using MmKernels.Data;
using MmKernels.Data.Preprocessing;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// LLaVA-1.5 in its original layout (liuhaotian): the language model's names, <c>model.mm_projector</c>, and a CLIP tower that is usually published apart.
/// Pictures are padded to a square; text is tokenised piece by piece; conversations follow Vicuna's first template.
/// </summary>
/// <remarks>source: haotian-liu/LLaVA, llava/model/llava_arch.py, llava/mm_utils.py, llava/conversation.py.</remarks>
internal sealed class LlavaOriginalRecipe : Recipe
{
    private const string VicunaTemplate =
        "{{ 'A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user\\'s questions. ' }}"
        + "{% for message in messages %}{% if message['role'] == 'user' %}{{ 'USER: ' }}{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '<image>\\n' }}"
        + "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{{ ' ' }}{% else %}{{ 'ASSISTANT: ' }}{% for part in message['content'] %}{{ part['text'] }}{% endfor %}"
        + "{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}";

    public override string System => "LLaVA-1.5 (original layout)";

    public override bool Recognises(ModelFiles files) => files.Config.ModelType is "llava" or "llava_llama" && files.Config.Root.IsSet("mm_vision_tower") && !files.Config.Root.IsSet("vision_config");

    public override ModelSpec Read(ModelFiles files)
    {
        ConfigObject root = files.Config.Root;
        if (root.FindString("mm_projector_type") is not "mlp2x_gelu") throw root.Invalid("mm_projector_type", "'mlp2x_gelu'");
        if (root.Bool("mm_use_im_start_end", false)) throw root.Invalid("mm_use_im_start_end", "false");
        VisionFiles tower = VisionFiles.Find(files, root.String("mm_vision_tower"));
        ClipVisionSpec vision = ClipVisionSpec.Read(tower.Config.Vision ?? tower.Config.Root);
        bool full = root.String("mm_vision_select_feature", "patch") == "cls_patch";
        LlmSpec llm = new LlamaFamily().Read(root);
        var connector = new MlpConnector(vision.Tap(root, "mm_vision_select_layer", root.Int("mm_vision_select_layer")), full, Activation.Gelu, true, "0", "2");
        return new ModelSpec
        {
            System = System,
            Vision = new VisionPart(vision, "model.vision_tower.vision_tower.vision_model", "vision_model", ""),
            Connector = new ConnectorPart(connector, "model.mm_projector", "mm_projector"),
            Llm = new LlmPart(llm, ["model"], ["lm_head"]),
            Images = File.Exists(tower.Preprocessor) ? new ChunkedImagePrompt(Padding(root, PreprocessPlan.Read(tower.Preprocessor)), root.Int("bos_token_id", 1)) : null,
            ChatTemplate = VicunaTemplate,
            Weights = [files.Weights, tower.Weights],
        };
    }

    /// <summary>With <c>image_aspect_ratio: pad</c> pictures become squares on the mean colour before anything else.</summary>
    private static PreprocessPlan Padding(ConfigObject root, PreprocessPlan plan)
    {
        if (root.FindString("image_aspect_ratio") is not "pad") return plan;
        NormalizeStep? normalize = plan.Steps.OfType<NormalizeStep>().FirstOrDefault();
        byte[] fill = normalize is null ? [0, 0, 0, 255] : [.. normalize.Mean.Select(mean => (byte)(mean * 255.0)), 255];
        return plan with { Steps = [new ConvertRgbStep(AlphaRule.Drop), new ExpandToSquareStep(fill), .. plan.Steps.Where(step => step is not ConvertRgbStep)] };
    }
}
