using MmKernels.Ptx;

namespace MmKernels.Tests;

public class HostileTextTests
{
    private static readonly string[] pieces =
        ["{", "}", ";", "<999999999>", "[2147483647]", "0f", "-", "@", ".reg", ".v4", "\"", "/*", "%r1", "|", "(", ")", "\0", "é", "= {{{{", ".branchtargets", "::", "generic(", "+1"];

    [Fact]
    public void MutatedFiles_EitherLoadOrFailWithANumberedError()
    {
        var random = new Random(20260101);
        string[] files = [.. Corpus.Cases().Where((_, i) => i % 4 == 0).Select(f => File.ReadAllText(Path.Combine(f, "kernel.ptx"))).Where(t => t.Length < 20000)];
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            string text = files[random.Next(files.Length)];
            for (int i = random.Next(1, 4); i > 0; i--) text = Mutate(text, random);
            try { PtxVerifier.Verify(PtxText.Parse(text)); }
            catch (MmkException e) when (e.Number is >= 100 and < 200) { refused++; }
        }
        Assert.InRange(refused, 1000, 3000);
    }

    [Theory]
    [InlineData(".reg .b32 %r<2000000000>;")]
    [InlineData(".local .b8 a[2147483647][2147483647][2147483647];")]
    [InlineData(".shared .align 3 .b8 a[4];")]
    [InlineData(".reg .f32 %f<3>; add.f32 %f0, %f01, %f2;")]
    public void Declarations_BeyondAnyMachine_AreRefused(string line)
        => Assert.Throws<MmkException>(() => PtxText.Parse($".version 8.0\n.target sm_80\n.address_size 64\n.entry k() {{\n{line}\n}}"));

    [Fact]
    public void Scopes_NestedAMillionDeep_AreRefused()
        => Assert.Throws<MmkException>(() => PtxText.Parse($".version 8.0\n.target sm_80\n.entry k() {new string('{', 1_000_000)}"));

    [Fact]
    public void Initialisers_NestedAMillionDeep_AreRefused()
        => Assert.Throws<MmkException>(() => PtxText.Parse($".version 8.0\n.target sm_80\n.global .b8 a[4] = {new string('{', 1_000_000)}"));

    private static string Mutate(string text, Random random)
    {
        if (text.Length == 0) return text;
        int at = random.Next(text.Length);
        return random.Next(4) switch
        {
            0 => text.Remove(at, Math.Min(random.Next(1, 30), text.Length - at)),
            1 => text.Insert(at, pieces[random.Next(pieces.Length)]),
            2 => text[..at],
            _ => text.Insert(at, text[..Math.Min(text.Length, random.Next(1, 60))]),
        };
    }
}
