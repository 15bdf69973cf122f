using System.Globalization;

namespace MmKernels.Data.Tokenizers;

/// <summary>The special tokens of the first Qwen models; their ids follow the ranks of the .tiktoken file in this order (tokenization_qwen.py of Qwen, Qwen-VL, Qwen-Audio).</summary>
internal static class QwenSpecialTokens
{
    public static IEnumerable<string> Text => ["<|endoftext|>", "<|im_start|>", "<|im_end|>", .. Numbered("<|extra_{0}|>", 205)];

    public static IEnumerable<string> Vision => [.. Text, "<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>", "<img>", "</img>", "<imgpad>"];

    public static IEnumerable<string> Audio =>
    [
        .. Text, "[[[AUDIO:modality]]]", .. Bars("startoftranscript startofanalysis translate transcribe caption keyword unknown en zh de es ko fr ja it zh_tr notimestamps sil timestamps"),
        .. Enumerable.Range(0, 3001).Select(i => string.Create(CultureInfo.InvariantCulture, $"<|{i / 100}.{i % 100:00}|>")),
        .. Bars("caption_audiocaps caption_clotho audioset_ontology caption_plain itn wo_itn startofentityvalue endofentityvalue startofentitytype endofentitytype " +
            "named_entity_recognition audio_grounding startofword endofword delim emotion_recognition music_description note_analysis pitch"),
        .. Numbered("<|midi_pitch_{0}|>", 128), "<|velocity|>", .. Numbered("<|midi_velocity_{0}|>", 128),
        .. Bars("sonic instrument speaker_meta song_meta question answer choice scene event vocal_classification speech_understanding scenario action entities speech_edit"),
        "<audio>", "</audio>",
    ];

    private static IEnumerable<string> Bars(string names) => names.Split(' ').Select(name => $"<|{name}|>");

    private static IEnumerable<string> Numbered(string format, int count) => Enumerable.Range(0, count).Select(i => string.Format(CultureInfo.InvariantCulture, format, i));
}
