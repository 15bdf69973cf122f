namespace MmKernels.Tests;

/// <summary>
/// The program's loads and stores: neighbours' words through indices that wrap around in lanes that do not use them, places of one thread,
/// rows of all widths, counters; and the instructions that compilers seldom write.
/// </summary>
internal sealed partial class JitRandomProgram
{
    /// <summary>Bytes of scratch: a row of 64 bytes per thread, rows of single elements, flags and counters.</summary>
    public int ScratchBytes => Threads * 64 + Threads * 15 + 1024;

    private int Threads => (int)(Grid.Count * Block.Count);

    private int RunsAt => Threads * 64;

    private int FlagsAt => RunsAt + (Threads * 15 + 7) / 8 * 8;

    private int flags;

    private void Memory()
    {
        switch (random.Next(7))
        {
            case 0 or 1: Neighbour(); break;
            case 2: OneThread(); break;
            case 3: Row(); break;
            case 4 or 5: Run(); break;
            default: Count(); break;
        }
    }

    /// <summary>A word of the thread that lies some threads before or behind, where there is one.</summary>
    private void Neighbour()
    {
        int distance = random.Next(1, 20), scale = Inputs * 4;
        bool before = random.Next(2) == 0, signed = random.Next(2) == 0;
        string type = signed ? "s32" : "u32", wide = signed ? "s64.s32" : "u64.u32";
        if (before) Line($"sub.{type} %t0, %gid, {distance}");
        else Line($"add.{type} %t0, %gid, {distance}");
        if (before) Line($"setp.ge.u32 %pT, %gid, {distance}");
        else Line($"setp.lt.u32 %pT, %t0, {Threads}");
        switch (random.Next(4))
        {
            case 0: Line($"mul.wide.{type} %rdT, %t0, {scale}"); break;
            case 1:
                Line($"cvt.{wide} %rdT, %t0");
                Line($"mul.lo.s64 %rdT, %rdT, {scale}");
                break;
            case 2:
                Line($"shl.b32 %t0, %t0, 5");
                Line($"cvt.{wide} %rdT, %t0");
                break;
            default: Line($"mad.wide.{type} %rdT, %t0, {scale}, 0"); break;
        }
        Line($"add.s64 %rdT, %rdAll, %rdT");
        string load = Pick("ld.global.u32", "ld.global.nc.s32", "ld.u32", "ld.global.s16", "ld.global.u8", "ld.global.s8");
        if (random.Next(3) == 0)
        {
            int label = labels++;
            Line($"@!%pT bra near{label}");
            Line($"{load} {R()}, [%rdT+{4 * random.Next(4)}]");
            body.Append($"near{label}:\n");
        }
        else Line($"@%pT {load} {R()}, [%rdT+{4 * random.Next(4)}]");
    }

    /// <summary>One thread, or none, uses a place that all threads name alike.</summary>
    private void OneThread()
    {
        if (flags >= 60) return;
        int place = FlagsAt + 8 * flags++;
        Line($"setp.eq.u32 %pT, %gid, {(random.Next(3) == 0 ? 100000 : random.Next(Threads))}");
        if (random.Next(2) == 0)
        {
            Line($"mov.u64 %rdT, 0");
            Line($"selp.b64 %rdT, %rdScratch, %rdT, %pT");
        }
        else Line($"mov.u64 %rdT, %rdScratch");
        Line($"@%pT st.global.{Pick($"u32 [%rdT+{place}], {R()}", $"u64 [%rdT+{place}], {L()}", $"u8 [%rdT+{place}], {R()}", $"u32 [%rdT+{place}], 77", $"v2.u32 [%rdT+{place}], {{{R()}, {R()}}}")}");
        Line($"@%pT ld.global.u32 {R()}, [%rdT+{place}]");
    }

    /// <summary>The thread's own 64 bytes, in vectors and pieces.</summary>
    private void Row()
    {
        Line($"mul.wide.u32 %rdT, %gid, 64");
        Line($"add.s64 %rdT, %rdScratch, %rdT");
        string guard = random.Next(3) == 0 ? $"@{P()} " : "";
        switch (random.Next(6))
        {
            case 0: Line($"{guard}st.global.v4.u32 [%rdT+{16 * random.Next(4)}], {{{R()}, {R()}, {R()}, {R()}}}"); break;
            case 1: Line($"{guard}st.global.v2.u64 [%rdT+{16 * random.Next(4)}], {{{L()}, {L()}}}"); break;
            case 2: Line($"{guard}ld.global.v4.u32 {{{R()}, {R()}, {R()}, {R()}}}, [%rdT+{16 * random.Next(4)}]"); break;
            case 3: Line($"{guard}st.global.v4.u8 [%rdT+{4 * random.Next(16)}], {{{R()}, {R()}, {R()}, {R()}}}"); break;
            case 4: Line($"{guard}ld.global.v2.s16 {{{R()}, {R()}}}, [%rdT+{4 * random.Next(16)}]"); break;
            default: Line($"{guard}ld.global.{Pick("s8", "u8", "s16", "u16")} {R()}, [%rdT+{2 * random.Next(32)}]"); break;
        }
    }

    /// <summary>Neighbouring threads use neighbouring elements.</summary>
    private void Run()
    {
        (int bytes, int at) = random.Next(4) switch { 0 => (1, 14), 1 => (2, 12), 2 => (4, 8), _ => (8, 0) };
        Line($"mad.wide.s32 %rdT, %gid, {bytes}, {RunsAt + Threads * at}");
        Line($"add.s64 %rdT, %rdScratch, %rdT");
        string guard = random.Next(3) == 0 ? $"@{P()} " : "";
        string value = bytes == 8 ? L() : R(), type = bytes switch { 1 => Pick("u8", "s8"), 2 => Pick("u16", "s16", "b16"), 4 => Pick("u32", "b32"), _ => "u64" };
        Line($"{guard}{(random.Next(2) == 0 ? $"st.global.{type} [%rdT], {value}" : $"ld.global.{type} {value}, [%rdT]")}");
    }

    private void Count()
    {
        string operation = Pick("add.u32", "or.b32", "xor.b32", "max.s32", "min.u32", "and.b32");
        int counter = Array.IndexOf(["add.u32", "or.b32", "xor.b32", "max.s32", "min.u32", "and.b32"], operation);
        Line($"and.b32 %t0, {R()}, 1");
        Line($"mad.wide.u32 %rdT, %t0, 4, {FlagsAt + 512 + 8 * counter}");
        Line($"add.s64 %rdT, %rdScratch, %rdT");
        string guard = random.Next(3) == 0 ? $"@{P()} " : "";
        Line($"{guard}{(random.Next(2) == 0 ? $"red.global.{operation} [%rdT], {R()}" : $"atom.global.{operation} %t1, [%rdT], {R()}")}");
    }

    private void Odd()
    {
        string r = R(), a = R(), b = Ri(), c = R();
        switch (random.Next(16))
        {
            case 0: Line($"bfe.{Pick("u32", "s32")} {r}, {a}, {random.Next(34)}, {random.Next(34)}"); break;
            case 1: Line($"bfi.b32 {r}, {a}, {c}, {random.Next(34)}, {random.Next(34)}"); break;
            case 2: Line($"prmt.b32{Pick("", ".f4e", ".rc8")} {r}, {a}, {c}, {random.Next(65536)}"); break;
            case 3: Line($"lop3.b32 {r}, {a}, {c}, {R()}, {random.Next(256)}"); break;
            case 4: Line($"shf.{Pick("l", "r")}.{Pick("wrap", "clamp")}.b32 {r}, {a}, {c}, {b}"); break;
            case 5: Line($"dp4a.{Pick("u32", "s32")}.{Pick("u32", "s32")} {r}, {a}, {c}, {R()}"); break;
            case 6: Line($"{Pick("sad.s32", "sad.u32", "mad24.lo.s32", "mad24.hi.u32", "mad.hi.s32", "mad.hi.u32")} {r}, {a}, {c}, {R()}"); break;
            case 7: Line($"{Pick("bfind.u32", "bfind.s32", "bfind.shiftamt.u32")} {r}, {a}"); break;
            case 8:
                // The carry flag passes from each to the next; %t2 takes what a guard might leave out.
                Line($"add.cc.u32 %t2, {a}, {c}");
                Line($"addc.cc.u32 %t1, {R()}, {R()}");
                Line($"addc.u32 {r}, %t1, %t2");
                break;
            case 9: Line($"mul24.{Pick("lo", "hi")}.{Pick("s32", "u32")} {r}, {a}, {c}"); break;
            case 10: Line($"set.{Pick("lt", "ge")}.{Pick("u32", "s32")}.{Pick("s32", "u32")} {r}, {a}, {c}"); break;
            case 11: Line($"slct.{Pick("b32", "u32")}.s32 {r}, {a}, {c}, {R()}"); break;
            case 12: Line($"{Pick("add.sat.s32", "sub.sat.s32")} {r}, {a}, {c}"); break;
            case 13: Line($"cvt.sat.{Pick("u8.s32", "s8.s32", "s16.s32", "u16.s32", "u32.s32", "s16.u32")} {r}, {a}"); break;
            case 14: Line($"setp.{Pick("lt", "gt")}.s32 {P()}|%pT, {a}, {c}"); break;
            default: Line($"{Pick("add.rz.f32", "mul.rp.f32", "sub.rm.f32", "div.rz.f32", "copysign.f32")} {F()}, {F()}, {F()}"); break;
        }
    }
}
