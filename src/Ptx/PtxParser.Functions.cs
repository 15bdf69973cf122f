namespace MmKernels.Ptx;

internal sealed partial class PtxParser
{
    private PtxFunction function = null!;
    private PtxScope scope = null!;
    private PtxLocation? location;
    private bool locationUsed;
    private int headLine;
    private readonly HashSet<string> taken = [];
    private readonly HashSet<string> takenPrefixes = [];

    private void Function(PtxLinkage linkage, int line)
    {
        bool isEntry = lexer.Text is ".entry";
        lexer.Advance();
        List<PtxVariable> returns = !isEntry && lexer.Punctuation == '(' ? Parameters() : [];
        headLine = lexer.Line;
        string name = Word("the function's name");
        List<PtxVariable> parameters = lexer.Punctuation == '(' ? Parameters() : [];
        var directives = new PtxFunction { Name = name, IsEntry = isEntry };
        while (lexer.Kind == PtxToken.Directive) FunctionDirective(directives);
        bool hasBody = lexer.Punctuation == '{';
        if (!hasBody) Expect(';');
        if (moduleVariables.ContainsKey(name) || (functions.TryGetValue(name, out PtxFunction? earlier) && hasBody && earlier.HasBody))
            throw PtxErrors.Name(headLine, $"`{name}` is defined twice");
        function = new PtxFunction
        {
            Name = name,
            IsEntry = isEntry,
            Linkage = linkage,
            HasBody = hasBody,
            Line = line,
            RequiredThreads = directives.RequiredThreads,
            MaxThreads = directives.MaxThreads,
            MinBlocksPerMultiprocessor = directives.MinBlocksPerMultiprocessor,
            MaxRegisters = directives.MaxRegisters,
        };
        function.Directives.AddRange(directives.Directives);
        if (hasBody || !functions.ContainsKey(name)) functions[name] = function;
        module.Functions.Add(function);
        scope = new PtxScope(null);
        taken.Clear();
        takenPrefixes.Clear();
        AddParameters(function.Returns, returns, hasBody);
        AddParameters(function.Parameters, parameters, hasBody);
        if (hasBody) Body();
    }

    private void AddParameters(List<PtxVariable> list, List<PtxVariable> parameters, bool named)
    {
        foreach (PtxVariable parameter in parameters)
        {
            parameter.Index = list.Count;
            list.Add(parameter);
            if (!named) continue;
            taken.Add(parameter.Name);
            if (!scope.TryAdd(parameter.Name, parameter)) throw PtxErrors.Name(parameter.Line, $"the parameter `{parameter.Name}` is defined twice");
        }
    }

    /// <summary><c>(.param .b64 a, .param .align 8 .b8 b[24])</c></summary>
    private List<PtxVariable> Parameters()
    {
        var parameters = new List<PtxVariable>();
        Expect('(');
        while (lexer.Punctuation != ')')
        {
            if (parameters.Count > 0) Expect(',');
            int line = lexer.Line;
            if (lexer.Text is ".reg") throw PtxErrors.Unsupported(line, "register parameters");
            parameters.Add(Variable(VariableHead(true), PtxLinkage.None, line));
        }
        headLine = lexer.Line;
        lexer.Advance();
        return parameters;
    }

    private void FunctionDirective(PtxFunction into)
    {
        int line = lexer.Line;
        string directive = lexer.Text.ToString();
        lexer.Advance();
        switch (directive)
        {
            case ".reqntid": into.RequiredThreads = Extent(); break;
            case ".maxntid": into.MaxThreads = Extent(); break;
            case ".minnctapersm": into.MinBlocksPerMultiprocessor = SmallInteger("a count"); break;
            case ".maxnreg": into.MaxRegisters = SmallInteger("a count"); break;
            case ".pragma": into.Directives.Add($".pragma \"{String("the pragma's text")}\""); Expect(';'); break;
            case ".noreturn" or ".explicitcluster" or ".unique" or ".abi_preserve": into.Directives.Add(directive); break;
            case ".reqnctapercluster" or ".maxclusterrank" or ".maxnctapersm": into.Directives.Add($"{directive} {string.Join(", ", Integers())}"); break;
            default: throw PtxErrors.Syntax(line, $"unknown directive {directive} of a function");
        }
    }

    private int[] Extent()
    {
        List<int> values = Integers();
        if (values.Count > 3) throw Unexpected("at most three extents");
        while (values.Count < 3) values.Add(1);
        return [.. values];
    }

    private List<int> Integers()
    {
        var values = new List<int>();
        do values.Add(SmallInteger("an extent"));
        while (Accept(','));
        return values;
    }

    private void Body()
    {
        int opened = lexer.Line;
        location = null;
        lexer.Advance();
        while (true)
        {
            if (lexer.Kind == PtxToken.End) throw PtxErrors.Syntax(lexer.Line, $"the text ends inside the body of `{function.Name}` opened on line {opened}");
            if (lexer.Punctuation == '}')
            {
                PtxScope.LabelUse? missing = scope.Close();
                if (missing is { } use) throw PtxErrors.Name(use.Line, $"label `{use.Name}` is not defined");
                lexer.Advance();
                if (scope.Parent is null) return;
                scope = scope.Parent;
            }
            else Statement();
        }
    }

    private void Statement()
    {
        switch (lexer.Kind)
        {
            case PtxToken.Word: LabelOrInstruction(); break;
            case PtxToken.Directive: BodyDirective(); break;
            case PtxToken.Punctuation when lexer.Punctuation == '{':
                if (scope.Depth >= NestingAtMost) throw PtxErrors.TooLarge(lexer.Line, $"scopes are nested more than {NestingAtMost} deep");
                lexer.Advance();
                scope = new PtxScope(scope);
                break;
            case PtxToken.Punctuation when lexer.Punctuation == '@': Guarded(); break;
            case PtxToken.Punctuation when lexer.Punctuation == ';': lexer.Advance(); break;
            default: throw Unexpected("an instruction");
        }
    }

    private void BodyDirective()
    {
        int line = lexer.Line;
        switch (lexer.Text)
        {
            case ".reg":
                lexer.Advance();
                Registers(line);
                break;
            case ".loc":
                lexer.Advance();
                Loc();
                break;
            case ".pragma":
                lexer.Advance();
                function.Body.Add(new PtxPragma(String("the pragma's text")) { Line = line });
                Expect(';');
                break;
            case ".file":
                File();
                break;
            case ".local" or ".shared" or ".param" or ".align" or ".const" or ".global" or ".extern" or ".visible":
                foreach (PtxVariable variable in Variables(Linkage())) AddLocal(variable);
                break;
            default: throw Unexpected("a statement");
        }
    }

    private void AddLocal(PtxVariable variable)
    {
        PtxVariable unique = variable;
        if (scope.Depth > 0 && taken.Contains(variable.Name))
        {
            unique = new PtxVariable
            {
                Name = Unique(variable.Name), Space = variable.Space, Type = variable.Type, Vector = variable.Vector, Dims = variable.Dims,
                Align = variable.Align, Linkage = variable.Linkage, Data = variable.Data, Relocations = variable.Relocations, Line = variable.Line,
            };
        }
        if (!scope.TryAdd(variable.Name, unique)) throw PtxErrors.Name(variable.Line, $"`{variable.Name}` is declared twice in one scope");
        taken.Add(unique.Name);
        unique.Index = function.Variables.Count;
        function.Variables.Add(unique);
    }

    /// <summary><c>.reg .b32 %r&lt;9&gt;, a, b;</c></summary>
    private void Registers(int line)
    {
        if (lexer.Kind != PtxToken.Directive) throw Unexpected("the register's type");
        if (lexer.Text is ".v2" or ".v4") throw PtxErrors.Unsupported(line, "vector registers");
        PtxType type = PtxTypes.Parse(lexer.Text[1..]);
        if (type == PtxType.None) throw Unexpected("the register's type");
        lexer.Advance();
        do
        {
            int at = lexer.Line;
            string name = Word("a register's name");
            int count = -1;
            if (Accept('<'))
            {
                count = SmallInteger("a register count");
                Expect('>');
            }
            registersDeclared += Math.Max(1, count);
            if (registersDeclared > RegistersAtMost) throw PtxErrors.TooLarge(at, $"more than {RegistersAtMost} registers are declared");
            string unique = scope.Depth > 0 && Collides(name, count) ? Unique(name) : name;
            var group = new PtxRegisterGroup { Prefix = unique, Type = type, Count = count };
            if (!scope.TryAdd(name, group)) throw PtxErrors.Name(at, $"the register `{name}` is declared twice in one scope");
            taken.Add(unique);
            takenPrefixes.Add(WithoutNumber(unique));
            function.RegisterGroups.Add(group);
        }
        while (Accept(','));
        Expect(';');
    }

    /// <summary>Whether a name of an inner scope could be mistaken for an outer one once scopes are flattened.</summary>
    private bool Collides(string name, int count)
        => taken.Contains(name) || taken.Contains(WithoutNumber(name)) || (count >= 0 && takenPrefixes.Contains(name));

    private string Unique(string name)
    {
        for (int i = 1; ; i++)
        {
            string candidate = $"{name}_{i}_";
            if (!taken.Contains(candidate) && !takenPrefixes.Contains(candidate)) return candidate;
        }
    }

    private static string WithoutNumber(string name) => name.TrimEnd(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);

    /// <summary><c>.loc file line column[, function_name label, inlined_at file line column]</c></summary>
    private void Loc()
    {
        int file = SmallInteger("a file index"), line = SmallInteger("a line"), column = SmallInteger("a column");
        string suffix = lexer.Punctuation == ',' ? lexer.RestOfLine().ToString() : "";
        if (location is not null && !locationUsed) function.Body.Add(new PtxLocationMark(location));
        location = new PtxLocation(file, line, column, suffix);
        locationUsed = false;
    }
}
