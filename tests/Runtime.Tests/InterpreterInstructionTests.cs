using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>Instructions that the conformance corpus does not have, against values from the PTX ISA's definitions.</summary>
public class InterpreterInstructionTests
{
    [Theory]
    [InlineData("fns.b32 %r1, 0x000000F0, 5, 2;", 6u)]
    [InlineData("fns.b32 %r1, 0x000000F0, 7, -3;", 5u)]
    [InlineData("fns.b32 %r1, 0x000000F0, 9, 1;", 0xFFFFFFFFu)]
    [InlineData("bmsk.clamp.b32 %r1, 28, 9;", 0xF0000000u)]
    [InlineData("bmsk.wrap.b32 %r1, 36, 3;", 0x70u)]
    [InlineData("szext.clamp.s32 %r1, 0xC, 4;", 0xFFFFFFFCu)]
    [InlineData("szext.clamp.u32 %r1, 0xFFFF, 4;", 0xFu)]
    [InlineData("brev.b32 %r1, 0x80000001;", 0x80000001u)]
    [InlineData("brev.b32 %r1, 6;", 0x60000000u)]
    [InlineData("bfind.u32 %r1, 0;", 0xFFFFFFFFu)]
    [InlineData("bfind.shiftamt.s32 %r1, -2;", 31u)]
    [InlineData("lop3.b32 %r1, 0xF0F0F0F0, 0xCCCCCCCC, 0xAAAAAAAA, 0xE8;", 0xE8E8E8E8u)]
    [InlineData("prmt.b32.f4e %r1, 0x33221100, 0x77665544, 3;", 0x66554433u)]
    [InlineData("prmt.b32.b4e %r1, 0x33221100, 0x77665544, 0;", 0x55667700u)]
    [InlineData("prmt.b32.ecl %r1, 0x33221100, 0, 2;", 0x33222222u)]
    [InlineData("prmt.b32.ecr %r1, 0x33221100, 0, 1;", 0x11111100u)]
    [InlineData("prmt.b32.rc16 %r1, 0x33221100, 0, 1;", 0x33223322u)]
    [InlineData("prmt.b32 %r1, 0x80FF7F00, 0, 0xBA98;", 0xFFFF0000u)]
    [InlineData("shf.l.clamp.b32 %r1, 0x12345678, 0x9ABCDEF0, 40;", 0x12345678u)]
    [InlineData("shf.r.clamp.b32 %r1, 0x12345678, 0x9ABCDEF0, 40;", 0x9ABCDEF0u)]
    [InlineData("mul24.hi.u32 %r1, 0xFFFFFF, 0xFFFFFF;", 0xFFFFFE00u)]
    [InlineData("mul24.lo.s32 %r1, 0xFFFFFF, 3;", 0xFFFFFFFDu)]
    [InlineData("mad.hi.sat.s32 %r1, 0x40000000, 8, 0x7FFFFFFF;", 0x7FFFFFFFu)]
    [InlineData("vadd4.u32.u32.u32 %r1, 0xFF01FF01, 0x01010101, 0;", 0x00020002u)]
    [InlineData("vadd4.u32.u32.u32.sat %r1, 0xFF01FF01, 0x01010101, 0;", 0xFF02FF02u)]
    [InlineData("vsub4.s32.s32.s32.sat %r1, 0x80000000, 0x01000000, 0;", 0x80000000u)]
    [InlineData("vavrg4.u32.u32.u32 %r1, 0x04030201, 0x00000000, 0;", 0x02020101u)]
    [InlineData("vmax2.s32.s32.s32 %r1, 0xFFFF0001, 0x00000002, 0;", 0x00000002u)]
    [InlineData("vabsdiff2.u32.u32.u32.add %r1, 0x00030005, 0x00010009, 100;", 106u)]
    [InlineData("vset4.u32.u32.eq %r1, 0x01020304, 0x01000300, 0;", 0x01000100u)]
    [InlineData("cvt.rn.satfinite.e4m3x2.f32 %rs1, 0f43E00000, 0fBF800000; mov.b32 %r1, {%rs1, 0};", 0x7EB8u)]
    [InlineData("mov.b16 %rs1, 0x7EB8; cvt.rn.f16x2.e4m3x2 %r1, %rs1;", 0x5F00BC00u)]
    [InlineData("cvt.rna.tf32.f32 %r1, 0f3F801000;", 0x3F802000u)]
    [InlineData("min.xorsign.abs.f32 %f1, 0fC0000000, 0f40400000; mov.b32 %r1, %f1;", 0xC0000000u)]
    [InlineData("slct.s32.f32 %r1, 7, 9, 0f80000000;", 7u)]
    [InlineData("div.s32 %r1, 0x80000000, -1;", 0x80000000u)]
    [InlineData("rem.s32 %r1, -7, 3;", 0xFFFFFFFFu)]
    [InlineData("sad.u32 %r1, 3, 10, 100;", 107u)]
    [InlineData("cnot.b32 %r1, 0;", 1u)]
    [InlineData("add.cc.u32 %r1, 0xFFFFFFFF, 2; addc.u32 %r1, 0, 0;", 1u)]
    [InlineData("sub.cc.u32 %r1, 1, 2; subc.u32 %r1, 5, 0;", 4u)]
    [InlineData("mov.f64 %fd1, 0d4008000000000000; rsqrt.approx.f64 %fd1, %fd1; mov.b64 {%r1, %r2}, %fd1;", 0x4590331Du)]
    [InlineData("mov.f64 %fd1, 0d4008000000000000; rsqrt.approx.ftz.f64 %fd1, %fd1; mov.b64 {%r1, %r2}, %fd1;", 0u)]
    public void Instruction_GivesTheDefinedValue(string body, uint expected) => Assert.Equal(expected, Run(body, 32)[0]);

    [Fact]
    public void Movmatrix_Transposes()
    {
        uint[] got = Run("mul.lo.u32 %r2, %r0, 2; add.u32 %r3, %r2, 1; shl.b32 %r3, %r3, 16; or.b32 %r2, %r2, %r3; movmatrix.sync.aligned.m8n8.trans.b16 %r1, %r2;", 32);
        // Element (i, j) of the source is 8·i + j; lane 4·i + j/2 holds it.
        for (uint lane = 0; lane < 32; lane++)
        {
            uint i = lane / 4, j = lane % 4 * 2;
            Assert.Equal(8 * j + i | 8 * (j + 1) + i << 16, got[lane]);
        }
    }

    [Fact]
    public void Stmatrix_UndoesLdmatrix()
    {
        uint[] got = Run("""
            .shared .align 16 .b8 m[128]; mov.u32 %r4, m; shl.b32 %r5, %r0, 4; and.b32 %r5, %r5, 127; add.u32 %r5, %r5, %r4;
            stmatrix.sync.aligned.m8n8.x1.shared.b16 [%r5], {%r0}; bar.sync 0; ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%r5];
            """, 32);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => (uint)i), got);
    }

    [Fact]
    public void IndirectCall_GoesWhereEachLanePoints()
    {
        const string functions = """
            .func (.param .b32 r) twice(.param .b32 a) { .reg .b32 %x<3>; ld.param.u32 %x1, [a]; add.u32 %x2, %x1, %x1; st.param.b32 [r], %x2; ret; }
            .func (.param .b32 r) square(.param .b32 a) { .reg .b32 %x<3>; ld.param.u32 %x1, [a]; mul.lo.u32 %x2, %x1, %x1; st.param.b32 [r], %x2; ret; }
            .global .align 8 .u64 targets[2] = {twice, square};
            """;
        uint[] got = Run("""
            and.b32 %r2, %r0, 1; mul.wide.u32 %rd2, %r2, 8; mov.u64 %rd3, targets; add.u64 %rd3, %rd3, %rd2; ld.global.u64 %rd4, [%rd3];
            { .param .b32 arg0; st.param.b32 [arg0], %r0; .param .b32 back0;
              prototype_0 : .callprototype (.param .b32 _) _ (.param .b32 _);
              call (back0), %rd4, (arg0), prototype_0; ld.param.b32 %r1, [back0]; }
            """, 32, functions);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => (uint)(i % 2 == 0 ? 2 * i : i * i)), got);
    }

    [Fact]
    public void RecursiveFunction_KeepsAFramePerLane()
    {
        const string functions = """
            .func (.param .b32 r) factorial(.param .b32 n)
            {
                .reg .b32 %x<6>; .reg .pred %q;
                ld.param.u32 %x1, [n]; setp.lt.u32 %q, %x1, 2; @%q bra ONE;
                sub.u32 %x2, %x1, 1;
                { .param .b32 a; st.param.b32 [a], %x2; .param .b32 b; call.uni (b), factorial, (a); ld.param.b32 %x3, [b]; }
                mul.lo.u32 %x4, %x3, %x1; st.param.b32 [r], %x4; ret;
                ONE: st.param.b32 [r], 1; ret;
            }
            """;
        uint[] got = Run("and.b32 %r2, %r0, 7; { .param .b32 a; st.param.b32 [a], %r2; .param .b32 b; call (b), factorial, (a); ld.param.b32 %r1, [b]; }", 32, functions);
        uint[] factorials = [1, 1, 2, 6, 24, 120, 720, 5040];
        Assert.Equal(Enumerable.Range(0, 32).Select(i => factorials[i & 7]), got);
    }

    [Fact]
    public void Blocks_ThatWaitForEachOther_AllEnd()
    {
        // Every block counts up and spins until the last one has: a barrier of the whole grid.
        uint[] got = Run("atom.global.add.u32 %r2, [count], 1; SPIN: ld.volatile.global.u32 %r1, [count]; setp.lt.u32 %p1, %r1, 96; @%p1 bra SPIN;", 32, ".global .align 4 .u32 count;", grid: 3);
        Assert.All(got, value => Assert.Equal(96u, value));
    }

    [Fact]
    public void LaneThatSpins_LetsTheOthersOfItsWarpRun()
    {
        uint[] got = Run("""
            setp.ne.u32 %p1, %r0, 0; @%p1 bra GIVE;
            SPIN: ld.volatile.global.u32 %r1, [flag]; setp.eq.u32 %p2, %r1, 0; @%p2 bra SPIN; bra.uni JOIN;
            GIVE: st.volatile.global.u32 [flag], 5; mov.u32 %r1, 5; JOIN: ;
            """, 32, ".global .align 4 .u32 flag;");
        Assert.All(got, value => Assert.Equal(5u, value));
    }

    [Theory]
    [InlineData("mapa.shared::cluster.u32 %r1, %r0, 0;", "mapa")]
    [InlineData("wgmma.fence.sync.aligned;", "wgmma.fence")]
    public void UnsupportedInstruction_IsNamedWithItsLine(string body, string opcode)
    {
        MmkException error = Assert.Throws<MmkException>(() => Run(body, 32));
        Assert.Equal(310, error.Number);
        Assert.Contains(opcode, error.Message);
        Assert.Contains("PTX line", error.Message);
    }

    [Fact]
    public void LaunchErrors_LeaveTheDeviceUsable()
    {
        using var device = new InterpreterDevice();
        using DeviceModule module = device.Load(".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 o) .reqntid 32 { .reg .b64 %rd<2>; ld.param.u64 %rd1, [o]; st.global.u32 [%rd1], 7; ret; }");
        DeviceKernel kernel = module.GetKernel("k");
        DeviceBuffer freed = device.Allocate(4);
        ulong address = freed.Address;
        freed.Dispose();
        byte[] Block(ulong a) => BitConverter.GetBytes(a);
        Assert.Equal(302, Assert.Throws<MmkException>(() => freed.Address).Number);
        Assert.Equal(314, Assert.Throws<MmkException>(() => device.Launch(kernel, 1, 32, 0, Block(address))).Number);
        Assert.Equal(321, Assert.Throws<MmkException>(() => device.Launch(kernel, 1, 32, 0, Block(0))).Number);
        Assert.Equal(306, Assert.Throws<MmkException>(() => device.Launch(kernel, 1, 64, 0, Block(0))).Number);
        Assert.Equal(306, Assert.Throws<MmkException>(() => device.Launch(kernel, 0, 32, 0, Block(0))).Number);
        Assert.Equal(307, Assert.Throws<MmkException>(() => device.Launch(kernel, 1, 32, 1 << 20, Block(0))).Number);
        Assert.Equal(308, Assert.Throws<MmkException>(() => device.Launch(kernel, 1, 32, 0, [1, 2, 3])).Number);
        Assert.Equal(305, Assert.Throws<MmkException>(() => module.GetKernel("other")).Number);
        using DeviceBuffer buffer = device.Allocate(4);
        device.Launch(kernel, 1, 32, 0, Block(buffer.Address));
        var got = new byte[4];
        device.Read(buffer, 0, got);
        Assert.Equal(7, got[0]);
    }

    private static uint[] Run(string body, int threads, string module = "", int grid = 1)
    {
        string ptx = $$"""
            .version 8.4
            .target sm_90
            .address_size 64
            {{module}}
            .visible .entry k(.param .u64 output)
            {
            .reg .pred %p<4>; .reg .b16 %rs<4>; .reg .b32 %r<10>; .reg .f32 %f<10>; .reg .f64 %fd<3>; .reg .b64 %rd<10>;
            ld.param.u64 %rd1, [output]; mov.u32 %r0, %tid.x; mul.wide.u32 %rd9, %r0, 4; add.u64 %rd1, %rd1, %rd9;
            {{body}}
            st.global.u32 [%rd1], %r1;
            ret;
            }
            """;
        using var device = new InterpreterDevice(new InterpreterOptions(InstructionLimit: 200_000_000));
        using DeviceModule loaded = device.Load(ptx);
        using DeviceBuffer output = device.Allocate(threads * 4);
        device.Launch(loaded.GetKernel("k"), grid, threads, 0, BitConverter.GetBytes(output.Address));
        var got = new uint[threads];
        device.Read(output, 0, MemoryMarshal.AsBytes(got.AsSpan()));
        return got;
    }
}
