using System.Globalization;
using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Properties of code points, independent of culture and of the UTF-16 form.</summary>
internal static class Unicode
{
    /// <summary>The White_Space property.</summary>
    public static bool IsWhiteSpace(int code) => code < 0x10000 && char.IsWhiteSpace((char)code);

    public static UnicodeCategory Category(int code) => CharUnicodeInfo.GetUnicodeCategory(code);

    /// <summary>\w: alphabetic, mark, decimal number, connector punctuation, join control.</summary>
    public static bool IsWord(int code)
    {
        if (code < 128) return char.IsAsciiLetterOrDigit((char)code) || code == '_';
        return Category(code) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,
            UnicodeCategory.OtherSymbol => code is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189,
            _ => code is 0x200C or 0x200D,
        };
    }
}
