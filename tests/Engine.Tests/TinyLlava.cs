using System.Text.Json;
using MmKernels.Data;

namespace MmKernels.Tests;

/// <summary>The embedded model's recorded answers, and its checkpoint in other storage types.</summary>
internal static class TinyLlava
{
    /// <summary>The checkpoint's folder.</summary>
    public static string Folder { get; } = Path.Combine(Goldens.Repository, "weights", "tiny-llava");

    /// <summary>The recorded rows, in order.</summary>
    public static IReadOnlyList<RecordedAnswer> Answers { get; } = ReadAnswers();

    /// <summary>A copy of the checkpoint with every weight widened to f32.</summary>
    public static TemporaryFolder Widened()
    {
        var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Folder, "*.json")) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        using Checkpoint checkpoint = Checkpoint.Open(Folder);
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model.safetensors"), checkpoint.Tensors.Select(tensor => new TensorToWrite(tensor.Name, TensorFormat.F32, tensor.Shape, Widen(tensor))));
        return folder;
    }

    private static byte[] Widen(CheckpointTensor tensor)
    {
        ReadOnlySpan<Half> halves = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(tensor.Data);
        var bytes = new byte[halves.Length * 4];
        for (int i = 0; i < halves.Length; i++) BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), (float)halves[i]);
        return bytes;
    }

    private static List<RecordedAnswer> ReadAnswers()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "examples", "answers.json")));
        return [.. document.RootElement.GetProperty("rows").EnumerateArray().Select(row => new RecordedAnswer(
            Path.Combine(Folder, "examples", row.GetProperty("image").GetString()!),
            row.GetProperty("question").GetString()!,
            row.GetProperty("prompt").GetString()!,
            row.GetProperty("answer").GetString()!,
            [.. row.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())],
            row.GetProperty("prompt_tokens").GetArrayLength()))];
    }
}

/// <summary>A row of answers.json.</summary>
public sealed record RecordedAnswer(string Picture, string Question, string Prompt, string Answer, int[] Tokens, int PromptTokens)
{
    public override string ToString() => $"{Path.GetFileName(Picture)}: {Question}";
}
