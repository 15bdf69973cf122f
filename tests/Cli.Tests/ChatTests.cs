using System.Diagnostics;
using System.Globalization;

namespace MmKernels.Tests;

/// <summary>Conversations through a pipe: lines in, answers out.</summary>
public class ChatTests
{
    private const string Described = "A small black circle at the top, a large yellow square on the left, a large yellow star at the bottom left and a large white triangle at the bottom, on a lavender background.";

    [Fact]
    public void Chat_QuestionsAboutAPicture_AreAnsweredOneLineEach()
    {
        MmkResult result = Mmk.RunWith($"/image {Mmk.Scene(0)}\nDescribe the image.\n\nHow many objects are there?\n", "chat");

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal(Described, lines[0]);
    }

    [Fact]
    public void Chat_Reset_ForgetsThePicture_AndQuitEndsBeforeTheRest()
    {
        MmkResult result = Mmk.RunWith($"/image {Mmk.Scene(0)}\nHow many objects are there?\n/reset\n/image {Mmk.Scene(0)}\nDescribe the image.\n/quit\nHow many objects are there?\n", "chat", Mmk.Model);

        Assert.Equal($"Four.\n{Described}\n", result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void Chat_LinesThatFail_SaySoAndTheConversationGoesOn()
    {
        MmkResult result = Mmk.RunWith($"/image no-such.png\n/frobnicate\n/image {Mmk.Scene(0)}\nHow many objects are there?\n", "chat");

        Assert.Equal("Four.\n", result.Output);
        Assert.Contains("MMK804", result.Error);
        Assert.Contains("MMK805 there is no command /frobnicate", result.Error);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void Chat_Help_ListsTheCommands()
    {
        MmkResult result = Mmk.RunWith("/help\n", "chat");

        foreach (string command in new[] { "/image", "/system", "/reset", "/quit" }) Assert.Contains(command, result.Output);
    }

    [Fact]
    public void Chat_Options_ReachTheModel()
    {
        MmkResult result = Mmk.RunWith($"/image {Mmk.Scene(0)}\nDescribe the image.\n", "chat", "--stop", "circle", "--stats");

        Assert.Equal("A small black \n", result.Output);
        Assert.Contains("tokens_per_second", result.Error);
    }

    [SkippableFact]
    public void Chat_Interrupted_EndsTheAnswerAndReadsOn()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are sent with kill");
        // The interpreter needs seconds for this answer, so that it is under way when the signal comes.
        using Process process = Mmk.Start(["chat", "--device", "interpreter"], input: true);
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write($"/image {Mmk.Scene(0)}\nDescribe the image.\n");
        process.StandardInput.Flush();
        int first = process.StandardOutput.Read();
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        string rest = process.StandardOutput.ReadLine()!;
        process.StandardInput.Write("/help\n");
        process.StandardInput.Close();
        string more = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal('A', first);
        Assert.StartsWith(rest, Described[1..]);
        Assert.True(rest.Length < Described.Length - 1);
        Assert.Contains("/quit", more);
        Assert.Equal(("", 0), (error.Result, process.ExitCode));
    }
}
