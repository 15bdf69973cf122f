using System.Globalization;
using System.Text;

namespace MmKernels.Tests;

/// <summary>
/// A random PTX kernel with structured control flow: arithmetic of all widths, conversions, guards, divergent branches and loops, early exits,
/// shared memory with barriers, local arrays, votes and shuffles. Every thread reads some words of <c>input</c> and writes all its registers to <c>output</c>.
/// </summary>
internal sealed partial class JitRandomProgram
{
    public const int Inputs = 8, Words = Ints + 2 * Longs + Floats + 2 * Doubles;
    private const int Ints = 12, Longs = 5, Floats = 8, Doubles = 2, Preds = 5;
    private readonly Random random;
    private readonly StringBuilder body = new();
    private readonly bool wholeWarps;
    private int labels, counters;
    private bool exited;

    public JitRandomProgram(int seed)
    {
        random = new Random(seed);
        int[] sizes = [32, 64, 96, 128, 1, 7, 16, 17, 31, 33, 48, 80, 100];
        Block = new Dim3(sizes[random.Next(sizes.Length)]);
        if (random.Next(4) == 0) Block = random.Next(4) switch { 0 => new Dim3(16, 4), 1 => new Dim3(8, 8), 2 => new Dim3(32, 2, 2), _ => new Dim3(5, 3, 2) };
        Grid = new Dim3(random.Next(1, 3), random.Next(1, 3));
        wholeWarps = Block.Count % 32 == 0;
        Prologue();
        int statements = random.Next(5, 30);
        for (int i = 0; i < statements; i++) Statement(0);
        Epilogue();
        Ptx = Text();
    }

    public string Ptx { get; }

    public Dim3 Grid { get; }

    public Dim3 Block { get; }

    private void Line(FormattableString text) => body.Append("\t").Append(text.ToString(CultureInfo.InvariantCulture)).Append(";\n");

    private string R() => $"%r{random.Next(Ints)}";

    private string L() => $"%rd{random.Next(Longs)}";

    private string F() => $"%f{random.Next(Floats)}";

    private string D() => $"%fd{random.Next(Doubles)}";

    private string P() => $"%p{random.Next(Preds)}";

    private string Ri() => random.Next(3) == 0 ? Constant() : R();

    private string Constant() => random.Next(8) switch { 0 => "-1", 1 => "2147483647", 2 => "-2147483648", 3 => random.Next().ToString(CultureInfo.InvariantCulture), _ => random.Next(-40, 40).ToString(CultureInfo.InvariantCulture) };

    private T Pick<T>(params T[] of) => of[random.Next(of.Length)];

    private void Prologue()
    {
        Line($"ld.param.u64 %rdIn, [input]");
        Line($"ld.param.u64 %rdOut, [output]");
        Line($"ld.param.u64 %rdScratch, [scratch]");
        Line($"ld.param.u64 %rdAll, [input]");
        Line($"mov.u32 %t0, %tid.x");
        Line($"mov.u32 %t1, %tid.y");
        Line($"mov.u32 %t2, %tid.z");
        Line($"mov.u32 %t3, %ntid.x");
        Line($"mov.u32 %t4, %ntid.y");
        Line($"mad.lo.s32 %t5, %t2, %t4, %t1");
        Line($"mad.lo.s32 %tid, %t5, %t3, %t0");
        Line($"mov.u32 %t6, %ctaid.x");
        Line($"mov.u32 %t7, %nctaid.x");
        Line($"mov.u32 %t8, %ctaid.y");
        Line($"mad.lo.s32 %t9, %t8, %t7, %t6");
        Line($"mad.lo.s32 %gid, %t9, {(int)Block.Count}, %tid");
        Line($"mul.wide.s32 %rdT, %gid, {Inputs * 4}");
        Line($"add.s64 %rdIn, %rdIn, %rdT");
        for (int i = 0; i < Ints; i++)
        {
            if (i < 4) Line($"mov.u32 %r{i}, {Pick("%tid.x", "%tid.y", "%laneid", "%ctaid.x", "%ntid.x", "%warpid")}");
            else if (i < 8) Line($"ld.global.u32 %r{i}, [%rdIn+{4 * (i - 4)}]");
            else Line($"mov.u32 %r{i}, {Constant()}");
        }
        for (int i = 0; i < Longs; i++) Line($"cvt.{Pick("s64.s32", "u64.u32")} %rd{i}, {R()}");
        for (int i = 0; i < Floats; i++)
            if (i < 4) Line($"ld.global.f32 %f{i}, [%rdIn+{16 + 4 * i}]");
            else Line($"cvt.rn.f32.s32 %f{i}, {R()}");
        for (int i = 0; i < Doubles; i++) Line($"cvt.f64.f32 %fd{i}, {F()}");
        for (int i = 0; i < Preds; i++) Line($"setp.{Pick("lt", "ne", "ge")}.s32 %p{i}, {R()}, {Ri()}");
        Line($"shl.b32 %sh, %tid, 2");
        Line($"mov.u32 %t0, shared_words");
        Line($"add.s32 %sh, %sh, %t0");
        Line($"st.shared.u32 [%sh], {R()}");
        for (int i = 0; i < 8; i++) Line($"st.local.u32 [local_words+{4 * i}], {R()}");
    }

    private void Epilogue()
    {
        body.Append("done:\n");
        Line($"mul.wide.s32 %rdT, %gid, {Words * 4}");
        Line($"add.s64 %rdOut, %rdOut, %rdT");
        int at = 0;
        for (int i = 0; i < Ints; i++, at += 4) Line($"st.global.u32 [%rdOut+{at}], %r{i}");
        for (int i = 0; i < Longs; i++, at += 8)
        {
            Line($"mov.b64 {{%t0, %t1}}, %rd{i}");
            Line($"st.global.u32 [%rdOut+{at}], %t0");
            Line($"st.global.u32 [%rdOut+{at + 4}], %t1");
        }
        for (int i = 0; i < Floats; i++, at += 4)
        {
            // One NaN stands for all: their payloads are open.
            Line($"setp.nan.f32 %pT, %f{i}, %f{i}");
            Line($"selp.f32 %f{i}, 0f7FFFFFFF, %f{i}, %pT");
            Line($"st.global.f32 [%rdOut+{at}], %f{i}");
        }
        for (int i = 0; i < Doubles; i++, at += 8)
        {
            Line($"setp.nan.f64 %pT, %fd{i}, %fd{i}");
            Line($"selp.f64 %fd{i}, 0d7FF8000000000000, %fd{i}, %pT");
            Line($"mov.b64 {{%t0, %t1}}, %fd{i}");
            Line($"st.global.u32 [%rdOut+{at}], %t0");
            Line($"st.global.u32 [%rdOut+{at + 4}], %t1");
        }
        Line($"ret");
    }

    private void Statement(int depth)
    {
        int choice = random.Next(depth < 3 ? 36 : 30) - 6;
        switch (choice)
        {
            case < -3: Memory(); break;
            case < 0: Odd(); break;
            case 24 or 25: If(depth); break;
            case 26 or 27: Loop(depth); break;
            case 28 when depth == 0: Exchange(); break;
            case 29 when depth == 0 && random.Next(3) == 0:
                exited = true;
                Line($"@{P()} bra done");
                break;
            default:
                if (random.Next(6) == 0) body.Append($"\t@{(random.Next(2) == 0 ? "!" : "")}{P()}");
                Simple();
                break;
        }
    }

    private void If(int depth)
    {
        int label = labels++;
        Line($"setp.{Pick("lt.s32", "gt.u32", "eq.s32", "ne.s32", "le.u32")} %p{random.Next(Preds)}, {R()}, {Ri()}");
        string condition = P();
        bool otherwise = random.Next(2) == 0;
        Line($"@{(random.Next(2) == 0 ? "!" : "")}{condition} bra else{label}");
        for (int i = random.Next(1, 4); i > 0; i--) Statement(depth + 1);
        if (otherwise) Line($"bra end{label}");
        body.Append($"else{label}:\n");
        if (otherwise)
        {
            for (int i = random.Next(1, 4); i > 0; i--) Statement(depth + 1);
            body.Append($"end{label}:\n");
        }
    }

    private void Loop(int depth)
    {
        int label = labels++, counter = counters++;
        if (random.Next(2) == 0) Line($"and.b32 %c{counter}, {R()}, 3");
        else Line($"mov.u32 %c{counter}, {random.Next(4)}");
        body.Append($"loop{label}:\n");
        bool atStart = random.Next(2) == 0;
        if (atStart)
        {
            Line($"setp.le.s32 %q{counter}, %c{counter}, 0");
            Line($"@%q{counter} bra exit{label}");
        }
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int escape = random.Next(8);
            if (escape == 0) Line($"@{P()} bra exit{label}");
            else if (escape == 1) Line($"@{P()} bra next{label}");
            Statement(depth + 1);
        }
        body.Append($"next{label}:\n");
        Line($"sub.s32 %c{counter}, %c{counter}, 1");
        if (random.Next(2) == 0) Line($"add.s32 {R()}, %c{counter}, {R()}");
        if (atStart) Line($"bra loop{label}");
        else
        {
            Line($"setp.gt.s32 %q{counter}, %c{counter}, 0");
            Line($"@%q{counter} bra loop{label}");
        }
        body.Append($"exit{label}:\n");
    }

    /// <summary>Threads exchange words where all that are left come together.</summary>
    private void Exchange()
    {
        switch (random.Next(wholeWarps && !exited ? 5 : 1))
        {
            case 0:
                Line($"st.shared.u32 [%sh], {R()}");
                Line($"bar.sync 0");
                Line($"add.s32 %t0, %tid, {random.Next(40)}");
                Line($"rem.u32 %t0, %t0, {(int)Block.Count}");
                Line($"shl.b32 %t0, %t0, 2");
                Line($"mov.u32 %t1, shared_words");
                Line($"add.s32 %t0, %t0, %t1");
                Line($"ld.shared.u32 {R()}, [%t0]");
                Line($"bar.sync 0");
                break;
            case 1 when random.Next(2) == 0: Line($"shfl.sync.{Pick("up", "down", "idx")}.b32 {Pick(R(), F())}, {R()}, {random.Next(32)}, {Pick("0", "31")}, 0xffffffff"); break;
            case 1: Line($"shfl.sync.bfly.b32 {R()}, {R()}, {random.Next(32)}, 31, 0xffffffff"); break;
            case 2: Line($"shfl.sync.{Pick("up", "down", "idx")}.b32 {R()}|{P()}, {R()}, {(random.Next(2) == 0 ? R() : random.Next(32))}, {Pick("0", "31", "7199")}, 0xffffffff"); break;
            case 3: Line($"vote.sync.ballot.b32 {R()}, {P()}, 0xffffffff"); break;
            default: Line($"vote.sync.{Pick("all", "any", "uni")}.pred {P()}, {P()}, 0xffffffff"); break;
        }
    }

    private void Simple()
    {
        switch (random.Next(26))
        {
            case 0 or 1 or 2: Line($"{Pick("add.s32", "sub.s32", "mul.lo.s32", "and.b32", "or.b32", "xor.b32", "add.u32", "min.s32", "max.s32", "min.u32", "max.u32")} {R()}, {R()}, {Ri()}"); break;
            case 3: Line($"{Pick("mul.hi.s32", "mul.hi.u32", "div.s32", "div.u32", "rem.s32", "rem.u32")} {R()}, {R()}, {Ri()}"); break;
            case 4: Line($"{Pick("shl.b32", "shr.s32", "shr.u32", "shr.b32")} {R()}, {R()}, {(random.Next(3) == 0 ? R() : random.Next(40))}"); break;
            case 5: Line($"mad.lo.{Pick("s32", "u32")} {R()}, {R()}, {Ri()}, {R()}"); break;
            case 6: Line($"{Pick("neg.s32", "not.b32", "abs.s32", "popc.b32", "clz.b32", "mov.u32", "brev.b32", "cnot.b32")} {R()}, {R()}"); break;
            case 7: Line($"setp.{Pick("lt", "le", "gt", "ge", "eq", "ne")}.{Pick("s32", "u32")} {P()}, {R()}, {Ri()}"); break;
            case 8: Line($"setp.{Pick("lt", "ne")}.{Pick("and", "or", "xor")}.s32 {P()}, {R()}, {Ri()}, {(random.Next(2) == 0 ? "!" : "")}{P()}"); break;
            case 9: Line($"selp.b32 {R()}, {Ri()}, {R()}, {P()}"); break;
            case 10: Line($"{Pick("add.s64", "sub.s64", "mul.lo.s64", "and.b64", "xor.b64", "min.s64", "max.u64", "mul.hi.s64")} {L()}, {L()}, {L()}"); break;
            case 11: Line($"{Pick("mul.wide.s32", "mul.wide.u32")} {L()}, {R()}, {Ri()}"); break;
            case 12: Line($"mad.wide.{Pick("s32", "u32")} {L()}, {R()}, {Ri()}, {L()}"); break;
            case 13: Line($"{Pick("shl.b64", "shr.s64", "shr.u64")} {L()}, {L()}, {(random.Next(3) == 0 ? R() : random.Next(70))}"); break;
            case 14: Line($"cvt.{Pick("s64.s32", "u64.u32", "s64.s8", "u64.u16", "s64.s16")} {L()}, {R()}"); break;
            case 15: Line($"cvt.{Pick("u32.u64", "s32.s64")} {R()}, {L()}"); break;
            case 16: Line($"cvt.{Pick("s32.s8", "u32.u8", "s32.s16", "u32.u16", "s8.s32", "u16.u32")} {R()}, {R()}"); break;
            case 17 or 18: Line($"{Pick("add.f32", "sub.f32", "mul.f32", "div.rn.f32", "min.f32", "max.f32", "add.rn.ftz.f32", "mul.sat.f32")} {F()}, {F()}, {F()}"); break;
            case 19: Line($"fma.rn{Pick("", ".ftz", ".sat")}.f32 {F()}, {F()}, {F()}, {F()}"); break;
            case 20: Line($"{Pick("neg.f32", "abs.f32", "sqrt.rn.f32", "rcp.approx.f32", "rsqrt.approx.f32", "ex2.approx.f32", "ex2.approx.ftz.f32", "lg2.approx.f32", "tanh.approx.f32", "sin.approx.f32", "cos.approx.f32", "cvt.rni.f32.f32", "cvt.rzi.f32.f32", "cvt.rmi.f32.f32")} {F()}, {F()}"); break;
            case 21: Line($"{Pick("cvt.rn.f32.s32", "cvt.rn.f32.u32")} {F()}, {R()}"); break;
            case 22: Line($"{Pick("cvt.rzi.s32.f32", "cvt.rni.s32.f32", "cvt.rzi.u32.f32", "cvt.rmi.s32.f32")} {R()}, {F()}"); break;
            case 23: Line($"setp.{Pick("lt", "gt", "le", "ge", "eq", "ne", "ltu", "geu", "neu", "equ", "num", "nan")}.f32 {P()}, {F()}, {F()}"); break;
            case 24:
                string h = $"%h{random.Next(2)}";
                Line($"cvt.rn.{Pick("f16", "bf16")}.f32 {h}, {F()}");
                if (random.Next(2) == 0) Line($"{Pick("add.s16", "mul.lo.u16", "shl.b16", "shr.s16", "min.s16")} {h}, {h}, {random.Next(1, 9)}");
                Line($"cvt.f32.f16 {F()}, {h}");
                Line($"cvt.s32.s16 {R()}, {h}");
                break;
            default: Rare(); break;
        }
    }

    private void Rare()
    {
        // A guard in front of a sequence belongs to this line alone.
        Line($"mov.u32 %t2, 0");
        switch (random.Next(7))
        {
            case 0: Line($"{Pick("add.f64", "mul.f64", "sub.f64", "max.f64")} {D()}, {D()}, {D()}"); break;
            case 1:
                if (random.Next(2) == 0) Line($"cvt.f64.f32 {D()}, {F()}");
                else Line($"cvt.rn.f64.s32 {D()}, {R()}");
                break;
            case 2: Line($"cvt.rn.f32.f64 {F()}, {D()}"); break;
            case 3:
                Line($"and.b32 %t0, {R()}, 7");
                Line($"shl.b32 %t0, %t0, 2");
                Line($"mov.u32 %t1, local_words");
                Line($"add.s32 %t0, %t0, %t1");
                Line($"{Pick("st.local.u32 [%t0], %r1", "ld.local.u32 %r2, [%t0]", "ld.local.s8 %r3, [%t0]", "st.local.u16 [%t0], %h0", "ld.local.u16 %h1, [%t0]")}");
                break;
            case 4:
                Line($"mov.b64 %rd0, {{{R()}, {R()}}}");
                Line($"mov.b64 {{{R()}, %t0}}, {L()}");
                break;
            case 5:
                Line($"mov.b32 {{%h0, %h1}}, {R()}");
                Line($"mov.b32 {R()}, {{%h1, %h0}}");
                break;
            default:
                Line($"and.b32 %t0, {R()}, 7");
                Line($"mul.wide.u32 %rdT, %t0, 4");
                Line($"add.s64 %rdT, %rdIn, %rdT");
                Line($"ld.global.u32 {R()}, [%rdT]");
                break;
        }
    }

    private string Text()
    {
        var text = new StringBuilder();
        text.Append(".version 7.8\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 input, .param .u64 output, .param .u64 scratch)\n{\n");
        text.Append($"\t.reg .b32 %r<{Ints}>, %t<16>, %c<{counters + 1}>, %tid, %gid, %sh;\n\t.reg .b64 %rd<{Longs}>, %rdIn, %rdOut, %rdT, %rdScratch, %rdAll;\n");
        text.Append($"\t.reg .f32 %f<{Floats}>;\n\t.reg .f64 %fd<{Doubles}>;\n\t.reg .b16 %h<2>;\n\t.reg .pred %p<{Preds}>, %q<{counters + 1}>, %pT;\n");
        text.Append("\t.shared .align 4 .b32 shared_words[1024];\n\t.local .align 4 .b32 local_words[8];\n\tmov.b16 %h0, 0;\n\tmov.b16 %h1, 0;\n");
        return text.Append(body).Append("}\n").ToString();
    }
}
