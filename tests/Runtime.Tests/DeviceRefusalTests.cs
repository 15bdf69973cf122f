using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>Bad input is refused with a number, the values and what to do, on every device that runs here; afterwards the device goes on.</summary>
public class DeviceRefusalTests
{
    private const string Kernel = """
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry k(.param .u64 output, .param .u32 n) .maxntid 128, 1, 1
        {
            .reg .b64 %rd<2>; .reg .b32 %r<2>;
            .shared .align 4 .b8 tile[1024];
            ld.param.u64 %rd1, [output];
            ld.param.u32 %r1, [n];
            st.global.u32 [%rd1], %r1;
            ret;
        }
        """;

    public static TheoryData<string> Devices() => ["cpu", "interpreter"];

    private static Device Open(string name) => name == "cpu" ? new CpuDevice(new CpuOptions { Threads = 1 }) : new InterpreterDevice();

    [Theory, MemberData(nameof(Devices))]
    public void Refusals_HaveNumberValuesAndHint_AndTheDeviceGoesOn(string name)
    {
        using Device device = Open(name), other = Open(name);
        using DeviceModule module = device.Load(Kernel);
        DeviceKernel kernel = module.GetKernel("k");
        using DeviceBuffer output = device.Allocate(16);
        var parameters = new byte[kernel.ParameterBytes];
        BitConverter.TryWriteBytes(parameters, output.Address);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), 41);

        Check(302, "freed", () => { DeviceBuffer freed = device.Allocate(64); freed.Dispose(); device.Write(freed, 0, [1]); });
        Check(302, "freed", () => { DeviceBuffer freed = device.Allocate(64); freed.Dispose(); _ = freed.Address; });
        Check(303, "another device", () => other.Write(output, 0, [1]));
        Check(303, "another device", () => other.Launch(kernel, 1, 32, 0, parameters));
        Check(304, "bytes 8 to 17", () => device.Read(output, 8, new byte[9]));
        Check(304, "-1", () => device.Fill(output, -1, 1, 0));
        Check(305, "`other`", () => module.GetKernel("other"));
        Check(306, "129", () => device.Launch(kernel, 1, 129, 0, parameters));
        Check(306, "0x1x1", () => device.Launch(kernel, new Dim3(0), 32, 0, parameters));
        Check(307, "1049600", () => device.Launch(kernel, 1, 32, 1 << 20, parameters));
        Check(301, "-4", () => device.Launch(kernel, 1, 32, -4, parameters));
        Check(308, "8 bytes", () => device.Launch(kernel, 1, 32, 0, parameters.AsSpan(0, 8)));
        Check(300, "1152921504606846976", () => device.Allocate(1L << 60));
        Check(301, "-1", () => device.Allocate(-1));
        Check(100, "PTX line 2", () => device.Load(".version 7.8\n.target"));
        Check(103, "PTX line 4", () => device.Load(".version 7.8\n.target sm_80\n.address_size 64\n.entry k() { addd.f32 a, b; }"));

        device.Launch(kernel, 1, 32, 0, parameters);
        var word = new byte[4];
        device.Read(output, 0, word);
        Assert.Equal(41, BitConverter.ToInt32(word));
    }

    [Theory, MemberData(nameof(Devices))]
    public void ClosedDevicesAndModules_SaySo(string name)
    {
        Device device = Open(name);
        DeviceModule module = device.Load(Kernel);
        DeviceKernel kernel = module.GetKernel("k");
        module.Dispose();
        Check(309, "closed", () => device.Launch(kernel, 1, 32, 0, new byte[12]));
        device.Dispose();
        Check(309, "closed", () => device.Allocate(1));
        Check(309, "closed", () => device.Load(Kernel));
    }

    private static void Check(int number, string values, Action action)
    {
        MmkException refusal = Assert.Throws<MmkException>(action);
        Assert.Equal(number, refusal.Number);
        Assert.Contains(values, refusal.Problem);
        Assert.False(string.IsNullOrEmpty(refusal.Hint), refusal.Message);
    }
}
