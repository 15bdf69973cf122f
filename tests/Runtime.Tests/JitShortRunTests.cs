namespace MmKernels.Tests;

/// <summary>Neighbouring lanes that read and write neighbouring bytes and halves, all of them or those of a mask, give the interpreter's bits.</summary>
public class JitShortRunTests
{
    public static TheoryData<int, string> Types()
    {
        var data = new TheoryData<int, string>();
        foreach (int lanes in new[] { 16, 8, 4 })
            foreach (string type in new[] { "u8", "s8", "b8", "u16", "s16", "b16" }) data.Add(lanes, type);
        return data;
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MaskedRuns_TouchTheirLanesOnly(int lanes, string type)
    {
        int bytes = type.EndsWith("16", StringComparison.Ordinal) ? 2 : 1;
        string body = $"""
            mul.wide.u32 %x, %lane, {8 - bytes};
            sub.u64 %from, %in, %x;
            sub.u64 %to, %out, %x;
            ld.global.b32 %m, [%in+512];
            and.b32 %m, %m, 3;
            setp.eq.u32 %p, %m, 0;
            ld.global.{type} %r, [%from];
            mov.b32 %s, 77;
            @!%p ld.global.{type} %s, [%from+128];
            st.global.b32 [%out+1024], %r;
            st.global.b32 [%out+1280], %s;
            @%p st.global.b{8 * bytes} [%to], %r;
            @!%p bra skip;
            ld.global.{type} %s, [%from+256];
            add.s32 %s, %s, %r;
            st.global.b{8 * bytes} [%to+256], %s;
            skip:
            st.global.b{8 * bytes} [%to+512], %s;
            """;
        BitForBit.Check(lanes, body, ".reg .b32 %r; .reg .b32 %s; .reg .b32 %m; .reg .b64 %x; .reg .b64 %from; .reg .b64 %to; .reg .pred %p;", seed =>
        {
            var input = new byte[16 * 256];
            new Random(seed).NextBytes(input);
            return input;
        });
    }
}
