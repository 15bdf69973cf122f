using System.Globalization;
using System.Text.Json;
using MmKernels.Data.ChatTemplates;

namespace MmKernels.Tests;

public class ChatTemplateExpressionTests
{
    [Fact]
    public void RandomTemplates_RenderOrFailAsInJinja()
    {
        foreach (string folder in Goldens.Folders("chat_template_expressions", firstOfRepository: true))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
            DateTime now = DateTime.Parse(document.RootElement.GetProperty("now").GetString()!, CultureInfo.InvariantCulture);
            Dictionary<string, object?> context = document.RootElement.GetProperty("context").EnumerateObject().ToDictionary(field => field.Name, field => (object?)field.Value);
            foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
            {
                string source = item.GetProperty("template").GetString()!;
                string? rendered = null;
                try { rendered = ChatTemplate.Compile(source).Render(context, now); }
                catch (MmkException e) { Assert.True(item.TryGetProperty("error", out _), $"{source}: {e.Message}"); }
                if (rendered is not null) Assert.True(item.TryGetProperty("text", out JsonElement text) && text.GetString() == rendered, $"{source}: {rendered}");
            }
        }
    }
}
