using System.Text;
using MmKernels.Data;

namespace MmKernels.Fuzz;

/// <summary>The YAML of original repositories' configs; what is accepted must be JSON that opens as a config or holds another value.</summary>
public sealed class YamlTarget : FuzzTarget
{
    public override string Name => "yaml";

    public override bool IsText => true;

    public override IReadOnlyList<string> Words { get; } =
        [": ", "- ", "\n", "\n  ", "\n    - ", "---\n", "...\n", "#", " #", "'", "\"", "\\u00e9", "\\U0010ffff", "[", "]", "{", "}", ",", "|", ">-", "&a", "*a", "!!int", "~", "yes", ".inf", "1e-5", "0x1f", "\t"];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        "model:\n  arch: mini_gpt4\n  freeze_vit: True\n  end_sym: \"###\"\n  ckpt: '/path/to it/'   # where\n  lr: 1e-5\n  prompt:\ndatasets:\n  laion:\n    mean: [0.48, 0.45, 0.40]\n    size: {height: 224, width: 224}\n",
        "layers:\n- 1\n- a: 1\n  b:\n  - x\n  - y\n-\n  - 2\n  - 3\n- \"text # no comment\"\nrun:\n  seeds:\n    - 42\n    - -1\n",
        "# a comment\n---\ntext: |\n  one\n    two\n\n  three\nfold: >-\n  one\n  two\n\n  three\nnone: ~\nempty: []\nnested: [[1, 2], {a: {b: [c]}}]\n...\n",
        "\"quoted key\": \"tab\\tnew\\nline \\u00e9 \\\"q\\\"\"\n'it''s': .inf\nurl: http://host/x#y\nnumber: 1_000\n",
    }.Select(Encoding.UTF8.GetBytes);

    public override void Run(byte[] input)
    {
        byte[] json = YamlText.ToJson(input, "fuzz");
        using var document = JsonText.Parse(json, "fuzz");
    }
}
