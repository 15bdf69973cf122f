using System.CommandLine;
using System.Globalization;

namespace MmKernels.Cli;

/// <summary>What options and arguments accept beyond their types.</summary>
internal static class Rules
{
    /// <summary>Whole numbers of a range; what is no number at all the parser reports.</summary>
    public static void AcceptOnly(this Option option, int least, int most)
        => option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && (value < least || value > most))
                result.AddError(most == int.MaxValue ? $"{option.Name} must be at least {least}." : $"{option.Name} must be from {least} to {most}.");
        });

    /// <summary>An unknown option is not taken for the value of an argument.</summary>
    public static void RefuseOptions(this Argument argument)
        => argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (token.Value.StartsWith('-')) result.AddError($"There is no option {token.Value}.");
        });
}
