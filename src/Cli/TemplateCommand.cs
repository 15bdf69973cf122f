using System.CommandLine;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk template</c>: a conversation as a checkpoint's chat template writes it.</summary>
internal static class TemplateCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "A checkpoint folder with a chat template." };
        var user = new Option<string?>("--user") { HelpName = "TEXT", Description = "A conversation of this one question." };
        var messages = new Option<string?>("--messages") { HelpName = "PATH", Description = "A file with a JSON array of messages; - reads standard input." };
        var variant = new Option<string?>("--variant") { HelpName = "NAME", Description = "Which one of several named templates." };
        var noPrompt = new Option<bool>("--no-generation-prompt") { Description = "End with the last message." };
        folder.RefuseOptions();
        var command = new Command("template", "Writes a conversation as a checkpoint's chat template does.") { folder, user, messages, variant, noPrompt };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(user) is null) == (result.GetValue(messages) is null)) result.AddError("Give one of --user and --messages.");
        });
        command.SetAction(parsed =>
        {
            string checkpoint = parsed.GetRequiredValue(folder);
            string conversation = parsed.GetValue(user) is string question ? TextInspector.Question(checkpoint, question) : TextFile.Read(parsed.GetValue(messages)!);
            Console.Out.WriteLine(TextInspector.Render(checkpoint, conversation, !parsed.GetValue(noPrompt), parsed.GetValue(variant)));
            return 0;
        });
        return command;
    }
}
