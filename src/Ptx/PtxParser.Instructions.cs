namespace MmKernels.Ptx;

internal sealed partial class PtxParser
{
    private readonly List<PtxOperand?> buffer = [];
    private readonly List<(string Name, int Index)> labelUses = [];

    private void LabelOrInstruction()
    {
        // Only a colon tells `name:` from an instruction, so the word is kept until the next token is known.
        int line = lexer.Line;
        PtxLexer word = lexer;
        lexer.Advance();
        if (lexer.Punctuation != ':')
        {
            Instruction(PtxOperation.Parse(word.Text, line), null, false, line);
            return;
        }
        string name = word.Text.ToString();
        lexer.Advance();
        string unique = scope.Depth > 0 && taken.Contains(name) ? Unique(name) : name;
        var label = new PtxLabel(unique) { Line = line, Index = function.Body.Count };
        if (!scope.TryAddLabel(name, label)) throw PtxErrors.Name(line, $"label `{name}` is defined twice");
        taken.Add(unique);
        switch (lexer.Kind == PtxToken.Directive ? lexer.Text : default)
        {
            case ".branchtargets": function.Body.Add(BranchTargets(label)); break;
            case ".callprototype": function.Body.Add(CallPrototype(label)); break;
            default: function.Body.Add(label); break;
        }
    }

    private PtxBranchTargets BranchTargets(PtxLabel name)
    {
        lexer.Advance();
        var names = new List<(string Name, int Line)>();
        do
        {
            int line = lexer.Line;
            names.Add((Word("a label"), line));
        }
        while (Accept(','));
        Expect(';');
        var targets = new PtxLabel[names.Count];
        for (int i = 0; i < targets.Length; i++) scope.Use(new(names[i].Name, names[i].Line, targets, i));
        return new PtxBranchTargets(name, targets) { Line = name.Line };
    }

    private PtxCallPrototype CallPrototype(PtxLabel name)
    {
        lexer.Advance();
        List<PtxVariable> returns = lexer.Punctuation == '(' ? Parameters() : [];
        Word("`_`");
        List<PtxVariable> parameters = lexer.Punctuation == '(' ? Parameters() : [];
        if (lexer.Kind == PtxToken.Directive && lexer.Text is ".noreturn") lexer.Advance();
        Expect(';');
        return new PtxCallPrototype(name, [.. returns], [.. parameters]) { Line = name.Line };
    }

    private void Guarded()
    {
        int line = lexer.Line;
        lexer.Advance();
        bool negated = Accept('!');
        if (lexer.Kind != PtxToken.Word) throw Unexpected("a guard predicate");
        PtxRegister guard = FindRegister(lexer.Text) ?? throw PtxErrors.Name(lexer.Line, $"register `{lexer.Text}` is not declared");
        lexer.Advance();
        if (lexer.Kind != PtxToken.Word) throw Unexpected("an instruction");
        PtxOperation operation = PtxOperation.Parse(lexer.Text, lexer.Line);
        lexer.Advance();
        Instruction(operation, guard, negated, line);
    }

    private void Instruction(PtxOperation operation, PtxRegister? guard, bool negated, int line)
    {
        buffer.Clear();
        labelUses.Clear();
        if (operation.Opcode == PtxOpcode.Call) CallOperands();
        else if (lexer.Punctuation != ';')
        {
            do buffer.Add(Operand(operation.Opcode, line));
            while (Accept(','));
        }
        Expect(';');
        locationUsed = true;
        PtxOperand[] operands = [.. buffer!];
        foreach ((string name, int index) in labelUses) scope.Use(new(name, line, operands, index));
        function.Body.Add(new PtxInstruction(operation, operands) { Guard = guard, GuardNegated = negated, Line = line, Location = location });
    }

    /// <summary>One operand; null stands for a label that is filled in when its scope ends.</summary>
    private PtxOperand? Operand(PtxOpcode opcode, int line)
    {
        switch (lexer.Kind)
        {
            case PtxToken.Word when opcode == PtxOpcode.Bra || (opcode == PtxOpcode.BrxIdx && buffer.Count == 1):
                labelUses.Add((Word("a label"), buffer.Count));
                return null;
            case PtxToken.Word:
                PtxOperand operand = Name();
                return Accept('|') ? new PairOperand(operand, Name()) : operand;
            case PtxToken.Number: return Number();
            case PtxToken.Punctuation:
                switch (lexer.Punctuation)
                {
                    case '-' or '~': return Number();
                    case '[': return Address();
                    case '{': return Vector();
                    case '!':
                        lexer.Advance();
                        if (lexer.Kind != PtxToken.Word) throw Unexpected("a predicate");
                        PtxRegister register = FindRegister(lexer.Text) ?? throw PtxErrors.Name(line, $"register `{lexer.Text}` is not declared");
                        lexer.Advance();
                        return new RegisterOperand(register, true);
                }
                break;
        }
        throw Unexpected("an operand");
    }

    private PtxOperand Vector()
    {
        lexer.Advance();
        var elements = new List<PtxOperand>();
        do elements.Add(lexer.Kind == PtxToken.Word ? Name() : Number());
        while (Accept(','));
        Expect('}');
        return new VectorOperand(elements.ToArray());
    }

    private PtxOperand Address()
    {
        lexer.Advance();
        PtxOperand address;
        if (lexer.Kind == PtxToken.Word)
        {
            PtxOperand name = Name(withOffset: false);
            long offset = Offset();
            address = name switch
            {
                RegisterOperand r => new AddressOperand(r.Register, null, offset),
                SymbolOperand s => new AddressOperand(null, s.Variable, offset),
                _ => throw PtxErrors.Operands(lexer.Line, $"`{name}` is not an address"),
            };
        }
        else
        {
            long value = Integer("an address");
            address = new AddressOperand(null, null, value + Offset());
        }
        if (Accept(',')) address = new TensorAddressOperand(address, Vector());
        Expect(']');
        return address;
    }

    /// <summary>What a word means as an operand.</summary>
    private PtxOperand Name(bool withOffset = true)
    {
        if (lexer.Kind != PtxToken.Word) throw Unexpected("a name");
        ReadOnlySpan<char> name = lexer.Text;
        int line = lexer.Line;
        object? found = scope.Find(name, out int number);
        if (found is PtxRegisterGroup group)
        {
            lexer.Advance();
            return group.Get(number, function.Registers).Operand;
        }
        if (found is null && moduleVariables.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out PtxVariable? variable)) found = variable;
        if (found is PtxVariable symbol)
        {
            lexer.Advance();
            return new SymbolOperand(symbol, withOffset ? Offset() : 0);
        }
        PtxOperand operand;
        if (name is "_") operand = SinkOperand.Instance;
        else if (PtxSpecialRegisters.TryParse(name, out PtxSpecialRegister special)) operand = new SpecialRegisterOperand(special);
        else if (functions.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out PtxFunction? target)) operand = new FunctionOperand(target.Name);
        else throw PtxErrors.Name(line, name[0] == '%' ? $"register `{name}` is not declared" : $"`{name}` is not declared");
        lexer.Advance();
        return operand;
    }

    private PtxRegister? FindRegister(ReadOnlySpan<char> name)
        => scope.Find(name, out int number) is PtxRegisterGroup group ? group.Get(number, function.Registers) : null;

    /// <summary><c>(returns), target, (arguments), prototype</c>, where all but the target may be absent.</summary>
    private void CallOperands()
    {
        var none = new ListOperand([]);
        PtxOperand returns = none, arguments = none;
        if (lexer.Punctuation == '(')
        {
            returns = List();
            Expect(',');
        }
        int line = lexer.Line;
        if (lexer.Kind != PtxToken.Word) throw Unexpected("the function to call");
        PtxOperand target = scope.Find(lexer.Text, out _) is null && !functions.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(lexer.Text)
            ? throw PtxErrors.Name(line, $"the function `{lexer.Text}` is not declared")
            : Name();
        bool more = Accept(',');
        if (more && lexer.Punctuation == '(')
        {
            arguments = List();
            more = Accept(',');
        }
        buffer.Add(returns);
        buffer.Add(target);
        buffer.Add(arguments);
        if (!more) return;
        labelUses.Add((Word("a prototype"), buffer.Count));
        buffer.Add(null);
    }

    private ListOperand List()
    {
        Expect('(');
        var elements = new List<PtxOperand>();
        while (lexer.Punctuation != ')')
        {
            if (elements.Count > 0) Expect(',');
            elements.Add(lexer.Kind == PtxToken.Word ? Name() : Number());
        }
        lexer.Advance();
        return new ListOperand([.. elements]);
    }
}
