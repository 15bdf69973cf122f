using MmKernels.Graphs;

namespace MmKernels.Tests;

/// <summary>The README's code is the code that is compiled and run here.</summary>
public class ReadmeTests
{
    [Fact]
    public void KernelOfTheReadme_IsTheOneThatIsTested()
    {
        string code = File.ReadAllText(Path.Combine(Goldens.Repository, "tests", "Graph.Tests", "SaxpyKernel.cs"));
        string body = code[code.IndexOf("/// <summary>", StringComparison.Ordinal)..].Trim();
        Assert.Contains(body, File.ReadAllText(Path.Combine(Goldens.Repository, "README.md")));
    }

    [Fact]
    public void GraphOfTheReadme_GivesWhatItSays()
    {
        // readme
        using Accelerator cpu = Accelerator.Open("cpu");
        Tensor x = cpu.Upload<float>(DType.F32, new Shape(4), [1, 2, 3, 4]);
        var g = new Graph(cpu);
        Tensor z = g.Keep(g.Saxpy(2f, x, x));
        using GraphPlan plan = g.Plan();        // compiles the kernels, places the memory
        plan.Run();                             // as often as you like
        float[] result = cpu.Read<float>(z);    // 3, 6, 9, 12
        // end

        Assert.Equal([3f, 6f, 9f, 12f], result);
        string code = File.ReadAllText(Path.Combine(Goldens.Repository, "tests", "Graph.Tests", "ReadmeTests.cs"));
        int start = code.IndexOf("// readme\n", StringComparison.Ordinal) + "// readme\n".Length;
        string[] lines = code[start..code.IndexOf("        // end", StringComparison.Ordinal)].Split('\n');
        string readme = File.ReadAllText(Path.Combine(Goldens.Repository, "README.md"));
        foreach (string line in lines.Where(line => line.Trim().Length > 0)) Assert.Contains(line.Trim(), readme);
    }
}
