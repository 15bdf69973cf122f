namespace MmKernels.Ptx;

/// <summary>Recursive-descent parser of PTX: module level here, bodies and operands in the other parts.</summary>
internal sealed partial class PtxParser
{
    private const int RegistersAtMost = 1 << 20;

    private readonly Dictionary<string, PtxVariable> moduleVariables = [];
    private readonly Dictionary<string, PtxFunction> functions = [];
    private PtxLexer lexer;
    private PtxModule module = null!;
    private PtxVersion? version;
    private string? target;
    private readonly List<string> targetOptions = [];
    private int addressSize = 64;
    private long registersDeclared;

    public PtxParser(string text) => lexer = new PtxLexer(text);

    /// <summary>Reads everything.</summary>
    public PtxModule Module()
    {
        Header();
        module = new PtxModule { Version = version!.Value, Target = target!, TargetOptions = targetOptions, AddressSize = addressSize };
        while (lexer.Kind != PtxToken.End) TopLevel();
        return module;
    }

    private void Header()
    {
        while (lexer.Kind == PtxToken.Directive && lexer.Text is ".version" or ".target" or ".address_size")
        {
            int line = lexer.Line;
            ReadOnlySpan<char> directive = lexer.Text;
            lexer.Advance();
            switch (directive)
            {
                case ".version": version = Version(); break;
                case ".target": Target(line); break;
                default: addressSize = SmallInteger("an address size"); break;
            }
            if (version is null) throw PtxErrors.Module(lexer.Line, "the .version directive is missing at the start of the file");
            if (target is null && directive is not ".version") throw PtxErrors.Module(line, "the .target directive is missing behind .version");
        }
        if (version is null) throw PtxErrors.Module(lexer.Line, "the .version directive is missing at the start of the file");
        if (target is null) throw PtxErrors.Module(lexer.Line, "the .target directive is missing behind .version");
        if (addressSize != 64) throw PtxErrors.Unsupported(lexer.Line, $".address_size {addressSize} (only 64 is supported)");
    }

    private PtxVersion Version()
    {
        ReadOnlySpan<char> text = lexer.Text;
        int dot = text.IndexOf('.');
        if (lexer.Kind != PtxToken.Number || dot < 1 || !int.TryParse(text[..dot], out int major) || !int.TryParse(text[(dot + 1)..], out int minor))
            throw PtxErrors.Syntax(lexer.Line, $"`{text}` is not a version such as 8.0");
        lexer.Advance();
        return new PtxVersion(major, minor);
    }

    private void Target(int line)
    {
        string name = Word("a target");
        if (name.StartsWith("sm_"))
        {
            target ??= name;
            if (!int.TryParse(name.AsSpan(3).TrimEnd("af"), out int sm)) throw PtxErrors.Module(line, $"`{name}` is not a target such as sm_80");
            if (version is { } v && PtxTargets.FirstVersion(sm) is { } first && v < first)
                throw PtxErrors.Module(line, $".version {v} does not know {name}: it needs {first} or later");
        }
        else throw PtxErrors.Module(line, $"`{name}` is not a target such as sm_80");
        while (Accept(',')) targetOptions.Add(Word("a target option"));
    }

    private void TopLevel()
    {
        if (lexer.Kind != PtxToken.Directive) throw Unexpected("a directive");
        switch (lexer.Text)
        {
            case ".file": File(); break;
            case ".section": Section(); break;
            case ".pragma":
                lexer.Advance();
                String("the pragma's text");
                Expect(';');
                break;
            case ".version" or ".target" or ".address_size": throw PtxErrors.Module(lexer.Line, $"{lexer.Text} belongs to the start of the file");
            case ".alias": throw PtxErrors.Unsupported(lexer.Line, ".alias");
            default: Declaration(); break;
        }
    }

    private void File()
    {
        lexer.Advance();
        int index = SmallInteger("a file index");
        module.Files[index] = String("a file name");
        while (Accept(',')) SkipNumber();
    }

    private void SkipNumber()
    {
        if (lexer.Kind != PtxToken.Number) throw Unexpected("a number");
        lexer.Advance();
    }

    private void Section()
    {
        lexer.Advance();
        string name = lexer.Text.ToString();
        lexer.Advance();
        if (lexer.Punctuation != '{') throw Unexpected("`{`");
        module.Sections.Add($"{name} {lexer.Braces()}");
    }

    /// <summary>A variable or a function, with its linkage.</summary>
    private void Declaration()
    {
        int line = lexer.Line;
        PtxLinkage linkage = Linkage();
        if (lexer.Kind == PtxToken.Directive && lexer.Text is ".entry" or ".func")
        {
            Function(linkage, line);
            return;
        }
        foreach (PtxVariable variable in Variables(linkage))
        {
            if (variable.Space is PtxSpace.Local or PtxSpace.Param) throw PtxErrors.Syntax(line, $"`{variable.Name}`: .{variable.Space.ToString().ToLowerInvariant()} variables belong inside functions");
            AddModuleVariable(variable);
        }
    }

    private void AddModuleVariable(PtxVariable variable)
    {
        if (functions.ContainsKey(variable.Name) || !moduleVariables.TryAdd(variable.Name, variable))
        {
            // An .extern declaration may precede or follow the definition; the same .extern may be repeated.
            if (variable.Linkage == PtxLinkage.Extern && moduleVariables.ContainsKey(variable.Name)) return;
            throw PtxErrors.Name(variable.Line, $"`{variable.Name}` is defined twice");
        }
        variable.Index = module.Variables.Count;
        module.Variables.Add(variable);
    }

    private PtxLinkage Linkage()
    {
        PtxLinkage linkage = lexer.Text switch
        {
            ".visible" => PtxLinkage.Visible,
            ".extern" => PtxLinkage.Extern,
            ".weak" => PtxLinkage.Weak,
            ".common" => PtxLinkage.Common,
            _ => PtxLinkage.None,
        };
        if (linkage != PtxLinkage.None) lexer.Advance();
        return linkage;
    }

    private bool Accept(char punctuation)
    {
        if (lexer.Punctuation != punctuation) return false;
        lexer.Advance();
        return true;
    }

    private void Expect(char punctuation)
    {
        if (!Accept(punctuation)) throw Unexpected($"`{punctuation}`");
    }

    private string Word(string what)
    {
        if (lexer.Kind != PtxToken.Word) throw Unexpected(what);
        string word = lexer.Text.ToString();
        lexer.Advance();
        return word;
    }

    private string String(string what)
    {
        if (lexer.Kind != PtxToken.String) throw Unexpected(what);
        string text = lexer.Text[1..^1].ToString();
        lexer.Advance();
        return text;
    }

    private long Integer(string what)
    {
        bool negative = Accept('-');
        if (lexer.Kind != PtxToken.Number) throw Unexpected(what);
        ImmediateOperand number = PtxNumbers.Parse(lexer.Text, negative, lexer.Line);
        if (number.Kind != PtxImmediateKind.Integer) throw Unexpected(what);
        lexer.Advance();
        return (long)number.Bits;
    }

    private int SmallInteger(string what)
    {
        int line = lexer.Line;
        long value = Integer(what);
        if (value is < 0 or > int.MaxValue) throw PtxErrors.Literal(line, $"{value} is not {what} between 0 and {int.MaxValue}");
        return (int)value;
    }

    private MmkException Unexpected(string wanted)
        => PtxErrors.Syntax(lexer.Line, lexer.Kind == PtxToken.End ? $"the text ends where {wanted} should follow" : $"`{lexer.Text}` where {wanted} should follow");
}
