using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cases;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

public class InterpreterSanitizerTests
{
    private const int OutOfBounds = 321, Misaligned = 322, Uninitialised = 323, Race = 324, Divergent = 320;

    /// <summary>
    /// Faults by name: the error's number, and a body over `input` (64 written f32), `output` (64 f32) and `empty` (64 f32 that nobody wrote).
    /// %r0 is the thread of 64, %rd1, %rd2 and %rd3 the pointers, %rd4 the thread's byte offset, %f0 its input.
    /// </summary>
    private static readonly Dictionary<string, (int Number, string Body)> faults = new()
    {
        ["load beyond the end"] = (OutOfBounds, "add.u64 %rd5, %rd1, %rd4; ld.global.f32 %f1, [%rd5+4];"),
        ["store before the start"] = (OutOfBounds, "st.global.f32 [%rd2-4], %f0;"),
        ["vector store across the end"] = (OutOfBounds, "st.global.v4.f32 [%rd2+256], {%f0, %f0, %f0, %f0};"),
        ["generic load far away"] = (OutOfBounds, "ld.f32 %f1, [%rd1+65540];"),
        ["load through null"] = (OutOfBounds, "mov.u64 %rd5, 0; ld.global.f32 %f1, [%rd5];"),
        ["atomic beyond the end"] = (OutOfBounds, "atom.global.add.f32 %f1, [%rd1+256], %f0;"),
        ["shared beyond its size"] = (OutOfBounds, "st.shared.f32 [tile+1024], %f0;"),
        ["shared with a negative index"] = (OutOfBounds, "mov.u32 %r1, tile; st.shared.f32 [%r1+-4], %f0;"),
        ["local beyond its size"] = (OutOfBounds, "st.local.f32 [scratch+65536], %f0;"),
        ["asynchronous copy from beyond the end"] = (OutOfBounds, "mov.u32 %r1, tile; cp.async.cg.shared.global [%r1], [%rd1+256], 16;"),
        ["constant table beyond its end"] = (OutOfBounds, "mov.u64 %rd5, table; add.u64 %rd5, %rd5, %rd4; ld.const.f32 %f1, [%rd5];"),

        ["load at an odd address"] = (Misaligned, "ld.global.f32 %f1, [%rd1+2];"),
        ["vector load at half its alignment"] = (Misaligned, "ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+8];"),
        ["shared store at an odd address"] = (Misaligned, "st.shared.f32 [tile+1], %f0;"),
        ["atomic at an odd address"] = (Misaligned, "red.global.add.u32 [%rd1+2], 1;"),
        ["copy of 16 bytes at a multiple of 8"] = (Misaligned, "mov.u32 %r1, tile; cp.async.cg.shared.global [%r1], [%rd1+8], 16;"),

        ["store of a register that nothing wrote"] = (Uninitialised, "st.global.f32 [%rd2], %f9;"),
        ["store of a value written on one path only"] = (Uninitialised, "setp.lt.u32 %p1, %r0, 20; @%p1 mov.f32 %f9, 0f3F800000; add.f32 %f9, %f9, %f0; add.u64 %rd5, %rd2, %rd4; st.global.f32 [%rd5], %f9;"),
        ["branch on a predicate that nothing wrote"] = (Uninitialised, "@%p3 bra END;"),
        ["branch on a comparison with an unwritten register"] = (Uninitialised, "setp.gt.s32 %p1, %r9, 0; @%p1 bra END;"),
        ["address from an unwritten register"] = (Uninitialised, "add.u64 %rd5, %rd1, %rd9; ld.global.f32 %f1, [%rd5];"),
        ["shared memory that nobody wrote"] = (Uninitialised, "ld.shared.f32 %f1, [tile]; st.global.f32 [%rd2], %f1;"),
        ["shared memory written in part"] = (Uninitialised, "st.shared.u8 [tile], 1; bar.sync 0; ld.shared.u32 %r1, [tile]; st.global.u32 [%rd2], %r1;"),
        ["local memory that nobody wrote"] = (Uninitialised, "ld.local.f32 %f1, [scratch]; st.global.f32 [%rd2], %f1;"),
        ["global memory that nobody wrote"] = (Uninitialised, "ld.global.f32 %f1, [%rd3]; st.global.f32 [%rd2], %f1;"),
        ["reduction that starts without a value"] = (Uninitialised, "add.f32 %f9, %f9, %f0; st.global.f32 [%rd2], %f9;"),
        ["half of a packed register"] = (Uninitialised, "mov.b32 %r1, {%rs1, %rs2}; st.global.u32 [%rd2], %r1;"),
        ["atomic on memory that nobody wrote"] = (Uninitialised, "red.global.add.u32 [%rd3], 1;"),
        ["shuffle from a lane that takes no part"] = (Uninitialised, "setp.ge.u32 %p1, %r0, 8; @%p1 bra END; shfl.sync.idx.b32 %r1, %r0, 20, 31, 255; st.global.u32 [%rd2], %r1;"),

        ["write and read by other warps without a barrier"] = (Race, "add.u32 %r1, %r5, 0; st.shared.f32 [%r5], %f0; xor.b32 %r1, %r5, 128; ld.shared.f32 %f1, [%r1];"),
        ["write and read by other lanes without a barrier"] = (Race, "st.shared.f32 [%r5], %f0; xor.b32 %r1, %r5, 4; ld.shared.f32 %f1, [%r1];"),
        ["two threads write different values"] = (Race, "st.shared.u32 [tile], %r0;"),
        ["overwritten before others have read"] = (Race, "st.shared.f32 [%r5], %f0; bar.sync 0; xor.b32 %r1, %r5, 128; ld.shared.f32 %f1, [%r1]; st.shared.f32 [%r5], %f1;"),
        ["one barrier per iteration where two are needed"] = (Race, "mov.u32 %r1, 0; LOOP: st.shared.f32 [%r5], %f0; bar.sync 0; xor.b32 %r2, %r5, 128; ld.shared.f32 %f1, [%r2]; add.u32 %r1, %r1, 1; setp.lt.u32 %p1, %r1, 3; @%p1 bra LOOP;"),
        ["warps that wait at barriers of their own"] = (Race, "st.shared.f32 [%r5], %f0; shr.u32 %r1, %r0, 5; add.u32 %r1, %r1, 1; bar.sync %r1, 32; xor.b32 %r2, %r5, 128; ld.shared.f32 %f1, [%r2];"),
        ["bytes next to each other are no race, the same byte is"] = (Race, "add.u32 %r1, %r4, %r0; st.shared.u8 [%r1], %r0; setp.eq.u32 %p1, %r0, 40; @%p1 st.shared.u8 [tile], %r0;"),
        ["asynchronous copy that is not waited for"] = (Race, "shl.b32 %r1, %r0, 4; add.u32 %r1, %r1, %r4; cp.async.ca.shared.global [%r1], [%rd1], 16; cp.async.commit_group; ld.shared.f32 %f1, [%r1];"),
        ["asynchronous copy of another thread behind a wait only"] = (Race, "shl.b32 %r1, %r0, 4; add.u32 %r1, %r1, %r4; cp.async.ca.shared.global [%r1], [%rd1], 16; cp.async.wait_all; xor.b32 %r2, %r1, 512; ld.shared.f32 %f1, [%r2];"),
        ["arrival without waiting"] = (Race, "setp.lt.u32 %p1, %r0, 32; @%p1 bra FIRST; st.shared.f32 [tile], %f0; bar.arrive 1, 64; bra END; FIRST: bar.arrive 1, 64; ld.shared.f32 %f1, [tile];"),

        ["barrier in half of a warp"] = (Divergent, "setp.lt.u32 %p1, %r0, 16; @!%p1 bra END2; bar.sync 0; bra END; END2: bar.sync 1;"),
        ["barriers of two branches"] = (Divergent, "setp.lt.u32 %p1, %r0, 32; @%p1 bra A; bar.sync 0; bra END; A: bar.sync 0;"),
        ["barrier that nobody else reaches"] = (Divergent, "setp.lt.u32 %p1, %r0, 32; @%p1 bra A; bar.sync 1, 64; bra END; A: bar.sync 2, 64;"),
        ["full-mask shuffle in half of a warp"] = (Divergent, "setp.lt.u32 %p1, %r0, 16; @!%p1 bra SPIN; shfl.sync.bfly.b32 %r1, %r0, 1, 31, -1; bra END; SPIN: bar.sync 0;"),
    };

    public static TheoryData<string> Faults() => [.. faults.Keys];

    public static TheoryData<string> Cases() => [.. PtxCases.Folders()];

    [Theory]
    [MemberData(nameof(Faults))]
    public void SeededFault_IsFound(string name)
    {
        (int number, string body) = faults[name];
        MmkException error = Assert.Throws<MmkException>(() => Run(body));
        Assert.Equal(number, error.Number);
        Assert.Contains("Kernel.cs(31)", error.Message);
    }

    [Theory]
    [InlineData("load beyond the end", "`input`")]
    [InlineData("store before the start", "`output`")]
    [InlineData("constant table beyond its end", "table")]
    [InlineData("shared memory that nobody wrote", "the stored value has no value")]
    [InlineData("two threads write different values", "`tile`")]
    [InlineData("shared store at an odd address", "0x1")]
    public void FoundFault_NamesTheMemory(string name, string named)
        => Assert.Contains(named, Assert.Throws<MmkException>(() => Run(faults[name].Body)).Message);

    [Theory]
    [InlineData("st.shared.f32 [%r5], %f0; bar.sync 0; xor.b32 %r1, %r5, 128; ld.shared.f32 %f1, [%r1]; st.global.f32 [%rd2], %f1;")]
    [InlineData("st.shared.f32 [%r5], %f0; bar.warp.sync -1; xor.b32 %r1, %r5, 4; ld.shared.f32 %f1, [%r1];")]
    [InlineData("st.shared.u32 [tile], 7;")]
    [InlineData("mov.b32 %r1, {%rs1, %rs2}; and.b32 %r1, %r1, 0; st.global.u32 [%rd2], %r1;")]
    [InlineData("xor.b32 %r9, %r9, %r9; st.global.u32 [%rd2], %r9;")]
    [InlineData("setp.lt.u32 %p1, %r0, 32; @%p1 bra FIRST; st.shared.f32 [tile], 0f3F800000; bar.arrive 1, 64; bra END; FIRST: bar.sync 1, 64; ld.shared.f32 %f1, [tile];")]
    public void SoundKernel_RaisesNoAlarm(string body) => Run(body);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void CorpusCase_RaisesNoAlarm(string folder)
    {
        PtxCase test = PtxCase.Read(folder);
        Skip.If(test.Grid.Count * test.Block.Count > 2048, "large: its instructions are those of smaller cases");
        using var device = new InterpreterDevice(new InterpreterOptions(Sanitize: true));
        PtxCaseResult result;
        try { result = PtxCaseRunner.Run(device, test); }
        catch (MmkException e) when (test.Optional && e.Number == 310)
        {
            throw new SkipException($"optional case refused: {e.Message}");
        }
        Assert.True(result.Passed, string.Join("; ", result.Differences));
    }

    private static void Run(string body)
    {
        string ptx = $$"""
            .version 8.0
            .target sm_80
            .address_size 64
            .file 1 "src/Kernel.cs"
            .const .align 4 .f32 table[4] = {0f3F800000, 0f3F800000, 0f3F800000, 0f3F800000};
            .visible .entry k(.param .u64 input, .param .u64 output, .param .u64 empty)
            {
            .reg .pred %p<4>; .reg .b16 %rs<4>; .reg .b32 %r<10>; .reg .f32 %f<10>; .reg .b64 %rd<10>;
            .shared .align 16 .b8 tile[1024];
            .local .align 16 .b8 scratch[64];
            .loc 1 31 5
            ld.param.u64 %rd1, [input]; ld.param.u64 %rd2, [output]; ld.param.u64 %rd3, [empty];
            mov.u32 %r0, %tid.x; mul.wide.u32 %rd4, %r0, 4; add.u64 %rd8, %rd1, %rd4; ld.global.f32 %f0, [%rd8];
            mov.u16 %rs1, 1; mov.u32 %r4, tile; shl.b32 %r5, %r0, 2; add.u32 %r5, %r5, %r4;
            {{body}}
            END: ret;
            }
            """;
        using var device = new InterpreterDevice(new InterpreterOptions(Sanitize: true, InstructionLimit: 1_000_000));
        using DeviceModule module = device.Load(ptx);
        using DeviceBuffer input = device.Allocate(256), output = device.Allocate(256), empty = device.Allocate(256);
        device.Write(input, 0, MemoryMarshal.AsBytes<float>(Enumerable.Range(0, 64).Select(i => (float)i).ToArray()));
        device.Launch(module.GetKernel("k"), 1, 64, 0, MemoryMarshal.AsBytes<ulong>(new[] { input.Address, output.Address, empty.Address }));
    }
}
