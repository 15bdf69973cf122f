using System.CommandLine;
using System.Text.Json;
using MmKernels.Engine;

namespace MmKernels.Cli;

/// <summary><c>mmk tokenize</c>: the tokens of a text, or the text of tokens.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "A checkpoint folder, or a tokenizer's file: tokenizer.json, vocab.json, vocab.txt, .tiktoken or .model." };
        var text = new Option<string?>("--text") { HelpName = "TEXT", Description = "The text." };
        var file = new Option<string?>("--file") { HelpName = "PATH", Description = "A file with the text; - reads standard input." };
        var decode = new Option<int[]>("--decode") { HelpName = "ID", Description = "Ids to decode instead.", AllowMultipleArgumentsPerToken = true };
        var plain = new Option<bool>("--no-special") { Description = "Add no special tokens; when decoding, leave none out." };
        var json = new Option<bool>("--json") { Description = "Print the ids as one JSON array." };
        path.RefuseOptions();
        var command = new Command("tokenize", "Shows the tokens of a text, or the text of tokens.") { path, text, file, decode, plain, json };
        command.Validators.Add(result =>
        {
            int given = (result.GetValue(text) is null ? 0 : 1) + (result.GetValue(file) is null ? 0 : 1) + (result.GetValue(decode) is { Length: > 0 } ? 1 : 0);
            if (given != 1) result.AddError("Give one of --text, --file and --decode.");
        });
        command.SetAction(parsed =>
        {
            string tokenizer = parsed.GetRequiredValue(path);
            bool special = !parsed.GetValue(plain);
            if (parsed.GetValue(decode) is { Length: > 0 } ids) Console.Out.WriteLine(TextInspector.Decode(tokenizer, ids, skipSpecialTokens: special));
            else Print(TextInspector.Tokenize(tokenizer, parsed.GetValue(text) ?? TextFile.Read(parsed.GetValue(file)!), special), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Print(IReadOnlyList<TokenRow> rows, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(rows.Select(row => row.Id)));
            return;
        }
        foreach (TokenRow row in rows) Console.Out.WriteLine($"{row.Id,8}  {(row.Special ? "special" : $"{row.Start}..{row.End}"),-12} {row.Token}");
        Console.Out.WriteLine($"{rows.Count} tokens");
    }
}
