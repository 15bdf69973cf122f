using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MmKernels.Fuzz;

/// <summary>Processor time of the calling thread: a parser is not slow because the machine is busy. Wall time where the system has no such clock.</summary>
public static partial class ThreadClock
{
    private const int LinuxThreadTime = 3, MacThreadTime = 16;   // CLOCK_THREAD_CPUTIME_ID

    public static double Milliseconds
    {
        get
        {
            int clock = OperatingSystem.IsLinux() ? LinuxThreadTime : OperatingSystem.IsMacOS() ? MacThreadTime : -1;
            if (clock >= 0 && Environment.Is64BitProcess && GetTime(clock, out Time time) == 0) return (time.Seconds * 1e3) + (time.Nanoseconds / 1e6);
            return Stopwatch.GetTimestamp() * 1e3 / Stopwatch.Frequency;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
