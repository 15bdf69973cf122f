using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MmKernels.Tests;

public class RunTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(107)]
    public void Run_RecordedQuestion_PrintsTheAnswerAndTheRecordedTokens(int index)
    {
        using JsonDocument recorded = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Mmk.Model, "examples", "answers.json")));
        JsonElement row = recorded.RootElement.GetProperty("rows")[index];

        MmkResult result = Mmk.Run("run", "--image", Path.Combine(Mmk.Model, "examples", row.GetProperty("image").GetString()!), "--prompt", row.GetProperty("question").GetString()!, "--json");

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith(row.GetProperty("answer").GetString()! + "\n", result.Output);
        using JsonDocument json = JsonDocument.Parse(result.LastLine);
        Assert.Equal(row.GetProperty("answer").GetString(), json.RootElement.GetProperty("text").GetString());
        Assert.Equal(Tokens(row), Tokens(json.RootElement));
        Assert.Equal(Tokens(row).Length, json.RootElement.GetProperty("stats").GetProperty("new_tokens").GetInt32());
    }

    [Fact]
    public void Run_Stats_SaysWhereTheTimeGoes()
    {
        MmkResult result = Mmk.Run("run", Mmk.Model, "--image", Mmk.Scene(0), "--prompt", "How many objects are there?", "--stats");

        Assert.Equal("Four.\n", result.Output);
        foreach (string figure in new[] { "load_ms", "image_ms", "prefill_ms", "decode_ms", "kernel_ms", "ttft_ms", "peak_process_bytes" }) Assert.Contains(figure, result.Error);
    }

    [Fact]
    public void Run_Trace_WritesALinePerLaunchWithTimeOperationsAndBytes()
    {
        string file = Path.Combine(Path.GetTempPath(), $"mmk-trace-{Environment.ProcessId}.jsonl");
        try
        {
            MmkResult result = Mmk.Run("run", Mmk.Model, "--image", Mmk.Scene(0), "--prompt", "How many objects are there?", "--trace", file);

            Assert.Equal(("Four.\n", 0), (result.Output, result.ExitCode));
            JsonElement[] launches = [.. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement)];
            Assert.All(launches, launch => Assert.True(launch.GetProperty("ms").GetDouble() > 0 && launch.GetProperty("output").GetString() != ""));
            JsonElement map = launches.First(launch => launch.GetProperty("kernel").GetString()!.StartsWith("GemmKernel", StringComparison.Ordinal));
            Assert.True(map.GetProperty("operations").GetDouble() > 0 && map.GetProperty("bytes").GetDouble() > 0);
            Assert.Contains(launches, launch => launch.GetProperty("output").GetString()!.StartsWith("llm.block0 ", StringComparison.Ordinal));
            Assert.Contains(launches, launch => launch.GetProperty("output").GetString()!.StartsWith("vision.block0 ", StringComparison.Ordinal));
        }
        finally { File.Delete(file); }
    }

    [Fact]
    public void Run_TraceIntoNoFolder_SaysSo()
    {
        MmkResult result = Mmk.Run("run", Mmk.Model, "--prompt", "What?", "--trace", Path.Combine(Path.GetTempPath(), "no such folder", "trace"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("MMK719", result.Error);
    }

    /// <summary>A folder with a language model alone, as the hub holds it.</summary>
    [Fact]
    public void Run_LanguageModel_PrintsTheReferencesTokens()
    {
        using LookAlike folder = LookAlikes.SmolLm2();

        MmkResult result = Mmk.Run("run", folder.Path, "--prompt", "What is 2 + 2?", "--max-tokens", "40", "--temperature", "0", "--json");

        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        using JsonDocument json = JsonDocument.Parse(result.LastLine);
        int[] prompt = folder.Encode("<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n");
        int[] expected = folder.Model.Greedy(prompt, 40, penalty: 1, out double margin);
        int end = Array.IndexOf(expected, folder.Id("<|im_end|>"));
        Assert.Equal(end < 0 ? expected : expected[..(end + 1)], Tokens(json.RootElement));
        Assert.True(margin > 1e-4);
        Assert.Equal(JsonValueKind.String, json.RootElement.GetProperty("text").ValueKind);
        Assert.Equal(prompt.Length, json.RootElement.GetProperty("stats").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public void Run_SamplingOptions_AreReproducibleBySeed()
    {
        string[] arguments = ["run", "--image", Mmk.Scene(0), "--prompt", "Describe the image.", "--temperature", "3", "--top-k", "200", "--top-p", "0.99", "--min-p", "0.0001", "--repetition-penalty", "1.1", "--max-tokens", "20"];

        MmkResult first = Mmk.Run([.. arguments, "--seed", "1"]), again = Mmk.Run([.. arguments, "--seed", "1"]), other = Mmk.Run([.. arguments, "--seed", "18446744073709551615"]);

        Assert.Equal("", first.Error);
        Assert.Equal(first.Output, again.Output);
        Assert.NotEqual(first.Output, other.Output);
    }

    [Fact]
    public void Run_LogProbabilities_StandInTheJson()
    {
        MmkResult result = Mmk.Run("run", "--image", Mmk.Scene(0), "--prompt", "How many objects are there?", "--logprobs", "2", "--json");

        using JsonDocument json = JsonDocument.Parse(result.LastLine);
        int[] tokens = Tokens(json.RootElement);
        JsonElement[] rows = [.. json.RootElement.GetProperty("logprobs").EnumerateArray()];
        Assert.Equal(tokens, rows.Select(row => row.GetProperty("token").GetInt32()));
        Assert.Equal("Four.", string.Concat(rows[..^1].Select(row => row.GetProperty("text").GetString())));   // the last one closes the answer
        Assert.All(rows, row =>
        {
            Assert.InRange(row.GetProperty("logprob").GetDouble(), -20, 0);
            Assert.Equal(2, row.GetProperty("top").GetArrayLength());
            Assert.Equal(row.GetProperty("logprob").GetDouble(), row.GetProperty("top")[0].GetProperty("logprob").GetDouble());
        });
    }

    [Fact]
    public void Run_StopText_EndsBeforeIt()
    {
        MmkResult result = Mmk.Run("run", "--image", Mmk.Scene(0), "--prompt", "Describe the image.", "--stop", "circle", "--stop", "square", "--json");

        using JsonDocument json = JsonDocument.Parse(result.LastLine);
        Assert.Equal(("A small black ", "stop_text"), (json.RootElement.GetProperty("text").GetString(), json.RootElement.GetProperty("stop").GetString()));
    }

    [Theory]
    [InlineData("--temperature", "-1", "MMK700")]
    [InlineData("--top-p", "1.5", "MMK716")]
    [InlineData("--logprobs", "99", "MMK716")]
    public void Run_OptionThatCannotBe_IsAnError(string option, string value, string error)
    {
        MmkResult result = Mmk.Run("run", "--prompt", "What?", option, value);

        Assert.Contains(error, result.Error);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
    }

    [SkippableFact]
    public void Run_Interrupted_StopsWithTheTextSoFar()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are sent with kill");
        // The interpreter needs seconds for this answer, so that it is under way when the signal comes.
        using Process process = Mmk.Start("run", "--image", Mmk.Scene(0), "--prompt", "Describe the image.", "--device", "interpreter");
        Task<string> error = process.StandardError.ReadToEndAsync();
        int first = process.StandardOutput.Read();
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        string rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal('A', first);
        Assert.StartsWith(rest.TrimEnd('\n'), " small black circle at the top, a large yellow square on the left");
        Assert.Equal(130, process.ExitCode);
        Assert.Equal("", error.Result);
    }

    [Fact]
    public void Verify_Fixture_PrintsEveryStageAndExitsWithZero()
    {
        MmkResult result = Mmk.Run("verify", Goldens.Folder("llm_llama")!);

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("stage.llm.block0.attn", result.Output);
        Assert.Contains("stage.llm.block0.head0_probs: fused", result.Output);
        Assert.DoesNotContain("FAILED", result.Output);
    }

    [Fact]
    public void Verify_WrongWeights_ExitsWithOne()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Goldens.Folder("llm_llama")!)) File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        folder.Write("config.json", File.ReadAllText(Path.Combine(folder.Path, "config.json")).Replace("1e-06", "1e-04"));

        MmkResult result = Mmk.Run("verify", folder.Path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FAILED", result.Output);
    }

    [Fact]
    public void Doctor_OnThisMachine_FindsTheCpu()
    {
        MmkResult result = Mmk.Run("doctor");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("ok       cpu", result.Output);
    }

    private static int[] Tokens(JsonElement row) => [.. row.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())];
}
