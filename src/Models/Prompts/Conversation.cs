namespace MmKernels.Models;

/// <summary>How a system that ships no chat template writes conversations.</summary>
/// <param name="Template">As a chat template of the hub: messages with parts, add_generation_prompt, eos_token.</param>
/// <param name="Stops">Texts that end an answer, besides the end token.</param>
public sealed record Conversation(string Template, params IReadOnlyList<string> Stops)
{
    /// <summary>Vicuna's first template, as LLaVA-1.5 uses it (conv_vicuna_v1 of haotian-liu/LLaVA).</summary>
    public static Conversation VicunaV1(string picture) => new(
        "{{ 'A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user\\'s questions. ' }}"
        + Turns(picture, "USER: ", " ", "ASSISTANT: ", "</s>") + "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}");

    /// <summary>Vicuna's first template, as Shikra uses it: a blank after the picture (shikras/shikra, mllm/conversation/base_conversation.py).</summary>
    public static Conversation Shikra(string picture) => new(VicunaV1(picture).Template.Replace(picture + "\\n", picture + " ", StringComparison.Ordinal));

    /// <summary>LLaVA's first template (conv_llava_v0 of haotian-liu/LLaVA).</summary>
    public static Conversation LlavaV0(string picture) => new(
        "{{ 'A chat between a curious human and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the human\\'s questions.###' }}"
        + Turns(picture, "Human: ", "###", "Assistant: ", "###") + "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}", "###");

    /// <summary>Mistral's instructions, as LLaVA-1.6 uses them (conv_mistral_instruct of haotian-liu/LLaVA).</summary>
    public static Conversation MistralInstruct(string picture) => new(Turns(picture, "[INST] ", " [/INST]", " ", " </s>"));

    /// <summary>Yi-VL's template in two languages (01-ai/Yi, VL/llava/conversation.py).</summary>
    public static Conversation YiVl(string picture) => new(
        "{{ 'This is a chat between an inquisitive human and an AI assistant. Assume the role of the AI assistant. Read all the images carefully, "
        + "and respond to the human\\'s questions with informative, helpful, detailed and polite answers. "
        + "这是一个好奇的人类和一个人工智能助手之间的对话。假设你扮演这个AI助手的角色。仔细阅读所有的图像，并对人类的问题做出信息丰富、有帮助、详细的和礼貌的回答。\\n\\n' }}"
        + Turns(picture, "### Human: ", "\\n", "### Assistant: ", "\\n") + "{% if add_generation_prompt %}{{ '### Assistant:' }}{% endif %}", "###");

    private static string Turns(string picture, string user, string afterUser, string assistant, string afterAssistant)
        => "{% for message in messages %}{% if message['role'] == 'user' %}{{ '" + user + "' }}{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '" + picture + "\\n' }}"
            + "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{{ '" + afterUser + "' }}"
            + "{% else %}{{ '" + assistant + "' }}{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{{ '" + afterAssistant + "' }}{% endif %}{% endfor %}";
}
