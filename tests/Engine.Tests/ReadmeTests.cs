using MmKernels.Engine;

namespace MmKernels.Tests;

/// <summary>The README's code is the code that is compiled and run here.</summary>
public class ReadmeTests
{
    [Fact]
    public async Task QuestionsOfTheReadme_AreAnswered()
    {
        string scene = Path.Combine(TinyLlava.Folder, "examples", "scene00.png");
        using var Console = new StringWriter();
        // readme
        using MmModel model = MmModel.Load(path: null, device: "cpu");     // null: the model that comes with the program; else a checkpoint folder
        using Session session = model.NewSession();                        // a conversation: what it has read stays in its cache
        await foreach (string piece in session.AskAsync("What color is the star?", [Picture.FromFile(scene)])) Console.Write(piece);

        // Several questions side by side, each with its own options: every answer has the tokens that it has alone.
        IReadOnlyList<Answer> answers = await model.AnswerAllAsync(
        [
            new Question("Describe the image.", [Picture.FromFile(scene)]),
            new Question("What color is the star?", [Picture.FromFile(scene)], new GenerationOptions { Temperature = 0.7, TopP = 0.9, Seed = 1, LogProbabilities = 3 }),
        ]);
        // end

        Assert.Equal("Yellow.", Console.ToString());
        Assert.Contains("large yellow star", answers[0].Text);
        Assert.Equal(answers[1].Tokens.Count, answers[1].Probabilities.Count);
        string code = File.ReadAllText(Path.Combine(Goldens.Repository, "tests", "Engine.Tests", "ReadmeTests.cs"));
        int start = code.IndexOf("// readme\n", StringComparison.Ordinal) + "// readme\n".Length;
        string[] lines = code[start..code.IndexOf("        // end", StringComparison.Ordinal)].Split('\n');
        string readme = File.ReadAllText(Path.Combine(Goldens.Repository, "README.md"));
        foreach (string line in lines.Where(line => line.Trim().Length > 0)) Assert.Contains(line.Trim(), readme);
    }
}
