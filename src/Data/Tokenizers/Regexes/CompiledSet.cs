namespace MmKernels.Data.Tokenizers;

/// <summary>A set of code points with bitmaps of the pages that text has touched. Safe for several threads: a page is published whole.</summary>
internal sealed class CompiledSet(CodePointSet set)
{
    private readonly ulong[]?[] pages = new ulong[]?[256];   // of 256 code points each: the basic plane

    public bool Contains(int code)
    {
        if (code >= 0x10000) return set.Contains(code);
        ulong[] page = pages[code >> 8] ?? MakePage(code >> 8);
        return (page[code >> 6 & 3] >> (code & 63) & 1) != 0;
    }

    private ulong[] MakePage(int index)
    {
        var page = new ulong[4];
        for (int i = 0; i < 256; i++)
            if (set.Contains(index << 8 | i)) page[i >> 6] |= 1UL << (i & 63);
        return pages[index] = page;
    }
}
