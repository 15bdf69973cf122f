using System.Globalization;

namespace MmKernels.Data.Tokenizers;

/// <summary>Names in \p{…}: general categories, POSIX-like properties and scripts.</summary>
internal static class UnicodeProperties
{
    private static readonly Dictionary<string, CodePointSet> Named = Build();

    /// <summary>The set, or null where the name is unknown. Case, spaces, hyphens and underscores do not count.</summary>
    public static CodePointSet? Find(string name)
    {
        string key = string.Concat(name.Where(c => c is not (' ' or '_' or '-'))).ToLowerInvariant();
        foreach (string prefix in (ReadOnlySpan<string>)["script=", "sc=", "generalcategory=", "gc="])
            if (key.StartsWith(prefix, StringComparison.Ordinal)) key = key[prefix.Length..];
        if (Named.TryGetValue(key, out CodePointSet? set)) return set;
        byte? script = Scripts.Find(key);
        return script is null ? null : new CodePointSet.Property(code => Scripts.Of(code) == script);
    }

    private static Dictionary<string, CodePointSet> Build()
    {
        string[] codes = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"];
        string[] names = ["uppercaseletter", "lowercaseletter", "titlecaseletter", "modifierletter", "otherletter", "nonspacingmark", "spacingmark", "enclosingmark", "decimalnumber",
            "letternumber", "othernumber", "spaceseparator", "lineseparator", "paragraphseparator", "control", "format", "surrogate", "privateuse", "connectorpunctuation",
            "dashpunctuation", "openpunctuation", "closepunctuation", "initialpunctuation", "finalpunctuation", "otherpunctuation", "mathsymbol", "currencysymbol",
            "modifiersymbol", "othersymbol", "unassigned"];
        var named = new Dictionary<string, CodePointSet>();
        var groups = new Dictionary<char, uint>();
        for (int i = 0; i < codes.Length; i++)
        {
            named[codes[i].ToLowerInvariant()] = named[names[i]] = CodePointSet.Of((UnicodeCategory)i);
            groups[codes[i][0]] = groups.GetValueOrDefault(codes[i][0]) | 1u << i;
        }
        foreach ((char group, string name) in new[] { ('L', "letter"), ('M', "mark"), ('N', "number"), ('Z', "separator"), ('C', "other"), ('P', "punctuation"), ('S', "symbol") })
            named[char.ToLowerInvariant(group).ToString()] = named[name] = new CodePointSet.Categories(groups[group]);
        named["lc"] = named["casedletter"] = CodePointSet.Of(UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter);
        named["combiningmark"] = named["m"];
        named["punct"] = named["p"];
        named["any"] = CodePointSet.Anything;
        named["ascii"] = new CodePointSet.Range(0, 127);
        named["assigned"] = new CodePointSet.Complement(named["cn"]);
        named["digit"] = named["nd"];
        named["cntrl"] = named["cc"];
        named["word"] = new CodePointSet.Property(Unicode.IsWord);
        named["space"] = named["whitespace"] = new CodePointSet.Property(Unicode.IsWhiteSpace);
        named["blank"] = new CodePointSet.Property(code => code == '\t' || Unicode.Category(code) == UnicodeCategory.SpaceSeparator);
        named["xdigit"] = named["hexdigit"] = named["asciihexdigit"] = new CodePointSet.Property(code => code < 128 && char.IsAsciiHexDigit((char)code));
        named["alpha"] = named["alphabetic"] = new CodePointSet.Property(Unicode.IsAlphabetic);
        named["alnum"] = new CodePointSet.Property(code => Unicode.IsAlphabetic(code) || Unicode.Category(code) == UnicodeCategory.DecimalDigitNumber);
        named["upper"] = named["uppercase"] = new CodePointSet.Property(code => Unicode.Category(code) == UnicodeCategory.UppercaseLetter || Unicode.IsOtherUppercase(code));
        named["lower"] = named["lowercase"] = new CodePointSet.Property(code => Unicode.Category(code) == UnicodeCategory.LowercaseLetter || Unicode.IsOtherLowercase(code));
        named["graph"] = new CodePointSet.Property(code => !Unicode.IsWhiteSpace(code) && Unicode.Category(code) is not (UnicodeCategory.Control or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned));
        named["print"] = new CodePointSet.Property(code => Unicode.Category(code) is not (UnicodeCategory.Control or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned));
        return named;
    }
}
