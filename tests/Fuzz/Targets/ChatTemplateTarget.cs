using System.Text;
using System.Text.Json;
using MmKernels.Data.ChatTemplates;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>Chat templates: syntax, then rendering of a small conversation under small limits.</summary>
public sealed class ChatTemplateTarget : FuzzTarget
{
    private static readonly TemplateLimits limits = new(Steps: 200_000, Characters: 1_000_000);

    private static readonly Dictionary<string, object?> variables = new()
    {
        ["messages"] = new object?[]
        {
            new Dictionary<string, object?> { ["role"] = "system", ["content"] = "be brief" },
            new Dictionary<string, object?> { ["role"] = "user", ["content"] = new object?[] { new Dictionary<string, object?> { ["type"] = "image" }, new Dictionary<string, object?> { ["type"] = "text", ["text"] = "Hé 🙂" } } },
        },
        ["add_generation_prompt"] = true, ["bos_token"] = "<s>", ["eos_token"] = "</s>", ["items"] = new[] { 3, 1, 2 }, ["x"] = 2.5, ["n"] = null, ["u"] = "naïve <b>",
    };

    public override string Name => "chat-template";

    public override int MaxInputBytes => 1 << 14;

    public override IReadOnlyList<string> Words { get; } =
    [
        "{% for m in messages %}", "{% endfor %}", "{% if ", "{% elif ", "{% else %}", "{% endif %}", "{% set ns = namespace(a=[]) %}", "{% set ns.a = ", "{% macro f(a, b=1) %}", "{% endmacro %}", "{{ f(", "{% call(v) ", "{% endcall %}", "{% raw %}",
        "{% endraw %}", "{% filter upper %}", "{% endfilter %}", "recursive", "{{ loop(", "loop.", "messages", "m['role']", "m.content", "items", " | ", "tojson(indent=", "map(attribute=", "selectattr('type', 'equalto', 'text')", "join(", "replace(",
        "range(", "dict(", " is ", " not ", " in ", " ~ ", " * 99999", " ** ", "[::-1]", "'%s%d' % ", "'{0.a[b]!r:>10}'.format(", "\\x41", "\\ud800", "-%}", "{%-", "{#", "#}", "{{", "}}", "{%", "%}", "(", ")", "0x", "1e999", "99999999999999999999",
    ];

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (string folder in Goldens.Folders("chat_templates", firstOfRepository: true))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
            foreach (string template in document.RootElement.GetProperty("cases").EnumerateArray().Select(item => item.GetProperty("template").GetString()!).Distinct())
                yield return Encoding.UTF8.GetBytes(template);
        }
    }

    public override void Run(byte[] input) => ChatTemplate.Compile(Encoding.UTF8.GetString(input)).Render(variables, DateTime.UnixEpoch, limits);
}
