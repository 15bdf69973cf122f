namespace MmKernels.Ptx;

internal sealed partial class PtxParser
{
    private const int NestingAtMost = 64;
    private const long BytesAtMost = 1L << 40;

    /// <summary>One variable declaration: <c>.shared .align 16 .b8 a[64], b[8];</c></summary>
    private List<PtxVariable> Variables(PtxLinkage linkage)
    {
        var declared = new List<PtxVariable>();
        int line = lexer.Line;
        var head = VariableHead(false);
        do declared.Add(Variable(head, linkage, line));
        while (Accept(','));
        Expect(';');
        return declared;
    }

    private record struct Head(PtxSpace Space, PtxType Type, int Vector, int Align, PtxSpace PointerSpace, int PointerAlign);

    /// <summary>Space, alignment, vector and type, in the order of the text.</summary>
    private Head VariableHead(bool parameter)
    {
        var head = new Head(PtxSpace.Generic, PtxType.None, 1, 0, PtxSpace.Generic, 0);
        bool pointer = false;
        while (lexer.Kind == PtxToken.Directive)
        {
            int line = lexer.Line;
            ReadOnlySpan<char> name = lexer.Text[1..];
            lexer.Advance();
            switch (name)
            {
                case "align":
                    int align = SmallInteger("an alignment");
                    if (align == 0 || (align & align - 1) != 0) throw PtxErrors.Literal(line, $"the alignment {align} is not a power of two");
                    if (pointer) head.PointerAlign = align;
                    else head.Align = align;
                    break;
                case "ptr":
                    pointer = true;
                    head.PointerAlign = 1;
                    break;
                case "v2" or "v4" or "v8": head.Vector = name[1] - '0'; break;
                case "attribute": lexer.Advance(); while (!Accept(')')) NotEnd(); break;
                case "texref" or "surfref" or "samplerref": throw PtxErrors.Unsupported(line, $".{name}: textures and surfaces");
                default:
                    if (OperationWords.Space(name.ToString()) is { } space)
                    {
                        if (pointer) head.PointerSpace = space;
                        else head.Space = space;
                    }
                    else if (PtxTypes.Parse(name) is var type and not PtxType.None) head.Type = type;
                    else throw PtxErrors.Syntax(line, $"unexpected .{name} in a declaration");
                    break;
            }
        }
        if (parameter && head.Space == PtxSpace.Generic) throw Unexpected(".param");
        if (head.Type is PtxType.None or PtxType.Pred) throw Unexpected("the variable's type");
        if (head.Space == PtxSpace.Generic) throw Unexpected("the variable's state space");
        return head;
    }

    private void NotEnd()
    {
        if (lexer.Kind == PtxToken.End) throw Unexpected("`)`");
        lexer.Advance();
    }

    private PtxVariable Variable(Head head, PtxLinkage linkage, int line)
    {
        string name = Word("a variable's name");
        var dims = new List<int>();
        long elements = head.Vector;
        while (Accept('['))
        {
            int dim = -1;
            if (lexer.Punctuation != ']') dim = SmallInteger("an array length");
            else if (dims.Count > 0) throw Unexpected("an array length");
            Expect(']');
            dims.Add(dim);
            if (dim >= 0) elements *= dim;
            if (elements * head.Type.Bytes() > BytesAtMost || dims.Count > 16) throw PtxErrors.TooLarge(line, $"`{name}` is too large");
        }
        var initializer = new Initializer(head.Type.Bytes(), dims);
        bool initialized = Accept('=');
        if (initialized)
        {
            initializer.Limit = Math.Max(elements * head.Type.Bytes(), dims is [-1, ..] ? BytesAtMost : 0);
            InitializerValue(initializer, head.Type, 0, line);
            if (dims is [-1, ..]) dims[0] = (initializer.Bytes.Count + head.Type.Bytes() - 1) / head.Type.Bytes();
        }
        return new PtxVariable
        {
            Name = name,
            Space = head.Space,
            Type = head.Type,
            Vector = head.Vector,
            Dims = dims,
            Align = Math.Max(head.Align, head.Type.Bytes() * (head.Align == 0 ? head.Vector : 1)),
            Linkage = linkage,
            Data = initialized ? [.. initializer.Bytes] : null,
            Relocations = initializer.Relocations,
            PointerSpace = head.PointerSpace,
            PointerAlign = head.PointerAlign,
            Line = line,
        };
    }

    /// <summary>Collects the bytes of an initialiser.</summary>
    private sealed class Initializer(int elementBytes, List<int> dims)
    {
        public List<byte> Bytes { get; } = [];

        public List<PtxRelocation> Relocations { get; } = [];

        public long Limit { get; set; }

        /// <summary>Bytes of one row at a nesting depth.</summary>
        public long Stride(int depth)
        {
            long bytes = elementBytes;
            for (int d = depth; d < dims.Count; d++) bytes *= Math.Max(1, dims[d]);
            return bytes;
        }

        public void Append(ulong value, int line)
        {
            if (Bytes.Count + elementBytes > Limit) throw PtxErrors.Operands(line, "the initialiser has more elements than the variable");
            for (int i = 0; i < elementBytes; i++) Bytes.Add(i < 8 ? (byte)(value >> (8 * i)) : (byte)0);
        }
    }

    private void InitializerValue(Initializer into, PtxType type, int depth, int line)
    {
        if (depth > NestingAtMost) throw PtxErrors.TooLarge(lexer.Line, "the initialiser's braces are nested too deeply");
        if (Accept('{'))
        {
            long start = into.Bytes.Count, row = into.Stride(depth + 1);
            for (int i = 0; lexer.Punctuation != '}'; i++)
            {
                if (i > 0) Expect(',');
                if (lexer.Punctuation == '{')
                {
                    if (start + i * row > into.Limit) throw PtxErrors.Operands(lexer.Line, "the initialiser has more rows than the variable");
                    while (into.Bytes.Count < start + i * row) into.Bytes.Add(0);
                }
                InitializerValue(into, type, depth + 1, line);
            }
            lexer.Advance();
            return;
        }
        if (lexer.Kind == PtxToken.Word) Relocation(into, type);
        else
        {
            ImmediateOperand number = Number();
            into.Append(PtxImmediates.BitsFor(number, type), lexer.Line);
        }
    }

    /// <summary><c>symbol</c>, <c>symbol+8</c>, <c>generic(symbol)+8</c>.</summary>
    private void Relocation(Initializer into, PtxType type)
    {
        int line = lexer.Line;
        string name = Word("a symbol");
        bool generic = name == "generic" && Accept('(');
        if (generic)
        {
            name = Word("a symbol");
            Expect(')');
        }
        long addend = Offset();
        if (type.Bytes() != 8) throw PtxErrors.Type(line, $"the address of `{name}` needs a 64-bit element, not .{type.Name()}");
        into.Relocations.Add(new PtxRelocation(into.Bytes.Count, name, addend, generic));
        into.Append(0, line);
    }

    private ImmediateOperand Number()
    {
        int line = lexer.Line;
        bool negative = Accept('-');
        bool complement = !negative && Accept('~');
        if (lexer.Kind != PtxToken.Number) throw Unexpected("a number");
        ImmediateOperand number = PtxNumbers.Parse(lexer.Text, negative, line);
        lexer.Advance();
        return complement ? new ImmediateOperand(~number.Bits) : number;
    }

    /// <summary>Any run of <c>+ n</c> and <c>- n</c>; also a negative number behind a plus.</summary>
    private long Offset()
    {
        long offset = 0;
        while (lexer.Punctuation is '+' or '-')
        {
            bool minus = lexer.Punctuation == '-';
            lexer.Advance();
            long value = Integer("an offset");
            offset = minus ? offset - value : offset + value;
        }
        return offset;
    }
}
