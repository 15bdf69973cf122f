using MmKernels.Models;

namespace MmKernels.Tests;

public class RelativeBiasTests
{
    /// <summary>Where the buckets begin, as PyTorch's arithmetic of T5Attention._relative_position_bucket gives them: first distance : bucket.</summary>
    [Theory]
    [InlineData(32, 128, true, "-131:15 -90:14 -63:13 -45:12 -31:11 -22:10 -15:9 -11:8 -7:7 -6:6 -5:5 -4:4 -3:3 -2:2 -1:1 0:0 "
        + "1:17 2:18 3:19 4:20 5:21 6:22 7:23 8:24 12:25 16:26 23:27 32:28 46:29 64:30 91:31")]
    [InlineData(32, 128, false, "-131:31 -112:30 -98:29 -86:28 -76:27 -66:26 -58:25 -51:24 -45:23 -39:22 -34:21 -30:20 -26:19 -23:18 -20:17 -18:16 "
        + "-15:15 -14:14 -13:13 -12:12 -11:11 -10:10 -9:9 -8:8 -7:7 -6:6 -5:5 -4:4 -3:3 -2:2 -1:1 0:0")]
    [InlineData(8, 20, true, "-23:3 -6:2 -1:1 0:0 1:5 2:6 7:7")]
    [InlineData(8, 20, false, "-23:7 -13:6 -8:5 -5:4 -3:3 -2:2 -1:1 0:0")]
    [InlineData(12, 1000, false, "-1003:11 -426:10 -181:9 -77:8 -33:7 -14:6 -5:5 -4:4 -3:3 -2:2 -1:1 0:0")]
    public void Bucket_OfEveryDistance_IsTheReferences(int buckets, int maxDistance, bool bidirectional, string starts)
    {
        var spec = new RelativeBiasSpec("", 1, buckets, maxDistance, bidirectional);
        (int Distance, int Bucket)[] ranges = [.. starts.Split(' ').Select(start => (int.Parse(start.Split(':')[0]), int.Parse(start.Split(':')[1])))];

        for (int distance = -maxDistance - 3; distance <= maxDistance + 3; distance++)
            Assert.Equal((distance, ranges.Last(range => range.Distance <= distance).Bucket), (distance, spec.Bucket(distance)));
    }
}
