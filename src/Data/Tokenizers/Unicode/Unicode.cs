using System.Globalization;
using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Properties of code points, independent of culture and of the UTF-16 form.</summary>
internal static class Unicode
{
    /// <summary>The White_Space property.</summary>
    public static bool IsWhiteSpace(int code) => code < 0x10000 && char.IsWhiteSpace((char)code);

    public static UnicodeCategory Category(int code) => CharUnicodeInfo.GetUnicodeCategory(code);

    public static bool IsNumber(int code) => Category(code) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    public static bool IsMark(int code)
        => Category(code) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>ASCII punctuation (with its symbols) and the categories P.</summary>
    public static bool IsPunctuation(int code) => code < 128
        ? char.IsPunctuation((char)code) || char.IsSymbol((char)code)
        : Category(code) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>\w: alphabetic, mark, decimal number, connector punctuation, join control.</summary>
    public static bool IsWord(int code)
    {
        if (code < 128) return char.IsAsciiLetterOrDigit((char)code) || code == '_';
        return IsAlphabetic(code) || IsMark(code) || code is 0x200C or 0x200D
            || Category(code) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;
    }

    /// <summary>Letters, letter numbers and circled letters; the marks that Unicode also counts as alphabetic are left out.</summary>
    public static bool IsAlphabetic(int code)
        => Category(code) is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber || IsOtherUppercase(code) || IsOtherLowercase(code);

    public static bool IsOtherUppercase(int code)
        => code is >= 0x2160 and <= 0x216F or >= 0x24B6 and <= 0x24CF or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189;

    public static bool IsOtherLowercase(int code)
        => code is 0xAA or 0xBA or >= 0x2B0 and <= 0x2B8 or >= 0x2C0 and <= 0x2C1 or >= 0x2E0 and <= 0x2E4 or 0x37A or >= 0x1D2C and <= 0x1D6A or 0x1D78
            or >= 0x1D9B and <= 0x1DBF or 0x2071 or 0x207F or >= 0x2090 and <= 0x209C or >= 0x2170 and <= 0x217F or >= 0x24D0 and <= 0x24E9;

    public static int ToLower(int code) => Rune.IsValid(code) ? Rune.ToLowerInvariant(new Rune(code)).Value : code;

    public static int ToUpper(int code) => Rune.IsValid(code) ? Rune.ToUpperInvariant(new Rune(code)).Value : code;

    /// <summary>Equal for all case variants of a character; .NET does not count the long s as one of S.</summary>
    public static int Fold(int code) => code == 0x17F ? 's' : ToLower(ToUpper(code));
}
