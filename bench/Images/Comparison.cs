using MmKernels.Data.Images;

namespace MmKernels.Bench;

/// <summary>Random pictures of 1 to 89 pixels a side, encoded by libturbojpeg in every sampling, quality and process, decoded by both; every byte must be the same.</summary>
internal static class Comparison
{
    private static readonly (int Code, string Name)[] samplings = [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0"), (4, "4:4:0"), (5, "4:1:1")];

    public static int Run(int count)
    {
        if (TurboJpeg.Load() is not { } turbo)
        {
            Console.Error.WriteLine("libturbojpeg is not on this machine (Debian: apt install libturbojpeg0)");
            return 1;
        }
        var random = new Random(1);
        int different = 0;
        for (int i = 0; i < count; i++)
        {
            int width = random.Next(1, 90), height = random.Next(1, 90), quality = random.Next(1, 101);
            (int code, string name) = samplings[random.Next(samplings.Length)];
            bool progressive = random.Next(2) == 0;
            byte[] jpeg = turbo.Encode(Content(random, width * height * 3), width, height, code, quality, progressive);
            var expected = new byte[width * height * 3];
            turbo.Decode(jpeg, expected, width, height);
            if (ImageFile.Decode(jpeg).Pixels.SequenceEqual(expected)) continue;
            different++;
            Console.WriteLine($"picture {i}: {width} x {height} {name} q{quality}{(progressive ? " progressive" : "")} differs");
        }
        Console.WriteLine($"{count} random JPEG pictures: {different} differ from libturbojpeg's");
        return different == 0 ? 0 : 1;
    }

    /// <summary>Noise, a ramp, or black and white: the last makes the inverse DCT overshoot the most.</summary>
    private static byte[] Content(Random random, int length)
    {
        var bytes = new byte[length];
        int kind = random.Next(3);
        for (int i = 0; i < length; i++) bytes[i] = kind switch { 0 => (byte)random.Next(256), 1 => (byte)(i * 7 >> 3), _ => (byte)(random.Next(2) * 255) };
        return bytes;
    }
}
