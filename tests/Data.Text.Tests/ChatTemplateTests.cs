using System.Globalization;
using System.Text.Json;
using MmKernels.Data.ChatTemplates;

namespace MmKernels.Tests;

public class ChatTemplateTests
{
    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (string folder in Goldens.Folders("chat_templates", firstOfRepository: true))
        {
            using JsonDocument document = Read(folder);
            for (int i = 0; i < document.RootElement.GetProperty("cases").GetArrayLength(); i++) cases.Add(folder, i);
        }
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Template_RendersWhatTransformersRenders(string folder, int index)
    {
        using JsonDocument document = Read(folder);
        JsonElement item = document.RootElement.GetProperty("cases")[index];
        DateTime now = DateTime.Parse(document.RootElement.GetProperty("now").GetString()!.Split('(')[0], CultureInfo.InvariantCulture);
        Dictionary<string, object?> context = item.GetProperty("context").EnumerateObject().ToDictionary(field => field.Name, field => (object?)field.Value);
        string source = item.GetProperty("template").GetString()!, name = item.GetProperty("name").GetString()!;
        if (item.TryGetProperty("text", out JsonElement text))
            Assert.Equal(text.GetString(), ChatTemplate.Compile(source, name).Render(context, now));
        else
        {
            string problem = Assert.Throws<MmkException>(() => ChatTemplate.Compile(source, name).Render(context, now)).Problem;
            string message = item.GetProperty("message").GetString()!.Split('\n')[0];
            Assert.Contains(message, problem);
        }
    }

    [Fact]
    public void FolderTemplate_OfTinyLlava_WritesThePromptOfItsExamples()
    {
        string folder = Goldens.Folder("tiny_llava_text")!;
        ChatTemplate template = ChatTemplate.Load(folder);
        object[] content = [new Dictionary<string, object?> { ["type"] = "image" }, new Dictionary<string, object?> { ["type"] = "text", ["text"] = "Describe the image." }];
        var message = new Dictionary<string, object?> { ["role"] = "user", ["content"] = content };
        Assert.Equal("USER: <image>\nDescribe the image. ASSISTANT:", template.Render([message], addGenerationPrompt: true));
        Assert.Equal("</s>", template.SpecialTokens["eos_token"]);
    }

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ 'a' * 10 ** 12 }}")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{{ 10 ** (10 ** 10) }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l | tojson }}")]
    [InlineData("{% for v in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}")]
    [InlineData("{{ '%999999999d' % 1 }}{{ 'x' | center(999999999999) }}")]
    [InlineData("{{ ('a,' * 1000000).split(',') | map('upper') | join(',' * 1000) }}")]
    public void RunawayTemplates_EndWithAnErrorInBoundedTimeAndMemory(string source)
        => Assert.InRange(Assert.Throws<MmkException>(() => ChatTemplate.Compile(source).Render(new Dictionary<string, object?>(), limits: new TemplateLimits(Steps: 1_000_000))).Number, 441, 442);

    [Theory]
    [InlineData('(')]
    [InlineData('[')]
    [InlineData('-')]
    public void DeepNestingInTheSource_IsASyntaxError(char bracket)
        => Assert.Equal(440, Assert.Throws<MmkException>(() => ChatTemplate.Compile("{{ " + new string(bracket, 100_000))).Number);

    [Fact]
    public void LongChains_AreBoundedByDepthAndNotByTheStack()
        => Assert.Equal(442, Assert.Throws<MmkException>(() => ChatTemplate.Compile("{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 100_000)) + " }}").Render([])).Number);

    [Fact]
    public void AValueThatTemplatesCannotHold_IsNamed()
        => Assert.Contains("Uri", Assert.Throws<MmkException>(() => ChatTemplate.Compile("").Render([new Uri("http://a")])).Problem);

    private static JsonDocument Read(string folder) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
}
