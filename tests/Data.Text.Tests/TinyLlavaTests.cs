using System.Text.Json;
using MmKernels.Data.Tokenizers;

namespace MmKernels.Tests;

public class TinyLlavaTests
{
    private const int ImageId = 480;

    [Fact]
    public void Prompts_GiveTheRecordedIds_WithOneImageTokenSpreadOverItsPlaces()
    {
        foreach ((Tokenizer tokenizer, JsonElement file) in Files())
        {
            int spread = file.GetProperty("image_tokens").GetInt32();
            foreach (JsonElement row in file.GetProperty("rows").EnumerateArray())
            {
                int[] ids = [.. tokenizer.Encode(row.GetProperty("prompt").GetString()!).Ids.SelectMany(id => Enumerable.Repeat(id, id == ImageId ? spread : 1))];
                Assert.Equal(row.GetProperty("prompt_tokens").Deserialize<int[]>(), ids);
            }
        }
    }

    [Fact]
    public void Answers_AreDecodedFromTheirIds_AtOnceAndAsAStream()
    {
        foreach ((Tokenizer tokenizer, JsonElement file) in Files())
            foreach (JsonElement row in file.GetProperty("rows").EnumerateArray())
            {
                int[] ids = row.GetProperty("tokens").Deserialize<int[]>()!;
                string answer = row.GetProperty("answer").GetString()!;
                Assert.Equal(answer, tokenizer.Decode(ids));
                TokenStream stream = tokenizer.Stream();
                Assert.Equal(answer, string.Concat(ids.Select(stream.Add)) + stream.Flush());
            }
    }

    private static IEnumerable<(Tokenizer, JsonElement)> Files()
    {
        foreach (string folder in Goldens.Folders("tiny_llava_text", firstOfRepository: true))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "answers.json")));
            yield return (Tokenizer.Load(folder), document.RootElement);
        }
    }
}
