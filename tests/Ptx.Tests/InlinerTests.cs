using MmKernels.Ptx;

namespace MmKernels.Tests;

public class InlinerTests
{
    private static PtxModule Parse(string text) => PtxText.Parse($".version 7.8\n.target sm_80\n.address_size 64\n{text}");

    private static PtxFunction? Inline(PtxModule module, out PtxInstruction? refused)
        => PtxInliner.Run(module, module.FindFunction("k")!, name => (ulong)module.Functions.FindIndex(f => f.Name == name) + 1, out refused);

    [Fact]
    public void EntryWithoutCalls_IsItself()
    {
        PtxModule module = Parse(".entry k() { ret; }");
        Assert.Same(module.Functions[0], Inline(module, out _));
    }

    [Fact]
    public void ScalarArguments_BecomeRegisters()
    {
        PtxModule module = Parse("""
            .func (.param .b32 r) f(.param .b32 a) { .reg .b32 %r<3>; ld.param.u32 %r1, [a]; add.u32 %r2, %r1, 1; st.param.b32 [r], %r2; ret; }
            .entry k() { .reg .b32 %r<3>; { .param .b32 x; .param .b32 y; st.param.b32 [x], 4; call (y), f, (x); ld.param.u32 %r1, [y]; } ret; }
            """);
        PtxFunction inlined = Inline(module, out _)!;
        Assert.Empty(inlined.Variables);
        Assert.DoesNotContain(inlined.Body, s => s is PtxInstruction { Opcode: PtxOpcode.Call or PtxOpcode.Ld or PtxOpcode.St });
    }

    [Fact]
    public void SlotsWhoseAddressIsTaken_StayInLocalMemory()
    {
        PtxModule module = Parse("""
            .func f(.param .align 4 .b8 a[8]) { .reg .b64 %rd<3>; .reg .b32 %r<2>; mov.b64 %rd1, a; ld.param.u32 %r1, [%rd1+4]; ret; }
            .entry k() { { .param .align 4 .b8 x[8]; st.param.b32 [x+4], 4; call f, (x); } ret; }
            """);
        PtxFunction inlined = Inline(module, out _)!;
        Assert.Equal(PtxSpace.Local, Assert.Single(inlined.Variables).Space);
        Assert.Equal(["st.local.b32", "mov.b64", "ld.local.u32"], inlined.Body.OfType<PtxInstruction>().Where(i => i.Operands.Length == 2).Select(i => i.Operation.Text));
    }

    [Fact]
    public void Recursion_IsRefused_WithTheCall()
    {
        PtxModule module = Parse("""
            .func g;
            .func f() { call g; ret; }
            .func g() { call f; ret; }
            .entry k()
            {
                call f;
                ret;
            }
            """);
        Assert.Null(Inline(module, out PtxInstruction? refused));
        Assert.Equal(6, refused!.Line);
    }

    [Fact]
    public void CallsThatWouldDoubleTheCodeAgainAndAgain_AreRefused()
    {
        string functions = ".func f0() { .reg .b32 %r<2>; mov.u32 %r1, 1; ret; }\n";
        for (int i = 1; i < 60; i++) functions += $".func f{i}() {{ call f{i - 1}; call f{i - 1}; ret; }}\n";
        Assert.Null(Inline(Parse(functions + ".entry k() { call f59; ret; }"), out PtxInstruction? refused));
        Assert.NotNull(refused);
    }
}
